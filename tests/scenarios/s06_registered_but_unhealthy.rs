//! S6: the candidate's targets are registered, but not healthy.
//!
//! Argo Rollouts verifies that a target group holds the pods' addresses and says itself that it does not
//! look at their health (its issues 4834, 4297, 2864): blue/green behind an Application Load Balancer
//! has downtime. Here a target counts when it is healthy, and a weight needs enough of them.

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Rolling;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::sent_to;

#[test]
fn an_unhealthy_target_is_given_nothing() {
    let jobs =
        [Job::new(BlueGreen::default()), Job::new(Canary::default()), Job::new(Rolling::default())];
    for (seed, job) in (601..).zip(jobs) {
        let behaviour = Behaviour::doomed(Fate::NeverHealthy);
        let mut stage = Stage::new(Scenario::new(seed).with_behaviour(revision(2), behaviour));
        let (_, told) = stage.begin("p", &job);
        let ending = stage.finish_watched(&told, |world| {
            assert_eq!(sent_to(world, Colour::Green), 0, "{seed}");
        });
        assert_eq!(ending, back(), "{seed}");
        stage.assert_everybody_was_served();
    }
}

#[test]
fn half_of_the_targets_carry_half_of_the_traffic_at_most() {
    let behaviour = Behaviour::doomed(Fate::NeverHealthy).with_afflicted_permille(500);
    let scenario = Scenario::new(610).with_desired(10).with_behaviour(revision(2), behaviour);
    let mut stage = Stage::new(scenario);
    let (_, told) = stage.begin("p", &Job::new(BlueGreen::default()));
    stage.finish_watched(&told, |world| {
        let (sent, targets) = (
            sent_to(world, Colour::Green),
            u64::from(world.state().healthy_targets(Colour::Green.index())),
        );
        assert!(sent == 0 || targets == 10, "{sent} per mille to {targets} of 10");
    });
    stage.assert_everybody_was_served();
}
