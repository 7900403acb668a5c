//! S2: the rule is read back right, but the load balancer follows it 90 s later.
//!
//! Argo Rollouts takes `DescribeRules` for the truth and scales the old set in while requests still
//! reach it (its issues 3926, 4595, 3333). Here no side is drained before the propagation time and the
//! drain are over.

use std::time::Duration;

use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Timing;
use cutover::adapters::sim::World;
use cutover::model::Limits;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Linear;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::healthy;
use super::stage::sent_to;
use super::stage::success;

const LATE: Duration = Duration::from_secs(90);

fn late(seed: u64) -> Stage {
    let mut timing = Timing::default();
    timing.propagation = LATE;
    Stage::new(Scenario::new(seed).with_timing(timing))
}

fn patient(job: Job) -> Job {
    Job { limits: Limits { propagation: LATE, ..Limits::default() }, ..job }
}

/// Whoever is sent requests has targets.
fn nobody_is_sent_to_nothing(world: &World) {
    for colour in [Colour::Blue, Colour::Green] {
        let (sent, targets) = (sent_to(world, colour), healthy(world, colour));
        assert!(sent == 0 || targets > 0, "{sent} per mille to {colour:?} without a target");
    }
}

#[test]
fn no_side_is_drained_while_requests_may_reach_it() {
    let jobs =
        [Job::new(BlueGreen::default()), Job::new(Canary::default()), Job::new(Linear::default())];
    for (seed, job) in (201..).zip(jobs) {
        let mut stage = late(seed);
        let (_, told) = stage.begin("p", &patient(job));
        assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), success());
        stage.assert_everybody_was_served();
    }
}

#[test]
fn the_way_back_is_as_careful() {
    let mut stage = late(210);
    let (_, told) = stage.begin("p", &patient(Job::new(BlueGreen::default())));
    stage.until("all traffic is on green", |world| sent_to(world, Colour::Green) == 1000);
    stage.ask(&told, |handle| async move { handle.abort().await });
    assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), back());
    stage.assert_everybody_was_served();
}
