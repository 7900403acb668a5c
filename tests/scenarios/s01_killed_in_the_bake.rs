//! S1: the orchestrator is killed and started again while a bake is under way.
//!
//! Flagger advances a canary as soon as its process starts, because each job runs once before its first
//! tick: every restart, failover or change of the interval skips what is left of the bake. Here only
//! time that was watched counts, and what is dead watches nothing.

use std::time::Duration;

use cutover::adapters::sim::Call;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::World;
use cutover::model::Weight;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;

use super::stage::Job;
use super::stage::Stage;
use super::stage::sent_to;
use super::stage::success;

/// How long the whole group served before the promotion, less the time that nobody watched.
fn watched_bake(kills: u32) -> Duration {
    let mut stage = Stage::new(Scenario::new(101));
    let job = Job::new(BlueGreen::default());
    let (mut process, mut told) = stage.begin("p-0", &job);
    stage.until("all traffic is to go to green", |world| {
        world.state().production_rules().all(|rule| rule.control_permille(1) == 1000)
    });
    let begun = stage.see(World::now);
    let mut dead = Duration::ZERO;
    for kill in 1..=kills {
        stage.pass(Duration::from_secs(50));
        stage.kill(&process);
        stage.pass(Duration::from_secs(70));
        dead += Duration::from_secs(70);
        (process, told) = stage.begin(&format!("p-{kill}"), &job);
    }
    let ending = stage.finish(&told);
    assert_eq!(ending, success());
    stage.assert_everybody_was_served();
    let promoted = |call: &Call| matches!(call, Call::UpdateServicePrimaryTaskSet { .. });
    let written = stage.written();
    let promotion = written.iter().find(|entry| promoted(&entry.call)).unwrap();
    promotion.sent_at.since(begun).saturating_sub(dead)
}

#[test]
fn a_restart_never_shortens_a_bake() {
    let bake = BlueGreen::default().bake;
    for kills in 0..4 {
        let watched = watched_bake(kills);
        assert!(watched >= bake, "{kills} kills: {watched:?} of {bake:?}");
    }
}

#[test]
fn a_restart_never_skips_a_step() {
    let canary = Canary { weight: Weight::percent(10).unwrap(), ..Canary::default() };
    let mut stage = Stage::new(Scenario::new(102));
    let job = Job::new(canary.clone());
    let (process, _) = stage.begin("p-0", &job);
    stage.until("the canary has traffic", |world| sent_to(world, Colour::Green) == 100);
    let begun = stage.see(World::now);
    stage.pass(Duration::from_secs(30));
    stage.kill(&process);
    let (_, told) = stage.begin("p-1", &job);
    stage.until("the weight rises", |world| sent_to(world, Colour::Green) > 100);
    let stayed = stage.see(World::now).since(begun);
    assert!(stayed >= canary.bake, "{stayed:?} of {:?}", canary.bake);
    assert_eq!(stage.finish(&told), success());
}
