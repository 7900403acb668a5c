//! Metric thresholds.

use std::time::Duration;

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::model::Status;
use cutover::model::Verdict;

use crate::rig::deploy;
use crate::rig::refusal;
use crate::rig::spec;

const CANARY: &str = "{canary: {weight: 20%, bake: 5m, final_bake: 3m}}";

/// The candidate's error rate in percent, of at least 30 requests.
fn rate(more: &str) -> String {
    let of = "namespace: AWS/ApplicationELB, \
              dimensions: {TargetGroup: '{candidate.target_group}', LoadBalancer: '{load_balancer}'}, \
              statistic: Sum";
    format!(
        "[{{id: rate, metric: {{queries: {{
            bad: {{name: HTTPCode_Target_5XX_Count, {of}}},
            all: {{name: RequestCount, {of}}},
            rate: {{formula: '100 * FILL(bad, 0) / all'}}}},
          watch: rate, below: 2, {more} sample: {{query: all, at_least: 30}}}}}}]"
    )
}

#[test]
fn a_bake_takes_as_long_as_its_complete_periods() {
    let with = deploy(Scenario::new(1), &spec(CANARY, &rate("count: 2,")), &[]);
    assert_eq!(with.status(), Status::Successful, "{:?}", with.ending);
    let without = deploy(Scenario::new(1), &spec(CANARY, "[]"), &[]);
    let longer = with.took().saturating_sub(without.took());
    // each of two bakes ends once its last period is complete: a minute and the two for late data
    assert!(longer >= Duration::from_mins(4), "{longer:?}");
    assert!(longer <= Duration::from_mins(8), "{longer:?}");
    assert!(with.told("rate").iter().all(Verdict::is_pass), "{:?}", with.told("rate"));
    assert!(with.measure("rate", "judged periods").unwrap() >= 8.0);
}

#[test]
fn so_many_bad_periods_in_a_row_roll_back() {
    let scenario = Scenario::new(2).with_behaviour(revision(2), Behaviour::erring(50));
    let done = deploy(scenario, &spec(CANARY, &rate("misses: 2,")), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let told = done.told("rate");
    let Some(Verdict::Fail(why)) = told.last() else { panic!("{told:?}") };
    assert!(why.contains("2 misses in the last 2 periods"), "{why}");
    assert!(why.starts_with("`rate` was 5"), "{why}");
}

#[test]
fn a_night_without_traffic_holds_and_is_never_a_pass() {
    let quiet = Scenario::new(3).with_traffic(Traffic::Constant { milli_rps: 1000 });
    let gates = rate("").replace("[{id: rate,", "[{id: rate, inconclusive: hold 20m,");
    let done = deploy(quiet, &spec(CANARY, &gates), &[]);
    assert_eq!(done.status(), Status::RollbackSuccessful);
    let told = done.told("rate");
    assert!(
        told.iter().any(|verdict| matches!(verdict, Verdict::Inconclusive(why)
        if why.contains("less than 30 `all`"))),
        "{told:?}"
    );
    assert_eq!(done.measure("rate", "judged periods"), Some(0.0));
}

#[test]
fn what_was_judged_survives_the_process() {
    let scenario = || Scenario::new(4).with_behaviour(revision(2), Behaviour::erring(50));
    let gates = spec(CANARY, &rate("misses: 4,"));
    let whole = deploy(scenario(), &gates, &[]);
    let deaths = [Duration::from_mins(4), Duration::from_mins(1), Duration::from_mins(1)];
    let torn = deploy(scenario(), &gates, &deaths);
    for done in [&whole, &torn] {
        assert_eq!(done.status(), Status::RollbackSuccessful);
        let readings = done.readings("rate");
        let failed = readings.iter().find_map(|reading| match &reading.verdict {
            Verdict::Fail(why) => Some(why.clone()),
            Verdict::Pass | Verdict::Inconclusive(_) => None,
        });
        assert!(failed.unwrap().contains("4 misses in the last 4 periods"));
        assert_eq!(done.measure("rate", "judged periods"), Some(4.0));
    }
}

#[test]
fn a_gate_that_cannot_be_asked_refuses_the_start() {
    let gates = rate("").replace("{candidate.target_group}", "{canary.target_group}");
    let said = refusal(Scenario::new(5), &spec(CANARY, &gates));
    assert!(said.starts_with("metric: dimension `TargetGroup` of query `all` is "), "{said}");
    let gates = rate("");
    let said = refusal(Scenario::new(5).without_load_balancer(), &spec("rolling", &gates));
    assert!(
        said.contains("has no such target group") || said.contains("no load balancer"),
        "{said}"
    );
}
