//! S14: an autoscaler changes the desired count in the middle of a step.
//!
//! Argo Rollouts has scaled stable to zero over it (its issues 1415, 4973, 2857); Flagger loops (634). Here
//! shares are of the desired count of now, every weight is held against the healthy targets of now, and
//! neither a rise nor a fall is drift.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::strategy::BlueGreen;
use cutover::strategy::Linear;
use cutover::strategy::Rolling;
use cutover::strategy::Strategy;

use super::stage::Job;
use super::stage::Stage;
use super::stage::at;
use super::stage::healthy;
use super::stage::success;

fn run(strategy: impl Strategy + 'static, desired: &[(u64, u32)], least: u32) {
    let scenario = desired.iter().fold(Scenario::new(1401), |scenario, (second, tasks)| {
        let (at, action) = at(*second, Action::SetDesired(*tasks));
        scenario.with_action(at, action)
    });
    let mut stage = Stage::new(scenario);
    let (_, told) = stage.begin("p", &Job::new(strategy));
    let mut fewest = u32::MAX;
    let ending = stage.finish_watched(&told, |world| {
        let all = healthy(world, Colour::Blue) + healthy(world, Colour::Green);
        fewest = fewest.min(all);
    });
    assert_eq!(ending, success(), "{desired:?}");
    assert!(fewest >= least, "{desired:?}: {fewest} healthy, {least} needed");
    let last = desired.last().map_or(4, |(_, tasks)| *tasks);
    stage.pass(Duration::from_mins(10));
    let serve = stage.see(|world| healthy(world, Colour::Green));
    assert_eq!(serve, last, "what was asked for last serves in the end");
    stage.assert_everybody_was_served();
}

#[test]
fn a_rise_and_a_fall_are_followed() {
    run(BlueGreen::default(), &[(100, 9)], 4);
    run(BlueGreen::default(), &[(100, 2)], 2);
    run(Linear::default(), &[(300, 8), (1200, 3)], 3);
    run(Rolling::default(), &[(40, 8), (200, 5)], 4);
}
