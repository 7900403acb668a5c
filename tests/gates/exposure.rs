//! Exposure caps.

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::Status;
use cutover::model::Verdict;

use crate::rig::Done;
use crate::rig::deploy;
use crate::rig::spec;

const CANARY: &str = "{canary: {weight: 10%, bake: 10m, final_bake: 1m}}";

fn run(gates: &str, candidate: Behaviour) -> Done {
    let scenario = Scenario::new(1).with_behaviour(revision(2), candidate);
    deploy(scenario, &spec(CANARY, gates), &[])
}

#[test]
fn a_candidate_that_serves_more_than_its_cap_is_rolled_back() {
    // 2 requests a second at 10 %
    let done = run("[{id: cap, exposure: {requests: 500}}]", Behaviour::healthy());
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let told = done.told("cap");
    let Some(Verdict::Fail(why)) = told.last() else { panic!("{told:?}") };
    assert!(why.ends_with("requests served by the candidate, at most 500"), "{why}");
}

#[test]
fn a_cap_counts_only_below_its_weight() {
    let done = run("[{id: cap, exposure: {requests: 2500, below: 50%}}]", Behaviour::healthy());
    assert_eq!(done.status(), Status::Successful, "{:?}", done.told("cap"));
    let served = done.measure("cap", "requests served by the candidate").unwrap();
    assert!((1100.0..=2500.0).contains(&served), "{served}");
}

#[test]
fn failed_requests_are_capped_by_number_or_by_an_error_budget() {
    let budget =
        "[{id: cap, exposure: {error_budget: {objective: 99.9%, requests: 1000000, share: 5%}}}]";
    for gates in ["[{id: cap, exposure: {failed: 50}}]", budget] {
        let done = run(gates, Behaviour::erring(100));
        assert_eq!(done.status(), Status::RollbackSuccessful, "{gates}");
        let told = done.told("cap");
        assert!(
            matches!(told.last(), Some(Verdict::Fail(why)) if why.ends_with("at most 50")),
            "{told:?}"
        );
        let done = run(gates, Behaviour::healthy());
        assert_eq!(done.status(), Status::Successful, "{gates}");
    }
}
