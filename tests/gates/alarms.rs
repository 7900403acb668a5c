//! Alarms that are tied to a target group, and alarms that have no data while all is well.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmRule;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Metric;
use cutover::adapters::sim::MissingData;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::Elapsed;
use cutover::model::Ending;
use cutover::model::GateKind;
use cutover::model::GateSpec;
use cutover::model::InsufficientData;
use cutover::model::Status;
use cutover::model::StopReason;
use cutover::model::Verdict;
use cutover::ports::AlarmState;
use cutover::spec::DeploymentSpec;

use crate::rig::Account;
use crate::rig::Done;
use crate::rig::deploy;
use crate::rig::spec;

const CANARY: &str = "{canary: {weight: 20%, bake: 15m, final_bake: 1m}}";
const BLUE_GREEN: &str = "{blue_green: {bake: 10m}}";
const BOTH: &str = "[{id: errors, alarms: [blue-5xx, green-5xx]}]";
const WITH_TRAFFIC: &str =
    "[{id: errors, alarms: [green-5xx], insufficient_data: ok_with_traffic}]";
const BOTH_WITH_TRAFFIC: &str =
    "[{id: errors, alarms: [blue-5xx, green-5xx], insufficient_data: ok_with_traffic}]";

fn name(name: &str) -> AlarmName {
    AlarmName::new(name).unwrap()
}

fn both() -> Scenario {
    Scenario::new(1)
        .with_alarm(AlarmSpec::errors(name("blue-5xx"), Colour::Blue, 50))
        .with_alarm(AlarmSpec::errors(name("green-5xx"), Colour::Green, 50))
}

/// Fires above so many errors in a minute, and has no data where there is none: CloudWatch's default.
fn sparse(of: &str, colour: Colour) -> AlarmSpec {
    let rule = AlarmRule::Metric {
        metric: Metric::Errors(colour),
        period_minutes: 1,
        periods: 1,
        datapoints: 1,
        threshold: 50,
        missing: MissingData::Missing,
    };
    AlarmSpec::new(name(of), rule).in_state(AlarmState::InsufficientData)
}

fn minute(minute: u64) -> Elapsed {
    Elapsed::from_millis(minute * 60_000)
}

fn unsure(done: &Done) -> Vec<String> {
    let told = done.told("errors");
    let unsure = told.into_iter().filter_map(|verdict| match verdict {
        Verdict::Inconclusive(why) => Some(why),
        _ => None,
    });
    unsure.collect()
}

#[test]
fn red_in_stables_own_group_neither_blames_nor_holds_and_is_recorded() {
    let fails = |at: u64, permille: u32| {
        let (revision, behaviour) = (revision(1), Behaviour::erring(permille));
        (minute(at), Action::ChangeBehaviour { revision, behaviour })
    };
    let healthy = deploy(both(), &spec(CANARY, BOTH), &[]);
    let scenario = [fails(5, 300), fails(8, 0)]
        .into_iter()
        .fold(both(), |world, (at, action)| world.with_action(at, action));
    let done = deploy(scenario, &spec(CANARY, BOTH), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("errors"));
    // it is red for some minutes
    assert!(done.took() < healthy.took() + Duration::from_mins(1), "{:?}", done.took());
    assert!(done.told("errors").iter().all(Verdict::is_pass), "{:?}", done.told("errors"));
    let red = "alarms of stable's target group in ALARM, only observed";
    assert_eq!(done.measure("errors", red), Some(1.0));
    assert_eq!(healthy.measure("errors", red), None);
}

#[test]
fn a_sick_stable_does_not_keep_its_users_from_what_mends_it() {
    // red from before the start to the end
    let scenario = both().with_behaviour(revision(1), Behaviour::erring(300));
    let mut account = Account::new(scenario);
    account.pass(Duration::from_mins(10));
    let done = account.deploy(("d-1", 2), &spec(CANARY, BOTH), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("errors"));
}

#[test]
fn red_in_the_candidates_group_rolls_back() {
    let scenario = both().with_behaviour(revision(2), Behaviour::erring(500));
    let done = deploy(scenario, &spec(CANARY, BOTH), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let failed = Verdict::Fail("alarm `green-5xx` is in ALARM".to_owned());
    assert!(done.told("errors").contains(&failed), "{:?}", done.told("errors"));
}

#[test]
fn the_groups_take_turns_and_each_deployment_is_judged_by_its_own_candidates() {
    for (gates, alarms) in [
        (BOTH, both()),
        (
            BOTH_WITH_TRAFFIC,
            Scenario::new(1)
                .with_alarm(sparse("blue-5xx", Colour::Blue))
                .with_alarm(sparse("green-5xx", Colour::Green)),
        ),
    ] {
        let bad = Behaviour::erring(500);
        let mut account = Account::new(alarms.with_behaviour(revision(3), bad));
        let mut deploy = |number: u32| {
            let id = format!("d-{number}");
            let done = account.deploy((&id, number), &spec(BLUE_GREEN, gates), &[]);
            // what is red at the end is so for a while
            account.pass(Duration::from_mins(30));
            done
        };
        let to_green = deploy(2);
        assert_eq!(to_green.status(), Status::Successful, "{:?}", to_green.told("errors"));
        let bad = deploy(3);
        assert_eq!(bad.status(), Status::RollbackSuccessful, "{:?}", bad.told("errors"));
        let failed = Verdict::Fail("alarm `blue-5xx` is in ALARM".to_owned());
        assert_eq!(bad.told("errors").last(), Some(&failed), "{gates}");
        let to_blue = deploy(4);
        assert_eq!(to_blue.status(), Status::Successful, "{:?}", to_blue.told("errors"));
        let to_green = deploy(5);
        assert_eq!(to_green.status(), Status::Successful, "{:?}", to_green.told("errors"));
    }
}

#[test]
fn a_gate_that_watches_stables_group_alone_never_passes() {
    let gates = "[{id: errors, alarms: [blue-5xx], inconclusive: hold 10m}]";
    let done = deploy(both(), &spec(CANARY, gates), &[]);
    assert!(matches!(done.ending, Ending::Stopped { .. }), "{:?}", done.ending);
    assert_eq!(unsure(&done), ["all its alarms watch stable's target group alone"]);
}

#[test]
fn an_alarm_without_data_is_quiet_while_requests_are_counted() {
    let world = || Scenario::new(2).with_alarm(sparse("green-5xx", Colour::Green));
    let plain = "[{id: errors, alarms: [green-5xx]}]";
    let held = deploy(world(), &spec(CANARY, plain), &[]);
    assert_ne!(held.status(), Status::Successful);
    assert_eq!(unsure(&held), ["alarm `green-5xx` has INSUFFICIENT_DATA"]);

    let done = deploy(world(), &spec(CANARY, WITH_TRAFFIC), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("errors"));
    let minutes = "last complete minutes with requests of the candidate";
    assert_eq!(done.measure("errors", minutes), Some(3.0));
    // the first minutes of traffic prove nothing yet
    let missing = "alarm `green-5xx` has INSUFFICIENT_DATA, and not every one of the last 3 complete \
                   minutes has requests of the candidate";
    assert_eq!(unsure(&done), [missing]);
    let spoken = deploy(both(), &spec(CANARY, BOTH), &[]);
    let longer = done.took().saturating_sub(spoken.took());
    assert!(longer >= Duration::from_mins(4) && longer <= Duration::from_mins(8), "{longer:?}");
}

#[test]
fn what_an_alarm_without_data_was_proved_to_be_survives_the_process() {
    let world = Scenario::new(2).with_alarm(sparse("green-5xx", Colour::Green));
    let deaths = [Duration::from_mins(4), Duration::from_mins(6), Duration::from_mins(2)];
    let done = deploy(world, &spec(CANARY, WITH_TRAFFIC), &deaths);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("errors"));
}

#[test]
fn an_alarm_that_gets_data_and_turns_red_fails_all_the_same() {
    let world = Scenario::new(3)
        .with_alarm(sparse("green-5xx", Colour::Green))
        .with_behaviour(revision(2), Behaviour::erring(500));
    let done = deploy(world, &spec(CANARY, WITH_TRAFFIC), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let failed = Verdict::Fail("alarm `green-5xx` is in ALARM".to_owned());
    assert_eq!(done.told("errors").last(), Some(&failed));
}

#[test]
fn a_red_moment_of_an_alarm_without_data_is_found_in_its_history() {
    let red = |at: u64, state| {
        let name = name("green-5xx");
        (Elapsed::from_millis(at), Action::SetAlarm { name, state })
    };
    // it has no data again before anybody looks
    let flicker = [red(602_000, AlarmState::Alarm), red(602_500, AlarmState::InsufficientData)];
    let world = Scenario::new(4).with_alarm(sparse("green-5xx", Colour::Green));
    let world =
        flicker.into_iter().fold(world, |world, (at, action)| world.with_action(at, action));
    let done = deploy(world, &spec(CANARY, WITH_TRAFFIC), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful, "{:?}", done.told("errors"));
    let failed = Verdict::Fail("alarm `green-5xx` was in ALARM between two looks".to_owned());
    assert_eq!(done.told("errors").last(), Some(&failed));
}

#[test]
fn without_requests_an_alarm_without_data_says_nothing() {
    let world = Scenario::new(5)
        .with_alarm(sparse("green-5xx", Colour::Green))
        .with_traffic(Traffic::per_second(0));
    let done = deploy(world, &spec(CANARY, WITH_TRAFFIC), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful, "{:?}", done.told("errors"));
    let why = unsure(&done);
    assert!(why.iter().all(|why| why.contains("not every one of the last 3")), "{why:?}");
    let minutes = "last complete minutes with requests of the candidate";
    assert_eq!(done.measure("errors", minutes), Some(0.0));
}

#[test]
fn requests_that_cannot_be_read_prove_nothing() {
    for (fault, said) in [(Fault::Denied, "AccessDenied"), (Fault::Partial, "incomplete")] {
        let mut world = Scenario::new(6).with_alarm(sparse("green-5xx", Colour::Green));
        world.faults.scheduled = (1..=2000)
            .map(|nth| ScheduledFault {
                call: CallFilter::Only(CallKind::GetMetricData),
                nth,
                fault,
            })
            .collect();
        let done = deploy(world, &spec(CANARY, WITH_TRAFFIC), &[]);
        assert_eq!(done.status(), Status::RollbackSuccessful, "{:?}", done.told("errors"));
        let why = unsure(&done);
        let unread =
            "alarm `green-5xx` has INSUFFICIENT_DATA, and the candidate's requests are not known";
        assert!(why.iter().all(|why| why.starts_with(unread) && why.contains(said)), "{why:?}");
    }
}

#[test]
fn a_part_of_a_gate_finds_what_happened_since_the_look_before_the_start() {
    for kind in ["all", "any"] {
        let set = |at, state| {
            (Elapsed::from_millis(at), Action::SetAlarm { name: name("unserved"), state })
        };
        let alarm = AlarmSpec::new(name("unserved"), AlarmRule::AnyOf(Vec::new()));
        let mut world = Scenario::new(3).with_alarm(alarm);
        // the look before the start is over, the first one of the gate is still to come
        world.actions = vec![set(3000, AlarmState::Alarm), set(3500, AlarmState::Ok)];
        let part = "{id: quiet, all: [{id: unserved, alarms: [unserved]}]}";
        let gates = format!("[{{id: errors, {kind}: [{part}]}}]");
        let done = deploy(world, &spec(CANARY, &gates), &[]);
        assert_ne!(done.status(), Status::Successful, "{kind}");
        let told = done.told("errors");
        let Some(Verdict::Fail(why)) = told.last() else { panic!("{kind}: {told:?}") };
        assert!(why.ends_with("alarm `unserved` was in ALARM between two looks"), "{why}");
    }
}

#[test]
fn a_spec_may_take_an_alarm_without_data_for_quiet() {
    let text = include_str!("../../examples/specs/sparse-alarms.yaml");
    let spec = DeploymentSpec::parse(text, "sparse-alarms.yaml").unwrap();
    let proved = |kind: &GateKind| {
        let ok = InsufficientData::OkWithTraffic;
        matches!(kind, GateKind::Alarms { insufficient_data, .. } if *insufficient_data == ok)
    };
    let gate = &spec.gates()[0];
    assert!(proved(&gate.kind) && gate.kind.reads_metrics(), "{gate:?}");
    let text = serde_json::to_string(gate).unwrap();
    // what older versions wrote
    let plain = text.replace(r#","insufficient_data":"ok_with_traffic""#, "");
    assert_ne!(plain, text);
    let plain: GateSpec = serde_json::from_str(&plain).unwrap();
    assert!(!proved(&plain.kind) && !plain.kind.reads_metrics());
    assert!(!serde_json::to_string(&plain).unwrap().contains("insufficient_data"));
}

#[test]
fn red_before_the_start_is_refused_or_accepted_for_a_reason_that_is_recorded() {
    // red until the green group has data
    let mut red = AlarmSpec::errors(name("green-5xx"), Colour::Green, 50);
    if let AlarmRule::Metric { missing, .. } = &mut red.rule {
        *missing = MissingData::Ignore;
    }
    let world = || Scenario::new(8).with_alarm(red.clone().in_state(AlarmState::Alarm));
    let refused = deploy(world(), &spec(CANARY, "[{id: errors, alarms: [green-5xx]}]"), &[]);
    let reason = StopReason::Refused;
    assert!(matches!(&refused.ending, Ending::Stopped { reason: why, .. } if *why == reason));
    let gates = "[{id: errors, alarms: [green-5xx], accept_red_at_start: this mends it}]";
    let done = deploy(world(), &spec(CANARY, gates), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("errors"));
    let recorded = done.record.header.plan.gates.iter().find_map(|gate| match &gate.kind {
        GateKind::Alarms { accept_red_at_start, .. } => accept_red_at_start.as_deref(),
        _ => None,
    });
    assert_eq!(recorded, Some("this mends it"));
}
