//! S11: an alarm is red before the deployment begins.
//!
//! CodeDeploy and ECS document only that an alarm which goes to `ALARM` fails a deployment; tools that
//! read it as a state roll back what they have just begun, for a fault of the revision before. Here the
//! start is refused with the alarm's name, unless a reason is given, which is recorded, and then the
//! alarm counts from the moment it has been quiet.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmRule;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Metric;
use cutover::adapters::sim::MissingData;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::GateKind;
use cutover::model::InsufficientData;
use cutover::model::RollbackCause;
use cutover::ports::AlarmState;
use cutover::strategy::BlueGreen;

use super::stage::Job;
use super::stage::Stage;
use super::stage::at;
use super::stage::back;
use super::stage::name;
use super::stage::success;

/// Red until the green group has requests, and missing data do not change it.
fn red() -> AlarmSpec {
    let rule = AlarmRule::Metric {
        metric: Metric::ErrorPermille(Colour::Green),
        period_minutes: 1,
        periods: 1,
        datapoints: 1,
        threshold: 50,
        missing: MissingData::Ignore,
    };
    AlarmSpec::new(name("5xx"), rule).in_state(AlarmState::Alarm)
}

fn job(accept_red_at_start: Option<String>) -> Job {
    let kind = GateKind::Alarms {
        names: vec![name("5xx")],
        accept_red_at_start,
        insufficient_data: InsufficientData::default(),
    };
    Job::new(BlueGreen::default()).gate(kind, Duration::from_mins(30))
}

#[test]
fn it_does_not_start() {
    let mut stage = Stage::new(Scenario::new(1101).with_alarm(red()));
    let (_, told) = stage.begin("p", &job(None));
    stage.pass(Duration::from_mins(60));
    assert!(stage.written().is_empty(), "nothing was changed");
    let told = told.lock().unwrap();
    let said = told.refused.clone().unwrap_or_else(|| format!("{:?}", told.ending));
    assert!(said.contains("5xx"), "it names the alarm: {said}");
}

const REASON: &str = "it is red for what this mends";

#[test]
fn with_a_reason_it_starts_and_the_reason_is_recorded() {
    let mut stage = Stage::new(Scenario::new(1102).with_alarm(red()));
    let job = job(Some(REASON.to_owned()));
    let (_, told) = stage.begin("p", &job);
    assert_eq!(stage.finish(&told), success());
    let recorded = stage.record(&job).header.plan.gates;
    let reason = recorded.iter().find_map(|gate| match &gate.kind {
        GateKind::Alarms { accept_red_at_start, .. } => accept_red_at_start.clone(),
        _ => None,
    });
    assert_eq!(reason.as_deref(), Some(REASON));
}

#[test]
fn an_alarm_that_was_overlooked_counts_once_it_has_been_quiet() {
    let scenario = Scenario::new(1103).with_alarm(red());
    let worse = (revision(2), Behaviour::erring(300));
    let (at, action) = at(150, Action::ChangeBehaviour { revision: worse.0, behaviour: worse.1 });
    let mut stage = Stage::new(scenario.with_action(at, action));
    let (_, told) = stage.begin("p", &job(Some(REASON.to_owned())));
    assert_eq!(stage.finish(&told), back());
    let told = told.lock().unwrap();
    let cause = told.cause().unwrap();
    assert!(matches!(&cause, RollbackCause::GateFailed { .. }), "{cause}");
}
