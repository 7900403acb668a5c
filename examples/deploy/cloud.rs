//! The simulated cloud in which a deployment is tried: its service, its users and its troubles.

use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::FaultKind;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::api::Ports;
use cutover::model::AlarmName;
use cutover::model::Elapsed;
use cutover::model::GateKind;
use cutover::model::GateSpec;
use cutover::model::Revision;
use cutover::model::ServiceId;
use cutover::model::TaskDefinitionArn;
use cutover::ports::AlarmState;
use cutover::store::MemoryStore;

use crate::cli::Fault;

/// Tasks of the simulated service.
const TASKS: u32 = 10;
/// Requests per second of the simulated users.
const REQUESTS: u64 = 200;
/// The alarms fire above this share of failed requests, in per mille.
const THRESHOLD: u64 = 50;
/// The share of requests that a bad candidate fails, in per mille.
const BAD: u32 = 200;

/// A service that runs the revision before `candidate`, and everything that will happen to it.
#[derive(Debug)]
pub(crate) struct Setting {
    pub(crate) seed: u64,
    pub(crate) service: ServiceId,
    pub(crate) candidate: Revision,
    pub(crate) alarms: Vec<AlarmName>,
    /// Whether ECS itself replaces the tasks.
    pub(crate) delegated: bool,
    pub(crate) faults: Vec<Fault>,
}

impl Setting {
    /// The scenario of the simulation.
    pub(crate) fn scenario(&self) -> Scenario {
        let mut scenario = Scenario::new(self.seed)
            .with_desired(TASKS)
            .with_traffic(Traffic::per_second(REQUESTS))
            .with_test_rule();
        scenario.service = self.service.clone();
        scenario.stable = predecessor(&self.candidate);
        if self.delegated {
            scenario.controller = Controller::Ecs;
        }
        for name in &self.alarms {
            let alarm = AlarmSpec::errors(name.clone(), Colour::Green, THRESHOLD);
            let red = self.faults.contains(&Fault::RedAlarm);
            scenario =
                scenario.with_alarm(if red { alarm.in_state(AlarmState::Alarm) } else { alarm });
        }
        self.faults.iter().fold(scenario, |scenario, fault| self.suffer(scenario, *fault))
    }

    fn suffer(&self, mut scenario: Scenario, fault: Fault) -> Scenario {
        let minute = |minutes: u64| Elapsed::from_millis(minutes * 60_000);
        let candidate = || self.candidate.clone();
        match fault {
            Fault::Throttling => scenario.chance(&[(FaultKind::Throttled, 300)]),
            Fault::Timeouts => {
                scenario.chance(&[(FaultKind::TimeoutBefore, 100), (FaultKind::TimeoutAfter, 100)])
            }
            Fault::LateEffects => {
                scenario.faults.rates.late_up_to = Duration::from_secs(60);
                scenario.chance(&[(FaultKind::LateEffect, 300)])
            }
            Fault::CrashLoop => {
                let crash = Fate::CrashesAfter(Duration::from_secs(20));
                scenario.with_behaviour(candidate(), Behaviour::doomed(crash))
            }
            Fault::BadCandidate => scenario.with_behaviour(candidate(), Behaviour::erring(BAD)),
            Fault::NoCapacity => {
                let lasts = Duration::from_secs(2 * 3600);
                scenario.with_action(Elapsed::default(), Action::NoCapacity { lasts })
            }
            Fault::Drift => {
                let edit = Action::EditWeights { rule: 0, blue: 70, green: 30 };
                scenario.with_action(minute(4), edit)
            }
            Fault::Autoscaling => scenario
                .with_action(minute(2), Action::SetDesired(TASKS + TASKS / 2))
                .with_action(minute(6), Action::SetDesired(TASKS - TASKS / 5)),
            Fault::RedAlarm => scenario,
            Fault::ServiceGone => scenario.with_action(minute(2), Action::DeleteService),
        }
    }
}

/// Sets how often calls fail by chance, over what is set already.
trait Chance {
    fn chance(self, rates: &[(FaultKind, u16)]) -> Self;
}

impl Chance for Scenario {
    fn chance(mut self, rates: &[(FaultKind, u16)]) -> Self {
        let before = std::mem::take(&mut self.faults.rates);
        self.faults.rates =
            rates.iter().fold(before, |all, (kind, permille)| all.with(*kind, *permille));
        self
    }
}

/// The revision before this one; none before the first.
fn predecessor(candidate: &Revision) -> Option<Revision> {
    let arn = candidate.task_definition();
    let (family, _) = arn.as_str().rsplit_once(':')?;
    let before = arn.revision_number().checked_sub(1)?;
    format!("{family}:{before}").parse::<TaskDefinitionArn>().ok().map(Revision::new)
}

/// The alarms that some gates name, each once.
pub(crate) fn alarms<'a>(gates: impl IntoIterator<Item = &'a GateSpec>) -> Vec<AlarmName> {
    let mut found: Vec<AlarmName> = Vec::new();
    for gate in gates {
        if let GateKind::Alarms { names, .. } = &gate.kind {
            found.extend(
                names.iter().filter(|name| !found.contains(name)).cloned().collect::<Vec<_>>(),
            );
        }
    }
    found
}

/// The world as the deployer meets it.
pub(crate) fn ports(cloud: &Cloud) -> Ports {
    Ports {
        fleet: cloud.fleet(),
        router: Some(cloud.router()),
        monitor: cloud.monitor(),
        clock: cloud.clock(),
        store: Arc::new(MemoryStore::new()),
        spawn: cloud.spawner(),
    }
}
