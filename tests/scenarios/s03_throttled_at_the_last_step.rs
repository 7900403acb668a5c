//! S3: Elastic Load Balancing throttles every write for minutes at the last step.
//!
//! Argo Rollouts called a deployment complete while all traffic was still on the old target group, and
//! scaled that one in (its issue 3333: an outage). Here nothing is done on the strength of a write that
//! was not read back.

use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::model::EventKind;
use cutover::model::Outcome;
use cutover::strategy::Linear;

use super::stage::Job;
use super::stage::Stage;
use super::stage::live;
use super::stage::sent_to;
use super::stage::success;

#[test]
fn stable_stays_until_the_last_weight_is_read_back() {
    // the last of ten shifts, and every attempt for minutes
    let throttled = (10..18).map(|nth| ScheduledFault {
        call: CallFilter::Only(CallKind::ModifyRule),
        nth,
        fault: Fault::Throttled,
    });
    let mut stage = Stage::new(throttled.fold(Scenario::new(301), Scenario::with_fault));
    let (_, told) = stage.begin("p", &Job::new(Linear::default()));
    let ending = stage.finish_watched(&told, |world| {
        if sent_to(world, Colour::Blue) > 0 {
            assert_eq!(live(world, 1), 4, "stable is whole while it has traffic");
        }
    });
    assert_eq!(ending, success());
    stage.assert_everybody_was_served();
    let events = std::mem::take(&mut told.lock().unwrap().events);
    let refused = events.iter().filter(|event| match event {
        EventKind::Written { outcome, .. } => *outcome != Outcome::Applied,
        _ => false,
    });
    assert!(refused.count() >= 6, "the last step was throttled again and again");
}
