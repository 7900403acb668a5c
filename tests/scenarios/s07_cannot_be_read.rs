//! S7: every read of what is to judge the candidate fails.
//!
//! Kayenta leaves failed metrics out of its score, so that an analysis of which every metric failed passes
//! with 100 of 100; Argo Rollouts counts an analysis that was ended before it measured anything as
//! successful. Here no data is never good news: it holds, says why, and turns back at the limit.

use std::time::Duration;

use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::model::EventKind;
use cutover::model::HoldReason;
use cutover::model::RollbackCause;
use cutover::strategy::Canary;

use super::stage::Job;
use super::stage::Stage;
use super::stage::alarm;
use super::stage::alarms;
use super::stage::back;
use super::stage::sent_to;

/// From its n-th on, every call of a kind fails so.
fn failing(scenario: Scenario, kind: CallKind, from: u32, fault: Fault) -> Scenario {
    let call = CallFilter::Only(kind);
    let faults = (from..4000).map(|nth| ScheduledFault { call, nth, fault });
    faults.fold(scenario, Scenario::with_fault)
}

#[test]
fn a_gate_that_cannot_see_lets_nothing_pass() {
    let scenario = Scenario::new(701).with_alarm(alarm("5xx"));
    // the first are those of the start, which would be refused
    let mut stage = Stage::new(failing(scenario, CallKind::DescribeAlarms, 4, Fault::Denied));
    let job = Job::new(Canary::default()).gate(alarms(&["5xx"]), Duration::from_mins(10));
    let (_, told) = stage.begin("p", &job);
    let ending = stage.finish_watched(&told, |world| {
        assert_eq!(sent_to(world, Colour::Green), 0, "nobody is exposed to what nobody watches");
    });
    assert_eq!(ending, back());
    let told = told.lock().unwrap();
    let holds = |event: &EventKind| matches!(event, EventKind::Holding { reason: HoldReason::Gate { gate } } if gate.as_str() == "gate-0");
    assert!(told.events.iter().any(holds), "it says what it waits for");
    let cause = told.cause().unwrap();
    assert!(
        matches!(&cause, RollbackCause::GateInconclusive { why, .. } if why.contains("Denied")),
        "{cause}"
    );
}

const CANARY: &str = "{canary: {weight: 10%, bake: 5m, final_bake: 5m}}";

#[test]
fn an_analysis_of_which_every_metric_fails_lets_nothing_pass() {
    // refused, slow, not there, and cut off
    let faults = [Fault::Denied, Fault::Throttled, Fault::TimeoutBefore, Fault::Partial];
    let errors = "HTTPCode_Target_5XX_Count";
    let metric = format!(
        "metric: {{queries: {{errors: {{name: {errors}, namespace: AWS/ApplicationELB, statistic: Sum,
            dimensions: {{TargetGroup: '{{candidate.target_group}}'}}}}}}, watch: errors, below: 60}}"
    );
    for (seed, fault) in (711..).zip(faults) {
        for kind in ["analysis: {}", &metric] {
            let scenario = failing(Scenario::new(seed), CallKind::GetMetricData, 1, fault);
            let mut stage = Stage::new(scenario);
            let gates = format!("[{{id: gate, {kind}, inconclusive: hold 10m}}]");
            let (_, told) = stage.begin("p", &Job::of_spec(CANARY, &gates));
            let ending = stage.finish_watched(&told, |world| {
                let sent = sent_to(world, Colour::Green);
                assert!(sent <= 100, "{fault:?}, {kind}: {sent} per mille that nobody watches");
            });
            assert_eq!(ending, back(), "{fault:?}, {kind}");
            let told = told.lock().unwrap();
            let cause = told.cause().unwrap();
            assert!(
                matches!(&cause, RollbackCause::GateInconclusive { .. }),
                "{fault:?}, {kind}: {cause}"
            );
            assert!(told.verdicts("gate").iter().skip(1).all(|verdict| !verdict.is_pass()));
        }
    }
}
