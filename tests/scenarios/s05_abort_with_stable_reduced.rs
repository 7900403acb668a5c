//! S5: abort when nearly all traffic is on the candidate and stable has been scaled down.
//!
//! Argo Rollouts shifts everything back at once onto a stable set that is still starting (its issues
//! 3888, 4898, and a deadlock of four conditions in the second). Here traffic follows what stable can
//! carry, and the way back ends.

use std::time::Duration;

use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::World;
use cutover::model::EventKind;
use cutover::model::Intent;
use cutover::strategy::Rolling;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::healthy;
use super::stage::live;
use super::stage::sent_to;

#[test]
fn traffic_goes_back_only_as_fast_as_stable_can_carry_it() {
    let rolling =
        Rolling { minimum_healthy_percent: 100, maximum_percent: 150, ..Rolling::default() };
    let mut stage = Stage::new(Scenario::new(501).with_desired(8));
    let (_, told) = stage.begin("p", &Job::new(rolling));
    stage.until("stable is reduced to a quarter", |world| {
        healthy(world, Colour::Blue) <= 2 && sent_to(world, Colour::Green) >= 500
    });
    stage.ask(&told, |handle| async move { handle.abort().await });
    let seen = told.lock().unwrap().events.len();
    let ending = stage.finish_watched(&told, |world: &World| {
        let all = healthy(world, Colour::Blue) + healthy(world, Colour::Green);
        assert!(all >= 8, "{all} healthy of 8 that are needed");
    });
    assert_eq!(ending, back());
    stage.assert_everybody_was_served();
    let told = told.lock().unwrap();
    let shifts: Vec<u32> = told.events[seen..]
        .iter()
        .filter_map(|event| match event {
            EventKind::Writing { intent: Intent::Shift { weight } } => Some(u32::from(*weight)),
            _ => None,
        })
        .collect();
    assert!(shifts.len() > 1 && shifts[0] > 0, "step by step, not at once: {shifts:?}");
    assert_eq!(shifts.last(), Some(&0));
}

#[test]
fn from_everything_on_the_candidate_and_nothing_left_of_stable_the_way_back_ends() {
    let rolling = Rolling { bake: Duration::from_mins(10), ..Rolling::default() };
    let mut stage = Stage::new(Scenario::new(511).with_desired(8));
    let (_, told) = stage.begin("p", &Job::new(rolling));
    stage.until("stable has no task and no traffic", |world| {
        live(world, 1) == 0 && sent_to(world, Colour::Green) == 1000
    });
    stage.ask(&told, |handle| async move { handle.abort().await });
    let ending = stage.finish_watched(&told, |world: &World| {
        for colour in [Colour::Blue, Colour::Green] {
            let (sent, targets) = (sent_to(world, colour), healthy(world, colour));
            assert!(sent == 0 || targets > 0, "{sent} per mille to {colour:?} without a target");
        }
        let all = healthy(world, Colour::Blue) + healthy(world, Colour::Green);
        assert!(all >= 8, "{all} healthy of 8 that are needed");
    });
    assert_eq!(ending, back());
    assert_eq!(stage.see(|world| healthy(world, Colour::Blue)), 8);
    stage.assert_everybody_was_served();
}
