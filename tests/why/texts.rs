//! The texts of six deployments.

use std::time::Duration;

use cutover::adapters::sim::AlarmRule;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Metric;
use cutover::adapters::sim::MissingData;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::Operator;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;

use crate::rig::Rig;
use crate::rig::alarm_gate;
use crate::rig::same;

const ALARM: &str = "web-5xx";

fn alarm() -> AlarmSpec {
    AlarmSpec::errors(AlarmName::new(ALARM).unwrap(), Colour::Green, 50)
}

#[test]
fn a_healthy_canary() {
    let mut rig = Rig::new(Scenario::new(1).with_alarm(alarm()));
    let gate = Some(alarm_gate(ALARM));
    let explanation = rig.explained(&Canary::default(), gate, None, None);
    assert!(explanation.agrees());
    same("healthy-canary.txt", &explanation);
}

#[test]
fn a_rollback_by_an_alarm() {
    let scenario = Scenario::new(3).with_behaviour(revision(2), Behaviour::erring(300));
    let mut rig = Rig::new(scenario.with_alarm(alarm()));
    let explanation = rig.explained(&Canary::default(), Some(alarm_gate(ALARM)), None, None);
    same("rollback-by-alarm.txt", &explanation);
}

#[test]
fn a_hold_on_insufficient_data() {
    let rule = AlarmRule::Metric {
        metric: Metric::Errors(Colour::Green),
        period_minutes: 1,
        periods: 1,
        datapoints: 1,
        threshold: 50,
        missing: MissingData::Missing,
    };
    let silent = AlarmSpec::new(AlarmName::new(ALARM).unwrap(), rule);
    let mut rig = Rig::new(Scenario::new(4).with_alarm(silent));
    let half = Some(Duration::from_secs(600));
    let explanation = rig.explained(&Canary::default(), Some(alarm_gate(ALARM)), half, None);
    same("hold-on-insufficient-data.txt", &explanation);
}

#[test]
fn a_pause() {
    let mut rig = Rig::new(Scenario::new(5));
    let lasts = Some(Duration::from_secs(300));
    let pause = Some(Operator::Pause);
    let explanation = rig.explained(&Canary::default(), None, lasts, pause);
    same("pause.txt", &explanation);
}

#[test]
fn a_bake() {
    let mut rig = Rig::new(Scenario::new(6).with_alarm(alarm()));
    let strategy = BlueGreen { bake: Duration::from_secs(1800), ..BlueGreen::default() };
    let lasts = Some(Duration::from_secs(900));
    let explanation = rig.explained(&strategy, Some(alarm_gate(ALARM)), lasts, None);
    same("bake.txt", &explanation);
}

#[test]
fn a_crash_loop() {
    let doomed = Behaviour::doomed(Fate::CrashesAfter(Duration::from_secs(20)));
    let mut rig = Rig::new(Scenario::new(7).with_behaviour(revision(2), doomed));
    let explanation = rig.explained(&Canary::default(), None, None, None);
    same("crash-loop.txt", &explanation);
}
