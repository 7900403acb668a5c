//! S3: Elastic Load Balancing throttles every write for minutes at the last step.
//!
//! Argo Rollouts called a deployment complete while all traffic was still on the old target group, and
//! scaled that one in (its issue 3333: an outage). Here nothing is done on the strength of a write that
//! was not read back.

use std::time::Duration;

use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::strategy::Linear;

use super::stage::Job;
use super::stage::Stage;
use super::stage::live;
use super::stage::sent_to;
use super::stage::success;

#[test]
fn stable_stays_until_the_last_weight_is_read_back() {
    // the last of ten shifts, and every attempt for five minutes
    let throttled = (10..22).map(|nth| ScheduledFault {
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
    let shifts = stage.see(|world| {
        let shifts =
            world.ledger().iter().filter(|entry| entry.call.kind() == CallKind::ModifyRule);
        shifts.map(|entry| (entry.sent_at, entry.fault.is_some())).collect::<Vec<_>>()
    });
    let first = shifts.iter().find(|(_, refused)| *refused).unwrap().0;
    let lasted = shifts.last().unwrap().0.since(first);
    assert!(lasted >= Duration::from_mins(5), "throttled for {lasted:?}: {shifts:?}");
}
