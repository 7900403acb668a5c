//! The candidate against stable.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::model::Elapsed;
use cutover::model::Finding;
use cutover::model::RollbackCause;
use cutover::model::Status;
use cutover::model::Verdict;

use crate::rig::Done;
use crate::rig::deploy;
use crate::rig::refusal;
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

/// From a minute on so many requests of stable and of the candidate fail, in per mille.
fn from(mut scenario: Scenario, minute: u64, permille: [u32; 2]) -> Scenario {
    for (number, permille) in [1, 2].into_iter().zip(permille) {
        let (revision, behaviour) = (revision(number), Behaviour::erring(permille));
        let at = Elapsed::from_millis(minute * 60_000);
        scenario.actions.push((at, Action::ChangeBehaviour { revision, behaviour }));
    }
    scenario
}

fn says(done: &Done, what: &str) -> bool {
    let unsure = |verdict: &Verdict| matches!(verdict, Verdict::Inconclusive(why) if why == what);
    done.told("canary").iter().any(unsure)
}

const COMMON: &str = "both sides are bad, so the cause is not the candidate's alone: errors";
const SUFFERS: &str = "both sides are bad, so the cause is not the candidate's alone: errors; \
                       the candidate suffers more: errors";

#[test]
fn what_both_sides_share_is_not_blamed_on_the_candidate() {
    // a dependency breaks for five minutes: a fifth of all requests fails on both sides
    let scenario = from(from(world(1, 1), 6, [200, 200]), 11, [1, 1]);
    let done = deploy(scenario, &spec(CANARY, ERRORS), &[]);
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("canary"));
    assert!(says(&done, COMMON), "{:?}", done.told("canary"));
}

#[test]
fn who_suffers_more_from_it_is_told_and_not_blamed_if_the_evidence_is_taken_back() {
    // the candidate's pools are cold: for five minutes it fails twice as often, then as often as stable
    let scenario = from(from(from(world(1, 1), 6, [200, 400]), 11, [200, 200]), 20, [1, 1]);
    let done = deploy(scenario, &spec(CANARY, ERRORS), &[]);
    assert!(says(&done, SUFFERS), "{:?}", done.told("canary"));
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("canary"));
}

#[test]
fn harm_that_still_stands_when_the_shared_failure_is_over_turns_it_back() {
    let blip = || from(from(world(1, 1), 6, [200, 400]), 20, [1, 20]);
    let over = Duration::from_mins(20);
    let done = deploy(blip(), &spec(CANARY, ERRORS), &[]);
    assert!(says(&done, SUFFERS), "{:?}", done.told("canary"));
    let (at, cause) = done.turned().unwrap();
    assert!(matches!(cause, RollbackCause::GateFailed { .. }), "{cause}");
    assert!(at > over, "at {at:?}, while both sides were bad");
    // who wants no such hold gets none
    let at_once = "[{id: canary, analysis: {both_bad: rollback}}]";
    let done = deploy(blip(), &spec(CANARY, at_once), &[]);
    let (at, cause) = done.turned().unwrap();
    assert!(matches!(cause, RollbackCause::GateFailed { .. }), "{cause}");
    assert!(at < over, "not before {at:?}");
}

#[test]
fn a_shared_failure_that_does_not_end_turns_it_back_at_the_limit_of_the_hold() {
    let gates = "[{id: canary, analysis: {}, inconclusive: hold 10m}]";
    let done = deploy(from(world(1, 1), 6, [200, 600]), &spec(CANARY, gates), &[]);
    let (at, cause) = done.turned().unwrap();
    assert!(
        matches!(&cause, RollbackCause::GateInconclusive { why, .. } if why == SUFFERS),
        "{cause}"
    );
    assert!(at > Duration::from_mins(16), "{at:?}");
}

const LONG: &str = "{canary: {weight: 10%, bake: 40m, final_bake: 1m}}";
const EARLY: &str = "[{id: canary, analysis: {advance_early: {after: 5m}}}]";
const MINIMUM: Duration = Duration::from_mins(5);
const WHOLE: Duration = Duration::from_mins(40);

#[test]
fn a_bake_ends_early_once_the_candidate_is_shown_to_be_safe_and_no_process_has_to_live_for_that() {
    let usual = deploy(world(2, 2), &spec(LONG, ERRORS), &[]).bakes();
    assert!(usual[0].0 >= WHOLE && usual[0].2.finding == Finding::Safe, "{usual:?}");
    for deaths in [vec![], [4, 1, 2].map(Duration::from_mins).into()] {
        let done = deploy(world(2, 2), &spec(LONG, EARLY), &deaths);
        assert_eq!(done.status(), Status::Successful, "{:?}", done.told("canary"));
        // all have one bake that compares: where all traffic is the candidate's, there is nothing to compare
        let [(watched, bake, proof)] = done.bakes()[..] else { panic!("{:?}", done.bakes()) };
        assert!((MINIMUM..WHOLE / 2).contains(&watched) && bake == WHOLE, "{watched:?}");
        assert!(proof.finding == Finding::Safe && proof.log_e >= proof.needed, "{proof}");
        assert!(done.readings("canary").last().unwrap().proof.is_none(), "the final bake");
    }
}

#[test]
fn where_nothing_fails_nothing_is_shown_and_the_bake_takes_its_time() {
    let done = deploy(world(0, 0), &spec(LONG, EARLY), &[]);
    assert_eq!(done.status(), Status::Successful);
    let (watched, _, proof) = done.bakes()[0];
    assert!(watched >= WHOLE, "{watched:?}");
    assert_eq!(proof.to_string(), "insufficient evidence: ln E 0.0 of 3.0");
    let hold = "[{id: canary, analysis: {insufficient: hold}, inconclusive: hold 5m}]";
    let done = deploy(world(0, 0), &spec(LONG, hold), &[]);
    let (at, cause) = done.turned().unwrap();
    assert_eq!(
        cause.to_string(),
        "gate `canary` could not tell for too long: insufficient evidence: ln E 0.0 of 3.0"
    );
    assert!(at >= WHOLE + MINIMUM, "{at:?}");
}

#[test]
fn a_gate_made_of_others_shows_safe_only_where_every_analysis_in_it_does() {
    // all answers are quick, so of slow ones nothing is ever shown
    for kind in ["all", "any"] {
        let gates = |slow: &str| {
            format!(
                "[{{id: canary, {kind}: [
                    {{id: errors, analysis: {{advance_early: {{after: 5m}}}}}}, {slow}]}}]"
            )
        };
        let slow = "{id: slow, analysis: {metrics: [{name: slow, slower_than: 900ms}]}}";
        let done = deploy(world(2, 2), &spec(LONG, &gates(slow)), &[]);
        let (watched, _, proof) = done.bakes()[0];
        assert!(watched >= WHOLE && proof.finding == Finding::Insufficient, "{kind}: {proof}");
        let alike = "{id: too, analysis: {preset: noisy}}";
        let done = deploy(world(2, 2), &spec(LONG, &gates(alike)), &[]);
        let (watched, _, proof) = done.bakes()[0];
        assert!(watched < WHOLE && proof.finding == Finding::Safe, "{kind}: {watched:?}, {proof}");
    }
}

#[test]
fn an_early_end_that_no_gate_could_bring_about_is_refused() {
    for given in ["mode: hold_only", "mode: observe_only", "inconclusive: continue"] {
        let gates =
            format!("[{{id: canary, {given}, analysis: {{advance_early: {{after: 5m}}}}}}]");
        let why = refusal(world(1, 1), &spec(CANARY, &gates));
        assert!(why.starts_with("analysis: `advance_early` is given, but no bake waits"), "{why}");
    }
}

#[test]
fn three_analyses_with_three_metrics_each_leave_a_small_record() {
    let analysis = "analysis: {metrics: [{name: errors, errors: true},
        {name: slow, slower_than: 200ms}, {name: slower, slower_than: 1s}]}";
    let gates = format!("[{{id: a, {analysis}}}, {{id: b, {analysis}}}, {{id: c, {analysis}}}]");
    // after two days it is as large as after two hours
    let strategy = "{canary: {weight: 10%, bake: 2h, final_bake: 1m}}";
    let done = deploy(world(2, 2), &spec(strategy, &gates), &[]);
    assert_eq!(done.status(), Status::Successful);
    let kept = |id: &str| done.readings(id).iter().map(|it| it.memory.0.len()).max().unwrap();
    let largest = ["a", "b", "c"].map(kept);
    assert!(largest.iter().all(|bytes| *bytes < 24 * 1024), "{largest:?} bytes remembered");
    assert!(done.size < 256 * 1024, "{} bytes, {largest:?} remembered", done.size);
    assert!(done.record.entries.len() >= 2, "{} decisions kept", done.record.entries.len());
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
