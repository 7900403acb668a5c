//! S9: something that every revision needs fails for a while.
//!
//! What looks at the candidate alone blames it: a static alarm, as CodeDeploy and ECS roll back by, and a
//! threshold of Argo Rollouts or Flagger. So does a ratio rule, to which a blip of few requests looks like a
//! difference. Here both sides are compared over the same minutes; while both are bad nothing goes on, and
//! nobody is blamed.

use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Blips;
use cutover::adapters::sim::Chance;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::Elapsed;
use cutover::model::RollbackCause;
use cutover::model::Verdict;

use super::stage::Job;
use super::stage::Stage;
use super::stage::at;
use super::stage::back;
use super::stage::failing;
use super::stage::measure;
use super::stage::name;
use super::stage::sent_to;
use super::stage::success;

/// An hour at a tenth of the traffic.
const CANARY: &str = "{canary: {weight: 10%, bake: 60m, final_bake: 1m}}";

/// Two healthy revisions; in one minute of twenty 3 % of all requests fail, whoever serves them.
fn blips(seed: u64) -> Scenario {
    let blips = Blips { share_ppm: 50_000, error_ppm: 30_000 };
    let scenario = failing(seed, 1_000, 1_000).with_chance(Chance::default().with_blips(blips));
    // more than 1 % of the candidate's requests within a minute
    scenario.with_alarm(AlarmSpec::errors(name("5xx"), Colour::Green, 10))
}

/// More than 1.2 times stable's rate within a minute.
fn ratio() -> String {
    let of = |side: &str, metric: &str| {
        format!(
            "{{name: {metric}, namespace: AWS/ApplicationELB, statistic: Sum, dimensions: \
             {{TargetGroup: '{{{side}.target_group}}', LoadBalancer: '{{load_balancer}}'}}}}"
        )
    };
    let (bad, all) = ("HTTPCode_Target_5XX_Count", "RequestCount");
    format!(
        "[{{id: ratio, metric: {{queries: {{
            bad: {}, all: {}, usual: {}, most: {},
            ratio: {{formula: '(FILL(bad, 0) / all) / ((FILL(usual, 0) + 1) / most)'}}}},
          watch: ratio, at_most: 1.2}}}}]",
        of("candidate", bad),
        of("candidate", all),
        of("stable", bad),
        of("stable", all),
    )
}

#[test]
fn what_others_roll_back_by_blames_healthy_revisions_and_the_comparison_does_not() {
    for seed in 901..904 {
        let mut outcomes = Vec::new();
        for gates in ["[{id: gate, alarms: [5xx]}]", &ratio(), "[{id: gate, analysis: {}}]"] {
            let mut stage = Stage::new(blips(seed));
            let (_, told) = stage.begin("p", &Job::of_spec(CANARY, gates));
            outcomes.push(stage.finish(&told));
        }
        assert_eq!(outcomes, [back(), back(), success()], "{seed}");
    }
}

/// From minute 5 to minute 15 a fifth of all requests fails on both sides.
fn outage(seed: u64) -> Scenario {
    let mut scenario = failing(seed, 1_000, 1_000);
    for (minute, permille) in [(5, 200), (15, 1)] {
        for number in [1, 2] {
            let (revision, behaviour) = (revision(number), Behaviour::erring(permille));
            scenario.actions.push(at(minute * 60, Action::ChangeBehaviour { revision, behaviour }));
        }
    }
    scenario
}

#[test]
fn while_both_are_bad_nothing_goes_on_and_nobody_is_blamed() {
    let mut stage = Stage::new(outage(911));
    let job = Job::of_spec(
        "{canary: {weight: 10%, bake: 8m, final_bake: 1m}}",
        "[{id: compare, analysis: {}}]",
    );
    let (_, told) = stage.begin("p", &job);
    let ends = Elapsed::from_millis(15 * 60_000);
    let mut full = None;
    let ending = stage.finish_watched(&told, |world| {
        let sent = sent_to(world, Colour::Green);
        assert!(sent <= 100 || world.now() > ends, "{sent} per mille into an outage");
        full = full.or_else(|| (sent > 100).then(|| world.now()));
    });
    // minutes in which both were bad say nothing of the candidate: the whole bake comes after them
    assert!(full.unwrap().since(ends) >= Duration::from_mins(8), "{full:?}");
    assert_eq!(ending, success());
    let verdicts = told.lock().unwrap().verdicts("compare");
    let holds = |verdict: &Verdict| matches!(verdict, Verdict::Inconclusive(why) if why.starts_with("both sides are bad"));
    assert!(verdicts.iter().any(holds), "{verdicts:?}");
    assert!(!verdicts.iter().any(|verdict| matches!(verdict, Verdict::Fail(_))), "{verdicts:?}");
    let compared = measure(&stage.readings(&job, "compare"), "errors: periods compared");
    assert!(compared.unwrap() >= 8.0, "{compared:?}");
    stage.assert_everybody_was_served();
}

#[test]
fn an_outage_is_no_excuse_for_a_candidate_that_is_worse() {
    let mut stage = Stage::new(failing(921, 100_000, 300_000));
    let job = Job::of_spec(CANARY, "[{id: compare, analysis: {}}]");
    let (_, told) = stage.begin("p", &job);
    assert_eq!(stage.finish(&told), back());
    let cause = told.lock().unwrap().cause().unwrap();
    // while both are bad it only holds, and at the hold's limit it is said who suffers more
    let RollbackCause::GateInconclusive { why, .. } = &cause else { panic!("{cause}") };
    assert!(why.ends_with("the candidate suffers more: errors"), "{why}");
}
