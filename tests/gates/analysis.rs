//! The candidate against stable.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::model::Elapsed;
use cutover::model::Status;
use cutover::model::Verdict;

use crate::rig::Done;
use crate::rig::deploy;
use crate::rig::spec;

const CANARY: &str = "{canary: {weight: 10%, bake: 15m, final_bake: 1m}}";
const ERRORS: &str = "[{id: canary, analysis: {}}]";

/// 200 requests a second, so many of which fail, in per mille.
fn world(stable: u32, candidate: u32) -> Scenario {
    let busy = Scenario::new(1).with_traffic(Traffic::per_second(200));
    busy.with_behaviour(revision(1), Behaviour::erring(stable))
        .with_behaviour(revision(2), Behaviour::erring(candidate))
}

fn last(done: &Done) -> Verdict {
    done.told("canary").last().unwrap().clone()
}

#[test]
fn a_candidate_as_good_as_stable_passes_with_what_was_compared() {
    let done = deploy(world(2, 2), &spec(CANARY, ERRORS), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("canary"));
    assert!(done.measure("canary", "errors: periods compared").unwrap() >= 15.0);
    let share = done.measure("canary", "candidate's share of requests in percent").unwrap();
    assert!((share - 10.0).abs() < 0.5, "{share}");
    let turns: Vec<String> =
        done.readings("canary").into_iter().filter_map(|reading| reading.grounds.turns).collect();
    assert!(
        turns.iter().any(|turns| turns.starts_with("insufficient evidence so far")),
        "{turns:?}"
    );
    assert!(turns.iter().all(|turns| !turns.contains("healthy")), "{turns:?}");
}

#[test]
fn a_candidate_that_fails_more_often_is_rolled_back() {
    for candidate in [6, 50] {
        let done = deploy(world(1, candidate), &spec(CANARY, ERRORS), &[]);
        assert_eq!(
            done.status(),
            Status::RollbackSuccessful,
            "{candidate}: {:?}",
            done.told("canary")
        );
        let Verdict::Fail(why) = last(&done) else { panic!("{:?}", done.told("canary")) };
        assert_eq!(why, "the candidate is worse than stable: errors");
    }
}

#[test]
fn slow_answers_are_compared_too() {
    let gates = "[{id: canary, analysis: {metrics: [
        {name: errors, errors: true}, {name: slow, slower_than: 200ms}]}}]";
    let scenario =
        world(1, 1).with_behaviour(revision(2), Behaviour::erring(1).with_latency_ms(600));
    let done = deploy(scenario, &spec(CANARY, gates), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    assert_eq!(last(&done), Verdict::Fail("the candidate is worse than stable: slow".to_owned()));
}

#[test]
fn what_both_sides_share_is_not_blamed_on_the_candidate() {
    // a dependency breaks for five minutes: a fifth of all requests fails on both sides
    let at = |minutes: u64| Elapsed::from_millis(minutes * 60_000);
    let both = |scenario: Scenario, minutes: u64, permille: u32| {
        [1, 2].into_iter().fold(scenario, |mut scenario, number| {
            let (revision, behaviour) = (revision(number), Behaviour::erring(permille));
            scenario.actions.push((at(minutes), Action::ChangeBehaviour { revision, behaviour }));
            scenario
        })
    };
    let scenario = both(both(world(1, 1), 6, 200), 11, 1);
    let done = deploy(scenario, &spec(CANARY, ERRORS), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("canary"));
    let told = done.told("canary");
    assert!(
        told.iter().any(|verdict| matches!(verdict, Verdict::Inconclusive(why)
        if why.starts_with("both sides are bad"))),
        "{told:?}"
    );
}

#[test]
fn evidence_goes_on_across_the_death_of_the_process() {
    let deaths: Vec<Duration> = [4, 1, 2].map(Duration::from_mins).into();
    let done = deploy(world(2, 2), &spec(CANARY, ERRORS), &deaths);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("canary"));
    let compared = done.measure("canary", "errors: periods compared").unwrap();
    assert!(compared >= 15.0, "{compared}");
    assert!(done.size < 256 * 1024, "{} bytes", done.size);
}

#[test]
fn a_side_without_requests_is_no_evidence() {
    let quiet = Scenario::new(5).with_traffic(Traffic::None);
    let gates = "[{id: canary, analysis: {}, inconclusive: hold 10m}]";
    let done = deploy(quiet, &spec(CANARY, gates), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let Verdict::Inconclusive(why) = last(&done) else { panic!("{:?}", done.told("canary")) };
    assert!(why.ends_with("lack requests of a side"), "{why}");
}
