//! S13: two controllers at once.
//!
//! An old leader of Argo Rollouts that lost its lease keeps working beside the new one (its issue 2117),
//! and a second replica of Flagger halves every interval (its issue 1613). Here one process holds a
//! service's lease; whoever comes second is told who does, and whoever lost it writes nothing more.

use std::collections::BTreeSet;
use std::time::Duration;

use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::strategy::Canary;

use super::stage::Job;
use super::stage::Stage;
use super::stage::sent_to;
use super::stage::success;

#[test]
fn of_two_that_start_at_once_one_drives() {
    let mut stage = Stage::new(Scenario::new(1301));
    let first = Job::new(Canary::default());
    let second = Job { id: "d-2", revision: 3, ..first.clone() };
    let (_, a) = stage.begin("a", &first);
    let (_, b) = stage.begin("b", &second);
    stage.pass(Duration::from_hours(3));
    let ended = [&a, &b].map(|told| told.lock().unwrap().ending.clone());
    let refused = [&a, &b].map(|told| told.lock().unwrap().refused.clone());
    assert_eq!(ended.iter().flatten().count(), 1, "{ended:?} {refused:?}");
    assert_eq!(refused.iter().flatten().count(), 1, "{refused:?}");
    let writers: BTreeSet<_> = stage.written().into_iter().map(|entry| entry.actor).collect();
    assert_eq!(writers.len(), 1, "{writers:?}");
    stage.assert_everybody_was_served();
}

#[test]
fn a_second_process_of_the_same_deployment_waits_for_the_first_to_die() {
    let mut stage = Stage::new(Scenario::new(1302));
    let job = Job::new(Canary::default());
    let (first, _) = stage.begin("a", &job);
    stage.until("the canary has traffic", |world| sent_to(world, Colour::Green) > 0);
    let (_, told) = stage.begin("b", &job);
    stage.pass(Duration::from_secs(30));
    let by = |name: &str| stage.written().iter().filter(|it| it.actor.name() == name).count();
    assert_eq!(by("b"), 0, "the first still drives");
    stage.kill(&first);
    assert_eq!(stage.finish(&told), success());
    let written = stage.written();
    let last_of_first = written.iter().rposition(|entry| entry.actor.name() == "a").unwrap();
    assert!(written[..last_of_first].iter().all(|entry| entry.actor.name() == "a"));
    stage.assert_everybody_was_served();
}
