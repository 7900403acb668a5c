//! One deployment in one world.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::Either;
use futures_util::future::select;

use super::ending::Ending;
use super::named_world::NamedWorld;
use super::simulate_error::SimulateError;
use super::trial::Trial;
use crate::adapters::sim::Cloud;
use crate::adapters::sim::Executor;
use crate::adapters::sim::Exposure;
use crate::adapters::sim::Rng;
use crate::adapters::sim::Scenario;
use crate::adapters::sim::revision;
use crate::api::Deployer;
use crate::api::DeploymentHandle;
use crate::api::DeploymentRequest;
use crate::api::Error;
use crate::model::DeploymentId;
use crate::model::Ending as Ended;
use crate::model::EventKind;
use crate::model::HoldReason;
use crate::model::HolderId;
use crate::model::HookAction;
use crate::model::HookKey;
use crate::model::Plan;
use crate::model::RollbackCause;
use crate::model::Step;
use crate::ports::Clock;
use crate::store::MemoryStore;

/// Simulated time after which a deployment counts as unfinished.
const PATIENCE: Duration = Duration::from_hours(7 * 24);

/// What one run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeploymentRun {
    pub(super) ending: Ending,
    /// From the start to the end.
    pub(super) took: Duration,
    /// From the start to the decision to turn back, if it did.
    pub(super) decided: Option<Duration>,
    /// Requests that the candidate served.
    pub(super) requests: u64,
    /// Those of them that failed.
    pub(super) failed: u64,
    /// Requests that nobody served.
    pub(super) unserved: u64,
    /// Calls to the cloud's API.
    pub(super) calls: u64,
}

/// How a deployment went on after its start.
#[derive(Default)]
struct Told {
    decided: Option<Duration>,
    cause: Option<RollbackCause>,
}

/// A trial with its plan made.
#[derive(Debug)]
pub(super) struct Planned<'a> {
    trial: &'a Trial,
    plan: Plan,
}

impl<'a> Planned<'a> {
    /// Makes the plan, in a world where everything is well.
    pub(super) fn new(trial: &'a Trial) -> Result<Self, SimulateError> {
        let cloud = Cloud::new(trial.setting.scenario(0, &trial.gates));
        let plan = Plan {
            strategy: String::new(),
            steps: Vec::new(),
            gates: trial.gates.clone(),
            hooks: trial.hooks.clone(),
            notes: Vec::new(),
        };
        let unplanned = Self { trial, plan };
        // the strategy may bring gates and hooks of its own, whose code must be there too
        let shape_only = unplanned.deployer(&cloud)?;
        let request = unplanned.request(&cloud)?;
        let mut executor = Executor::new(&cloud);
        let seen = executor.block_on(shape_only.plan(&request));
        let seen = seen.ok_or(SimulateError::Standstill { seed: 0 })?;
        let plan = match seen {
            Ok(planned) => planned.plan,
            Err(error) => return Err(SimulateError::Plan(error)),
        };
        Ok(Self { trial, plan })
    }

    /// The account in a world.
    fn scenario(&self, world: NamedWorld, seed: u64) -> Scenario {
        let is_shift = |step: &&Step| matches!(step, Step::Shift { .. });
        let shifts = u32::try_from(self.plan.steps.iter().filter(is_shift).count());
        let shifts = shifts.unwrap_or(u32::MAX);
        // seeds that follow each other must not give worlds that resemble each other
        let seed = Rng::new(seed).bits();
        world.scenario(&self.trial.setting, (shifts, &self.plan.gates), seed)
    }

    fn deployer(&self, cloud: &Cloud) -> Result<Deployer, SimulateError> {
        let ports = cloud.ports(Arc::new(MemoryStore::without_bodies()));
        let mut builder = Deployer::builder(ports).holder(HolderId::new("simulation")?);
        for (id, code) in self.trial.coded(&self.plan.gates) {
            builder = builder.gate(id, code);
        }
        for hook in &self.plan.hooks {
            let go_on = |_: HookKey| async { HookAction::Continue };
            builder = builder.hook(hook.id.clone(), go_on);
        }
        builder.build().map_err(SimulateError::Plan)
    }

    fn request(&self, cloud: &Cloud) -> Result<DeploymentRequest<'a>, SimulateError> {
        let service = cloud.with(|world| world.scenario().service.clone());
        let id = DeploymentId::new("simulated")?;
        let request = DeploymentRequest::new(id, service, revision(2), &*self.trial.strategy);
        let mut request = request.limits(self.trial.limits.clone());
        for gate in &self.trial.gates {
            request = request.gate(gate.clone());
        }
        for hook in &self.trial.hooks {
            request = request.hook(hook.clone());
        }
        Ok(request)
    }

    /// Runs it once.
    pub(super) fn run(&self, world: NamedWorld, seed: u64) -> Result<DeploymentRun, SimulateError> {
        let cloud = Cloud::new(self.scenario(world, seed));
        let (deployer, request) = (self.deployer(&cloud)?, self.request(&cloud)?);
        let clock = cloud.clock();
        let mut executor = Executor::new(&cloud);
        let ran = executor.block_on(carry_out(&deployer, request, &*clock));
        let (ending, took, told) = ran.ok_or(SimulateError::Standstill { seed })?;
        Ok(cloud.with(|world| {
            world.draw_failures();
            let served = world.exposure_of(&revision(2));
            DeploymentRun {
                ending,
                took,
                decided: told.decided,
                requests: served.map_or(0, Exposure::requests),
                failed: served.map_or(0, Exposure::failed),
                unserved: world.unserved(),
                calls: world.calls_sent(),
            }
        }))
    }
}

/// Carries a deployment out from the start to the end, however it ends.
async fn carry_out(
    deployer: &Deployer,
    request: DeploymentRequest<'_>,
    clock: &dyn Clock,
) -> (Ending, Duration, Told) {
    let begun = clock.elapsed();
    let mut told = Told::default();
    let ending = match deployer.start(request).await {
        Err(error) => Ending::NotStarted(in_words(&error)),
        Ok(handle) => {
            let followed = {
                let ended = pin!(follow(&handle, clock, &mut told));
                match select(ended, clock.sleep(PATIENCE)).await {
                    Either::Left((ended, _)) => Some(ended),
                    Either::Right(_) => None,
                }
            };
            match followed {
                Some(Ok(ended)) => Ending::of(&ended, told.cause.as_ref()),
                Some(Err(error)) => Ending::Unfinished(in_words(&error)),
                None => {
                    let waiting = handle.status().waiting;
                    Ending::Unfinished(waiting.map_or_else(String::new, |it| it.to_string()))
                }
            }
        }
    };
    (ending, clock.elapsed().since(begun), told)
}

/// Follows a deployment to its end, and gives the approvals that it waits for.
async fn follow(
    handle: &DeploymentHandle,
    clock: &dyn Clock,
    told: &mut Told,
) -> Result<Ended, Error> {
    let begun = clock.wall();
    let mut events = pin!(handle.events());
    while let Some(event) = events.next().await {
        match event.kind {
            EventKind::RollbackStarted { cause } => {
                told.decided = Some(event.at.since(begun));
                told.cause = Some(cause);
            }
            EventKind::Finished { cause, .. } => told.cause = cause,
            EventKind::Holding { reason: HoldReason::Approval } => {
                // a refusal changes nothing: it is asked again or not waited for
                drop(handle.approve().await);
            }
            _ => {}
        }
    }
    handle.wait().await
}

fn in_words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut inner = std::error::Error::source(error);
    while let Some(cause) = inner {
        words = format!("{words}: {cause}");
        inner = cause.source();
    }
    words
}
