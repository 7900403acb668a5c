//! One service that ECS rolls by itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use aws_sdk_ecs::operation::update_service::UpdateServiceInput;
use aws_sdk_ecs::types::Deployment;
use aws_sdk_ecs::types::DeploymentCircuitBreaker;
use aws_sdk_ecs::types::DeploymentConfiguration;
use aws_sdk_ecs::types::DeploymentRolloutState;
use aws_sdk_ecs::types::Service;

use super::super::router::deregistration_delay;
use super::super::sdk::Operation;
use super::super::service::Ecs;
use super::super::service::ServiceDeployment;
use super::super::service::amount;
use super::super::service::at_rest;
use super::super::service::configuration;
use super::super::service::count;
use super::super::service::primary;
use super::super::service::refused;
use super::super::service::revision;
use super::super::service::scheduling;
use super::super::service::set_id;
use super::super::service::state;
use super::super::tasks::Counting;
use super::super::tasks::Holder;
use super::super::tasks::Tally;
use super::super::tasks::kinds;
use super::single_verdict::SingleVerdict;
use super::single_verdict::judge;
use super::single_verdict::was_there;
use crate::model::Baseline;
use crate::model::Delegated;
use crate::model::DelegatedState;
use crate::model::FleetObservation;
use crate::model::Primary;
use crate::model::Revision;
use crate::model::Role;
use crate::model::Subject;
use crate::model::TargetGroupArn;
use crate::model::TaskDefinitionArn;
use crate::model::TaskSetId;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// One service with the `ECS` controller, which ECS rolls by itself.
#[derive(Debug)]
pub(super) struct SingleFleet {
    ecs: Ecs,
    counting: Arc<Counting>,
    /// The deregistration delays of target groups that were read. They only say when to look.
    delays: Mutex<BTreeMap<TargetGroupArn, Duration>>,
}

/// What the service says of itself before the deployment.
fn baseline(service: &Service) -> Result<Baseline, CallError> {
    at_rest(service)?;
    // after a failed deployment that nobody took back, the one before it still serves
    let serves = service.deployments().iter().find(|one| {
        one.rollout_state() == Some(&DeploymentRolloutState::Completed) && one.running_count() > 0
    });
    let primary = primary(service);
    let failed =
        primary.filter(|primary| primary.rollout_state() == Some(&DeploymentRolloutState::Failed));
    let stable = if failed.is_some() { serves.or(primary) } else { primary };
    let id = |one: &Deployment| set_id(one.id());
    let others =
        service.deployments().iter().filter(|one| Some(one.id()) != stable.map(|s| s.id()));
    let group = service.load_balancers().iter().find_map(|one| one.target_group_arn());
    Ok(Baseline {
        stable: stable.map(id).transpose()?,
        stable_revision: stable.map(|one| revision(one.task_definition())).transpose()?,
        others: others.map(id).collect::<Result<_, _>>()?,
        stable_group: group.and_then(|group| group.parse().ok()),
        ..Baseline::new(count(service.desired_count()), scheduling(service))
    })
}

/// Whether a deployment is this crate's try: it runs the candidate and is new.
fn is_candidate(deployment: &Deployment, subject: &Subject) -> bool {
    let candidate = subject.candidate.task_definition().as_str();
    deployment.task_definition() == Some(candidate) && !was_there(deployment, subject)
}

/// The deployments that hold a role's tasks, as one.
fn holder(service: &Service, subject: &Subject, role: Role) -> Result<Option<Holder>, CallError> {
    let stable = subject.baseline.stable_revision.as_ref().map(Revision::task_definition);
    let mut own = service.deployments().iter().filter(|one| {
        let is_empty = one.running_count() + one.pending_count() + one.desired_count() == 0;
        let left = one.status() == Some("PRIMARY") || !is_empty;
        let is_candidate = is_candidate(one, subject);
        left && match role {
            Role::Candidate => is_candidate,
            Role::Stable => {
                !is_candidate && one.task_definition() == stable.map(TaskDefinitionArn::as_str)
            }
        }
    });
    let Some(first) = own.next() else { return Ok(None) };
    let rest: Vec<&Deployment> = own.collect();
    let all = || [first].into_iter().chain(rest.iter().copied());
    let sum = |of: fn(&Deployment) -> i32| all().map(|one| count(of(one))).sum();
    let draining = all().all(|one| one.status() != Some("PRIMARY") && one.desired_count() == 0);
    let group = service.load_balancers().iter().find_map(|one| one.target_group_arn());
    Ok(Some(Holder {
        id: set_id(first.id())?,
        revision: revision(first.task_definition())?,
        by_revision: true,
        starters: all().filter_map(|one| one.id().map(str::to_owned)).collect(),
        target: sum(Deployment::desired_count),
        pending: sum(Deployment::pending_count),
        running: sum(Deployment::running_count),
        draining,
        failed: sum(Deployment::failed_tasks),
        group: group.map(str::to_owned),
    }))
}

fn who_is_primary(service: &Service, subject: &Subject) -> Primary {
    let stable = subject.baseline.stable_revision.as_ref().map(Revision::task_definition);
    match primary(service) {
        None => Primary::None,
        Some(one) if is_candidate(one, subject) => Primary::Role(Role::Candidate),
        Some(one) if one.task_definition() == stable.map(TaskDefinitionArn::as_str) => {
            Primary::Role(Role::Stable)
        }
        Some(one) if was_there(one, subject) => Primary::None,
        Some(_) => Primary::Foreign,
    }
}

/// The verdict with the reasons for which its tasks stopped.
fn explained(
    delegated: Delegated,
    delegation: Option<&TaskSetId>,
    holders: &[Holder],
    tally: &Tally,
) -> Delegated {
    let own = |starter: &str| match delegation {
        Some(id) => id.as_str() == starter,
        None => holders.iter().any(|one| {
            one.revision == delegated.revision && one.starters.iter().any(|it| it == starter)
        }),
    };
    let kinds = kinds(tally.failed.values().filter(|task| own(&task.started_by)));
    let why: Vec<String> = kinds
        .iter()
        .map(|kind| format!("{} × {}: {}", kind.count, kind.code, kind.reason))
        .collect();
    let with = |reason: String| {
        if why.is_empty() { reason } else { format!("{reason} ({})", why.join("; ")) }
    };
    let state = match delegated.state {
        DelegatedState::Failed { reason } => DelegatedState::Failed { reason: with(reason) },
        DelegatedState::RolledBack { reason } => {
            DelegatedState::RolledBack { reason: with(reason) }
        }
        state => state,
    };
    Delegated { revision: delegated.revision, state }
}

/// The service's own configuration with these percentages. A breaker that is on stays as it is; one
/// that is off is switched on, with its way back.
fn rolling(service: &Service, minimum: u32, maximum: u32) -> DeploymentConfiguration {
    let mut configuration =
        configuration(service).unwrap_or_else(|| DeploymentConfiguration::builder().build());
    configuration.minimum_healthy_percent = Some(amount(minimum));
    configuration.maximum_percent = Some(amount(maximum));
    let breaker =
        configuration.deployment_circuit_breaker.take().filter(DeploymentCircuitBreaker::enable);
    let on = || DeploymentCircuitBreaker::builder().enable(true).rollback(true).build();
    configuration.deployment_circuit_breaker = Some(breaker.unwrap_or_else(on));
    configuration
}

impl SingleFleet {
    pub(crate) const fn new(ecs: Ecs, counting: Arc<Counting>) -> Self {
        Self { ecs, counting, delays: Mutex::new(BTreeMap::new()) }
    }

    /// The service as it is before the deployment.
    pub(crate) async fn baseline(&self, service: &Service) -> Result<Baseline, CallError> {
        let mut baseline = baseline(service)?;
        if let Some(group) = &baseline.stable_group {
            baseline.deregistration_delay = self.delay(group).await;
        }
        Ok(baseline)
    }

    /// How long a task that leaves goes on finishing its requests; zero where that cannot be read:
    /// without it the end is noticed later, or with more calls.
    async fn delay(&self, group: &TargetGroupArn) -> Duration {
        let known = || self.delays.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(delay) = known().get(group) {
            return *delay;
        }
        let elb = &self.ecs.clients.elb;
        let ask = || elb.describe_target_group_attributes().target_group_arn(group.as_str()).send();
        let read = self.ecs.look().calls.read(Operation::DescribeTargetGroupAttributes, ask).await;
        match read {
            Ok(answer) => {
                let delay = deregistration_delay(answer.attributes());
                known().insert(group.clone(), delay);
                delay
            }
            Err(error) => {
                tracing::warn!(%error, "the deregistration delay cannot be read");
                Duration::ZERO
            }
        }
    }

    pub(crate) async fn observe(
        &self,
        subject: &Subject,
        delegation: Option<&TaskSetId>,
    ) -> Result<FleetObservation, CallError> {
        let ecs = self.ecs.look();
        let Some(service) = ecs.service(&subject.service).await? else {
            return Ok(FleetObservation::gone());
        };
        let (delegated, foreign) = match judge(&service, subject, delegation, None)? {
            SingleVerdict::Known { delegated, foreign } => (delegated, foreign),
            SingleVerdict::Ask => {
                let history = ServiceDeployment::read(&ecs, &subject.service).await?;
                match judge(&service, subject, delegation, Some(&history))? {
                    SingleVerdict::Known { delegated, foreign } => (delegated, foreign),
                    SingleVerdict::Ask => (None, None),
                }
            }
        };
        let stable = holder(&service, subject, Role::Stable)?;
        let candidate = holder(&service, subject, Role::Candidate)?;
        let holders: Vec<Holder> = stable.iter().chain(&candidate).cloned().collect();
        let going = delegated.as_ref().is_some_and(|it| it.state == DelegatedState::InProgress);
        let kept = going.then(|| self.counting.recall(&ecs, &subject.service, &holders)).flatten();
        let mut tally = match kept {
            Some(kept) => kept,
            None => self.counting.look(&ecs, &subject.service, &holders).await?,
        };
        let ended_badly = delegated.as_ref().is_some_and(|one| {
            matches!(one.state, DelegatedState::Failed { .. } | DelegatedState::RolledBack { .. })
        });
        if ended_badly && tally.failed.is_empty() {
            tally.failed = self.counting.look_back(&ecs, &subject.service).await?;
        }
        Ok(FleetObservation {
            service: state(&service),
            desired: count(service.desired_count()),
            primary: who_is_primary(&service, subject),
            foreign: foreign.into_iter().collect(),
            delegated: delegated.map(|one| explained(one, delegation, &holders, &tally)),
            stable: stable.map(|holder| holder.role(&tally)),
            candidate: candidate.map(|holder| holder.role(&tally)),
        })
    }

    pub(super) async fn delegate(
        &self,
        subject: &Subject,
        revision: &Revision,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
    ) -> Result<TaskSetId, WriteError> {
        let ecs = self.ecs.change();
        let service = ecs.existing(&subject.service).await.map_err(WriteError::Rejected)?;
        if who_is_primary(&service, subject) == Primary::Foreign {
            let theirs = primary(&service).and_then(Deployment::id).unwrap_or("another");
            let why = format!("someone else deploys the service: {theirs}; it is not rolled over");
            return Err(WriteError::Rejected(refused(ErrorClass::Conflict, why)));
        }
        // never with forceNewDeployment: the same again is then no second deployment
        let input = UpdateServiceInput::builder()
            .cluster(&subject.service.cluster)
            .service(&subject.service.service)
            .task_definition(revision.task_definition().as_str())
            .deployment_configuration(rolling(&service, minimum_healthy_percent, maximum_percent));
        let answered = ecs.update_service(input).await?;
        let id = answered.as_ref().and_then(primary).map(|primary| set_id(primary.id()));
        id.transpose().map_err(WriteError::Unknown)?.ok_or_else(|| {
            let why = "ECS answered without a primary deployment";
            let operation = Operation::UpdateService.name();
            WriteError::Unknown(CallError::new(operation, ErrorClass::Ambiguous, why))
        })
    }
}
