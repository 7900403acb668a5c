//! S4: the next revision arrives while a quarter of the traffic is on the one before.
//!
//! Argo Rollouts scales the superseded set in while it still has weight (its issues 3617, 3331: a quarter
//! of all requests answered with 503). Here one deployment owns a service: the next is refused with the
//! name of the one that runs, and starts when that one is back or through.

use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::model::Weight;
use cutover::strategy::Canary;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::live;
use super::stage::sent_to;
use super::stage::success;

#[test]
fn the_next_revision_waits_until_the_one_before_has_no_traffic() {
    let canary = Canary { weight: Weight::percent(25).unwrap(), ..Canary::default() };
    let mut stage = Stage::new(Scenario::new(401));
    let second = Job::new(canary.clone());
    let third = Job { id: "d-2", revision: 3, ..Job::new(canary) };
    let (_, told) = stage.begin("p", &second);
    stage.until("a quarter is on green", |world| sent_to(world, Colour::Green) == 250);
    let (_, next) = stage.begin("q", &third);
    stage.until("the next is refused", |_| next.lock().unwrap().refused.is_some());
    let refusal = next.lock().unwrap().refused.take().unwrap();
    assert_eq!(refusal, "prod/web is driven by p (deployment d-1)");
    stage.ask(&told, |handle| async move { handle.rollback().await });
    let ending = stage.finish_watched(&told, |world| {
        if sent_to(world, Colour::Green) > 0 {
            assert!(live(world, 2) > 0, "revision 2 has traffic and no task");
        }
    });
    assert_eq!(ending, back());
    let (_, next) = stage.begin("q", &third);
    assert_eq!(stage.finish(&next), success());
    stage.assert_everybody_was_served();
}
