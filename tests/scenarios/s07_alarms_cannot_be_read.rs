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

#[test]
fn a_gate_that_cannot_see_lets_nothing_pass() {
    let denied = (4..2000).map(|nth| ScheduledFault {
        call: CallFilter::Only(CallKind::DescribeAlarms),
        nth,
        fault: Fault::Denied,
    });
    let scenario = Scenario::new(701).with_alarm(alarm("5xx"));
    let mut stage = Stage::new(denied.fold(scenario, Scenario::with_fault));
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
