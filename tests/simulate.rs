//! What-if: plans run many times in named worlds.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cutover::gate::Gate;
use cutover::gate::GateContext;
use cutover::model::AlarmName;
use cutover::model::Evaluation;
use cutover::model::Evidence;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMemory;
use cutover::model::GateMode;
use cutover::model::GatePart;
use cutover::model::GateSpec;
use cutover::model::HttpEndpoint;
use cutover::model::HttpUrl;
use cutover::model::Inconclusive;
use cutover::model::InsufficientData;
use cutover::model::Probe;
use cutover::model::Verdict;
use cutover::model::Webhook;
use cutover::simulate::Ending;
use cutover::simulate::NamedWorld;
use cutover::simulate::SimulateError;
use cutover::simulate::Trial;
use cutover::simulate::simulate;
use cutover::spec::DeploymentSpec;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Rolling;

const SPEC: &str = "
service: {cluster: shop, name: web}
revision:
  task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
strategy:
  canary: {weight: 10%, bake: 5m, final_bake: 10m}
alarms: [web-errors]
";

fn trial(text: &str) -> Trial {
    Trial::of(&DeploymentSpec::parse(text, "spec.yaml").unwrap())
}

fn rolled_back(why: &str) -> Ending {
    Ending::RolledBack(why.to_owned())
}

#[test]
fn the_seed_alone_decides_what_comes_of_it() {
    let trial = trial(SPEC);
    let world = NamedWorld::Errors { times: 30 };
    let many = simulate(&trial, world, 30, 7).unwrap();
    assert_eq!(many, simulate(&trial, world, 30, 7).unwrap());
    assert_ne!(many, simulate(&trial, world, 30, 8).unwrap());
    // each run alone, under the seed that is told for it
    for share in &many.endings {
        let alone = simulate(&trial, world, 1, share.seed).unwrap();
        assert_eq!(alone.endings[0].ending, share.ending);
        assert_eq!(alone.endings[0].seed, share.seed);
    }
    let mut failed: Vec<u64> =
        (7..37).map(|seed| simulate(&trial, world, 1, seed).unwrap().failed.max).collect();
    failed.sort_unstable();
    assert_eq!((failed[0], failed[29]), (many.failed.min, many.failed.max));
}

#[test]
fn every_world_ends_as_it_should_where_the_gates_can_see_it() {
    let trial = trial(SPEC);
    for world in NamedWorld::ALL {
        // what an alarm above 5 % of 0.1 % base errors cannot see
        let unseen = [NamedWorld::Errors { times: 2 }, NamedWorld::Errors { times: 5 }];
        // a twentieth more failures in every later minute: unseen within a quarter of an hour
        if unseen.contains(&world) || world == NamedWorld::SlowLeak {
            continue;
        }
        let outcomes = simulate(&trial, world, 6, 1).unwrap();
        let odd: Vec<_> = outcomes.odd().collect();
        assert!(odd.is_empty(), "{world}: {odd:?}");
        assert_eq!(outcomes.runs, 6);
        // tasks that all exit at once leave nobody to serve until the weight has gone back
        if !matches!(world, NamedWorld::CrashAfter { .. }) {
            assert_eq!(outcomes.unserved.max, 0, "{world}: {:?}", outcomes.unserved);
        }
    }
}

#[test]
fn causes_exposure_and_times_are_told() {
    let trial = trial(SPEC);
    let healthy = simulate(&trial, NamedWorld::Healthy, 10, 1).unwrap();
    assert_eq!((healthy.succeeded(), healthy.decided_ms.count), (10, 0));
    // fifteen minutes of bakes, ten of them with all of 200 requests a second
    assert!(healthy.took_ms.min >= 15 * 60_000, "{:?}", healthy.took_ms);
    assert!(healthy.requests.min > 10 * 60 * 200, "{:?}", healthy.requests);
    let share = healthy.failed.mean / healthy.requests.mean;
    assert!((share - 0.001).abs() < 0.0002, "{share}");

    let bad = simulate(&trial, NamedWorld::Errors { times: 100 }, 10, 1).unwrap();
    assert_eq!(bad.endings.len(), 1);
    assert_eq!(bad.endings[0].ending, rolled_back("gate `alarms` failed"));
    assert_eq!(bad.decided_ms.count, 10);
    assert!(bad.decided_ms.max < bad.took_ms.max);
    assert!(bad.requests.max < healthy.requests.min / 10);
    assert!((bad.failed.mean / bad.requests.mean - 0.1).abs() < 0.01);

    let crash = simulate(&trial, NamedWorld::CrashAfter { minutes: 1 }, 4, 1).unwrap();
    assert_eq!(crash.rolled_back(), 4);
    let full = simulate(&trial, NamedWorld::NoCapacity, 4, 1).unwrap();
    assert_eq!(full.endings[0].ending, rolled_back("no progress for too long"));
    assert_eq!(full.requests.max, 0);
}

#[test]
fn what_should_not_have_happened_is_odd() {
    let trial = trial(SPEC);
    let missed = simulate(&trial, NamedWorld::Errors { times: 2 }, 4, 1).unwrap();
    let odd: Vec<_> = missed.odd().collect();
    assert_eq!((odd.len(), &odd[0].ending, odd[0].runs), (1, &Ending::Succeeded, 4));
    assert!(!missed.is_as_hoped());
}

#[test]
fn a_trial_that_has_no_plan_says_why() {
    let (minimum_healthy_percent, maximum_percent) = (100, 100);
    let bake = Duration::ZERO;
    let trial = Trial::new(Rolling { minimum_healthy_percent, maximum_percent, bake });
    match simulate(&trial, NamedWorld::Healthy, 1, 1) {
        Err(SimulateError::Plan(_)) => {}
        other => panic!("{other:?}"),
    }
}

/// Always against it.
#[derive(Debug)]
struct Never;

#[async_trait]
impl Gate for Never {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let verdict = Verdict::Fail("never".to_owned());
        Evaluation::new(verdict, Evidence::at(context.now.elapsed), GateMemory::default())
    }
}

#[test]
fn a_gate_of_ones_own_is_asked_and_a_stand_in_passes() {
    let plain = Trial::new(Canary::default())
        .with_gate(gate("alarms", alarms("web-errors")))
        .with_gate(gate("own", GateKind::Custom));
    assert_eq!(simulate(&plain, NamedWorld::Healthy, 2, 1).unwrap().succeeded(), 2);
    let against = plain.with_code(GateId::new("own").unwrap(), Arc::new(Never));
    let outcomes = simulate(&against, NamedWorld::Healthy, 2, 1).unwrap();
    assert_eq!(outcomes.succeeded(), 0);
    assert!(outcomes.endings[0].ending.to_string().contains("gate `own` failed"));
}

/// The same, watched by a comparison with stable instead of an alarm.
fn compared() -> Trial {
    trial(&SPEC.replace("alarms: [web-errors]", "gates: [{id: compare, analysis: {}}]"))
}

#[test]
fn an_analysis_sees_what_an_alarm_does_not_and_blames_nobody_for_a_blip() {
    let (alarm, analysis) = (trial(SPEC), compared());
    let world = NamedWorld::Errors { times: 20 };
    assert_eq!(simulate(&alarm, world, 6, 1).unwrap().succeeded(), 6);
    let seen = simulate(&analysis, world, 6, 1).unwrap();
    assert_eq!(seen.endings[0].ending, rolled_back("gate `compare` failed"));
    assert_eq!(seen.rolled_back(), 6);
    assert!(seen.requests.max < 20_000, "{:?}", seen.requests);
    let worlds = [NamedWorld::Healthy, NamedWorld::DependencyBlips, NamedWorld::RevisedMetrics];
    for world in worlds {
        let outcomes = simulate(&analysis, world, 6, 1).unwrap();
        assert!(outcomes.is_as_hoped(), "{world}: {:?}", outcomes.endings);
    }
}

fn gate(id: &str, kind: GateKind) -> GateSpec {
    GateSpec {
        id: GateId::new(id).unwrap(),
        kind,
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Rollback,
        always: true,
    }
}

fn alarms(name: &str) -> GateKind {
    let names = vec![AlarmName::new(name).unwrap()];
    GateKind::Alarms {
        names,
        accept_red_at_start: None,
        insufficient_data: InsufficientData::default(),
    }
}

#[test]
fn a_night_without_traffic_is_waited_out_only_where_the_plan_says_so() {
    let hold = simulate(&compared(), NamedWorld::Night, 3, 1).unwrap();
    assert_eq!(hold.endings[0].ending, rolled_back("gate `compare` could not tell"));
    assert_eq!(hold.odd().count(), 1);
    let gates = "gates: [{id: compare, analysis: {}, inconclusive: wait}]";
    let waiting = trial(&SPEC.replace("alarms: [web-errors]", gates));
    let morning = simulate(&waiting, NamedWorld::Night, 3, 1).unwrap();
    assert_eq!(morning.succeeded(), 3, "{:?}", morning.endings);
    assert!(morning.took_ms.min > 8 * 3_600_000, "{:?}", morning.took_ms);
}

#[test]
fn whom_a_plan_asks_is_there() {
    let at = |url: &str| HttpEndpoint::new(HttpUrl::new(url).unwrap());
    let webhook = GateKind::Webhook(Webhook::new(at("http://hooks.example/deploy?x=1")));
    let probe = GateKind::Probe(Probe::new(at("http://elsewhere.example/health")));
    let part = |id: &str, kind| GatePart { id: GateId::new(id).unwrap(), kind };
    let both = vec![part("own", GateKind::Custom), part("quiet", alarms("another"))];
    let strategy = BlueGreen { test_traffic: true, ..BlueGreen::default() };
    let trial = Trial::new(strategy)
        .with_gate(gate("told", webhook))
        .with_gate(GateSpec { mode: GateMode::ObserveOnly, ..gate("asked", probe) })
        .with_gate(gate("both", GateKind::All(both)));
    let outcomes = simulate(&trial, NamedWorld::Healthy, 2, 1).unwrap();
    assert_eq!(outcomes.succeeded(), 2, "{:?}", outcomes.endings);
}

#[test]
fn an_approval_is_given_at_once() {
    let text = SPEC.replace(
        "canary: {weight: 10%, bake: 5m, final_bake: 10m}",
        "steps: [{scale: 100%}, {shift: 10%}, {approval: {timeout: 1h, default: rollback}}, {shift: 100%}, {bake: 1m}]",
    );
    assert_eq!(simulate(&trial(&text), NamedWorld::Healthy, 2, 1).unwrap().succeeded(), 2);
}
