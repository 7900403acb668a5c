//! S16: dozens of rules over one pair of target groups.
//!
//! Argo Rollouts keeps the weight of the last rule it read and does not look whether all agree; with more
//! than 20 target groups or 300 load balancers its reads fail or are cut off (its issues 2569, 1963). Here
//! a weight counts when every rule has it, and rules are read by name.

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::strategy::Canary;

use super::stage::Job;
use super::stage::Stage;
use super::stage::alarm;
use super::stage::alarms;
use super::stage::back;
use super::stage::live;
use super::stage::success;

const RULES: u32 = 25;

fn scenario(seed: u64) -> Scenario {
    // of each of the first shifts a part of the rules is left out
    let partial = [1, 30, 40].into_iter().map(|nth| ScheduledFault {
        call: CallFilter::Only(CallKind::ModifyRule),
        nth,
        fault: Fault::Partial,
    });
    partial.fold(Scenario::new(seed).with_production_rules(RULES), Scenario::with_fault)
}

/// The most and the least that any rule really sends to a group, in per mille.
fn spread(world: &World, colour: Colour) -> (u64, u64) {
    let sent = world.state().production_rules().map(|rule| rule.data_permille(colour.index()));
    sent.fold((0, 1000), |(most, least), sent| (most.max(sent), least.min(sent)))
}

#[test]
fn a_weight_counts_when_every_rule_has_it() {
    let mut stage = Stage::new(scenario(1601));
    let (_, told) = stage.begin("p", &Job::new(Canary::default()));
    let ending = stage.finish_watched(&told, |world| {
        let (most, _) = spread(world, Colour::Blue);
        assert!(most == 0 || live(world, 1) == 4, "a rule still sends {most} per mille to blue");
    });
    assert_eq!(ending, success());
    assert_eq!(stage.see(|world| spread(world, Colour::Green)), (1000, 1000));
    stage.assert_everybody_was_served();
}

#[test]
fn the_way_back_leaves_no_rule_behind() {
    let scenario =
        scenario(1602).with_behaviour(revision(2), Behaviour::erring(400)).with_alarm(alarm("5xx"));
    let mut stage = Stage::new(scenario);
    let gate = alarms(&["5xx"]);
    let job = Job::new(Canary::default()).gate(gate, std::time::Duration::from_mins(30));
    let (_, told) = stage.begin("p", &job);
    assert_eq!(stage.finish(&told), back());
    assert_eq!(stage.see(|world| spread(world, Colour::Green)), (0, 0));
    stage.assert_everybody_was_served();
}
