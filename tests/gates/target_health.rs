//! The target-health gate.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::Elapsed;
use cutover::model::Status;
use cutover::model::Verdict;

use crate::rig::Done;
use crate::rig::deploy;
use crate::rig::spec;

const CANARY: &str = "{canary: {weight: 10%, bake: 10m, final_bake: 1m}}";
const BLUE_GREEN: &str = "{blue_green: {bake: 10m}}";

/// Every reason that the gate gave, in order.
fn reasons(done: &Done, gate: &str) -> Vec<String> {
    let told = done.told(gate).into_iter().filter_map(|verdict| match verdict {
        Verdict::Pass => None,
        Verdict::Fail(why) => Some(format!("fail: {why}")),
        Verdict::Inconclusive(why) => Some(format!("unsure: {why}")),
    });
    told.collect()
}

#[test]
fn stable_that_loses_tasks_holds_and_is_not_blamed_on_the_candidate() {
    let kill = Action::KillTasks { revision: revision(1), count: 2 };
    let scenario = Scenario::new(1).with_action(Elapsed::from_millis(200_000), kill);
    let done = deploy(scenario, &spec(CANARY, "[]"), &[]);
    assert_eq!(done.status(), Status::Successful);
    let said = reasons(&done, "target-health");
    let lost = "unsure: stable lost capacity, not the candidate's doing: 2 healthy of 4";
    assert!(said.iter().any(|why| why == lost), "{said:?}");
    assert!(said.iter().all(|why| why.starts_with("unsure: stable lost")), "{said:?}");
    // the bake is as long as it was to be, and the hold comes on top of it
    assert!(done.took() > Duration::from_secs(11 * 60 + 30), "{:?}", done.took());
}

#[test]
fn a_candidate_that_falls_ill_fails_with_what_ails_it() {
    let ill = Behaviour::doomed(Fate::CrashesAfter(Duration::from_secs(180)));
    let ill = ill.with_afflicted_permille(500);
    let scenario = Scenario::new(2).with_behaviour(revision(2), ill);
    let gates = "[{id: health, unhealthy_reads: 2, of_reads: 4}]";
    let done = deploy(scenario, &spec(BLUE_GREEN, gates), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let said = reasons(&done, "health");
    let last = said.last().unwrap();
    assert!(last.starts_with("fail: ") && last.contains("; so at 2 of 4 looks"), "{said:?}");
    assert!(last.contains(" tasks failed: exited"), "{said:?}");
}

#[test]
fn every_zone_needs_its_minimum_where_that_is_asked_for() {
    let gates = |least: u32| {
        format!("[{{id: health, unhealthy_reads: 3, of_reads: 5, minimum_per_zone: {least}}}]")
    };
    let done = deploy(Scenario::new(3), &spec(BLUE_GREEN, &gates(1)), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", reasons(&done, "health"));
    for zone in ["a", "b", "c"] {
        let healthy = done.measure("health", &format!("healthy in eu-west-1{zone}"));
        assert!(healthy.unwrap() >= 1.0, "{zone}: {healthy:?}");
    }
    // four tasks in three zones: only one zone can have two
    let done = deploy(Scenario::new(3), &spec(BLUE_GREEN, &gates(2)), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let said = reasons(&done, "health");
    assert!(said.last().unwrap().contains("; zone eu-west-1"), "{said:?}");
    assert!(said.last().unwrap().contains(" has 1 healthy and needs 2"), "{said:?}");
}
