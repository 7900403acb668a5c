//! The simulated cloud in which a deployment is tried: its service, its users and its troubles.

use std::error::Error;
use std::mem;
use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Endpoint;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::FaultKind;
use cutover::adapters::sim::HttpAnswer;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::model::Elapsed;
use cutover::model::GateKind;
use cutover::model::HeaderValue;
use cutover::model::Revision;
use cutover::ports::AlarmState;

use crate::cli::Fault;
use crate::cli::Pace;
use crate::cli::Place;
use crate::cli::Scene;
use crate::job::BadSpec;
use crate::job::Job;
use crate::site::Site;

/// Tasks of the simulated service.
const TASKS: u32 = 10;
/// Requests per second of the simulated users.
const REQUESTS: u64 = 200;
/// The alarms fire above this share of failed requests, in per mille.
const THRESHOLD: u64 = 50;
/// The share of requests that a bad candidate fails, in per mille.
const BAD: u32 = 200;

/// Simulated seconds per real second when someone watches.
const SPEED: Pace = Pace::Times(120);

/// Where a job takes place: AWS, or a simulated cloud made for it.
pub(crate) fn site(job: &mut Job, place: &Place, live: bool) -> Result<Site, Box<dyn Error>> {
    if place.simulated {
        let pace = place.speed.unwrap_or(if live { SPEED } else { Pace::Max });
        simulation(job, place.scenario, (place.seed, &place.faults), pace)
    } else {
        Site::real(place)
    }
}

/// A simulated cloud made for a job; what the job says of AWS's resources it then says of that one's.
pub(crate) fn simulation(
    job: &mut Job,
    scene: Option<Scene>,
    (seed, faults): (u64, &[Fault]),
    pace: Pace,
) -> Result<Site, Box<dyn Error>> {
    let needs_alarm = |fault: &&Fault| matches!(fault, Fault::BadCandidate | Fault::RedAlarm);
    if let Some(fault) = faults.iter().find(needs_alarm).filter(|_| job.alarms().is_empty()) {
        return Err(BadSpec(format!("fault {fault:?} needs an alarm; name one in the spec")).into());
    }
    // back-offs are drawn from it
    fastrand::seed(seed);
    let pair = job.topology.pair.clone();
    let fitting = if pair.is_some() { Scene::Pair } else { Scene::TaskSets };
    let scene = scene.unwrap_or(fitting);
    let cloud = Cloud::new(scenario(job, scene, seed, faults)?);
    let test_rule = cloud.with(|world| {
        let rules = world.state().rules.iter().flatten();
        rules.filter(|rule| rule.test).map(|rule| rule.arn.clone()).next()
    });
    job.suit_simulation(test_rule);
    Site::simulated(cloud, pace, pair.map(|other| (job.spec.service().clone(), other)))
}

/// A cloud with the service that a job is about, and everything that will happen to it.
fn scenario(
    job: &Job,
    scene: Scene,
    seed: u64,
    faults: &[Fault],
) -> Result<Scenario, Box<dyn Error>> {
    let mut scenario = Scenario::new(seed)
        .with_desired(TASKS)
        .with_traffic(Traffic::per_second(REQUESTS))
        .with_test_rule();
    scenario.service = job.spec.service().clone();
    scenario.stable = job.simulated_stable()?;
    // in place, the candidate comes into the group that serves
    let mut watched = Colour::Green;
    match scene {
        Scene::Empty => return Ok(Scenario::empty(seed)),
        Scene::TaskSets => {}
        Scene::Pair => scenario = scenario.with_controller(Controller::Ecs),
        Scene::Rolling => {
            watched = Colour::Blue;
            scenario = scenario.with_controller(Controller::Ecs);
        }
    }
    let candidate = job.foreseen(scenario.stable.as_ref())?;
    let red = faults.contains(&Fault::RedAlarm);
    for name in job.alarms() {
        let alarm = AlarmSpec::errors(name, watched, THRESHOLD);
        scenario = scenario.with_alarm(if red { alarm.in_state(AlarmState::Alarm) } else { alarm });
    }
    for (_, kind) in job.spec.gates().iter().flat_map(|gate| gate.kind.leaves()) {
        scenario = answering(scenario, kind);
    }
    let suffer = |scenario, fault: &Fault| suffer(scenario, *fault, &candidate);
    Ok(faults.iter().fold(scenario, suffer))
}

/// The same with whoever a gate calls.
fn answering(scenario: Scenario, kind: &GateKind) -> Scenario {
    let (scenario, endpoint) = match kind {
        GateKind::Probe(probe) => {
            let endpoint = &probe.endpoint;
            (scenario.with_test_origin(endpoint.url.origin()), endpoint)
        }
        GateKind::Webhook(webhook) => {
            let endpoint = &webhook.endpoint;
            let answers = [HttpAnswer::status(200, "")];
            (scenario.with_endpoint(Endpoint::new(endpoint.url.place(), answers)), endpoint)
        }
        _ => return scenario,
    };
    let variables = endpoint.headers.values().filter_map(|value| match value {
        HeaderValue::Environment(name) => Some(name),
        _ => None,
    });
    variables.fold(scenario, |scenario, name| scenario.with_variable(name, "made-up"))
}

fn suffer(mut scenario: Scenario, fault: Fault, candidate: &Revision) -> Scenario {
    let candidate = candidate.clone();
    match fault {
        Fault::Throttling => by_chance(scenario, &[(FaultKind::Throttled, 50)]),
        Fault::Timeouts => {
            let kinds = [(FaultKind::TimeoutBefore, 25), (FaultKind::TimeoutAfter, 25)];
            by_chance(scenario, &kinds)
        }
        Fault::LateEffects => {
            scenario.faults.rates.late_up_to = Duration::from_secs(60);
            by_chance(scenario, &[(FaultKind::LateEffect, 300)])
        }
        Fault::CrashLoop => {
            let crash = Fate::CrashesAfter(Duration::from_secs(20));
            scenario.with_behaviour(candidate, Behaviour::doomed(crash))
        }
        Fault::BadCandidate => scenario.with_behaviour(candidate, Behaviour::erring(BAD)),
        Fault::NoCapacity => {
            let lasts = Duration::from_secs(2 * 3600);
            scenario.with_action(minute(0), Action::NoCapacity { lasts })
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

const fn minute(minutes: u64) -> Elapsed {
    Elapsed::from_millis(minutes * 60_000)
}

/// Sets how often calls fail by chance, besides what is set already.
fn by_chance(mut scenario: Scenario, kinds: &[(FaultKind, u16)]) -> Scenario {
    let before = mem::take(&mut scenario.faults.rates);
    let all = kinds.iter().fold(before, |all, (kind, permille)| all.with(*kind, *permille));
    scenario.faults.rates = all;
    scenario
}
