//! S15: CloudWatch publishes a minute late, or in part, or corrects it.
//!
//! Argo Rollouts asks for everything up to now, and judges the minute that has not ended with the others;
//! Flagger takes the first value of a window ten times as long as its interval, so that one from before the
//! canary can pass it. Neither looks whether an answer was whole. Here a period is judged when it is over and
//! settled, once; what is not there is waited for, and what is corrected afterwards is told.

use std::time::Duration;

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Chance;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Late;
use cutover::adapters::sim::Revised;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::model::RollbackCause;
use cutover::model::Verdict;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::measure;
use super::stage::sent_to;
use super::stage::success;

/// The canary has 20 of 200 requests a second, 1200 a minute, and is watched meanwhile.
const STEPS: &str = "{steps: [{scale: 100%}, {shift: 10%}, {bake: {duration: 8m, gates: [count]}},
                              {shift: 100%}, {bake: 1m}]}";
const JUDGED: &str = "judged periods";
const REVISED: &str = "periods revised after they were judged";

fn scenario(seed: u64, chance: Chance) -> Scenario {
    Scenario::new(seed).with_traffic(Traffic::per_second(200)).with_chance(chance)
}

/// A bound for a count of the candidate's group.
fn bounded(count: &str, bound: &str, settle: &str) -> Job {
    let gates = format!(
        "[{{id: count, always: false, metric: {{queries: {{count: {{name: {count}, statistic: Sum,
              namespace: AWS/ApplicationELB, dimensions: {{TargetGroup: '{{candidate.target_group}}',
              LoadBalancer: '{{load_balancer}}'}}}}}},
            watch: count, {bound}, settle: {settle}}}}}]"
    );
    Job::of_spec(STEPS, &gates)
}

fn revised(shown_permille: u32, after: Duration) -> Chance {
    let share_ppm = 1_000_000;
    Chance::default().with_revised(Revised { share_ppm, shown_permille, after })
}

#[test]
fn a_minute_is_judged_when_it_is_over_and_settled() {
    // every minute shows a tenth of its requests at first
    let chance = revised(100, Duration::from_mins(1));
    let mut stage = Stage::new(scenario(1501, chance));
    let job = bounded("RequestCount", "at_least: 400", "3m");
    let (_, told) = stage.begin("p", &job);
    assert_eq!(stage.finish(&told), success());
    let readings = stage.readings(&job, "count");
    assert!(readings.iter().all(|reading| reading.verdict.is_pass()), "{readings:?}");
    let judged = measure(&readings, JUDGED).unwrap();
    assert!((8.0..=10.0).contains(&judged), "each once: {judged}");
    assert_eq!(measure(&readings, REVISED), None, "it was not judged before");
}

#[test]
fn what_is_not_there_yet_is_waited_for_and_then_judged() {
    // every minute is published nine minutes later than others are: after the bake would be over
    let by = (Duration::from_mins(9), Duration::from_mins(9));
    let late = Chance::default().with_late(Late { share_ppm: 1_000_000, by });
    let bad = Behaviour::erring(300);
    let mut stage = Stage::new(scenario(1511, late).with_behaviour(revision(2), bad));
    let job = bounded("HTTPCode_Target_5XX_Count", "below: 60", "2m");
    let (_, told) = stage.begin("p", &job);
    let ending = stage.finish_watched(&told, |world| {
        let sent = sent_to(world, Colour::Green);
        assert!(sent <= 100, "{sent} per mille before its first minute was seen");
    });
    assert_eq!(ending, back());
    let told = told.lock().unwrap();
    let cause = told.cause().unwrap();
    assert!(matches!(&cause, RollbackCause::GateFailed { .. }), "it was seen in the end: {cause}");
    let waits = |verdict: &Verdict| matches!(verdict, Verdict::Inconclusive(why) if why.contains("have no `count`"));
    assert!(told.verdicts("count").iter().any(waits), "{:?}", told.verdicts("count"));
}

#[test]
fn what_is_corrected_afterwards_is_told_and_not_judged_again() {
    // half of the requests are shown for three minutes: longer than is waited for
    let chance = revised(500, Duration::from_mins(3));
    // one bound holds for what is shown first, the other for what comes later
    for (bound, ending) in [("below: 900", success()), ("at_least: 900", back())] {
        let mut stage = Stage::new(scenario(1521, chance));
        let job = bounded("RequestCount", bound, "2m");
        let (_, told) = stage.begin("p", &job);
        assert_eq!(stage.finish(&told), ending, "{bound}");
        let readings = stage.readings(&job, "count");
        let judged = measure(&readings, JUDGED).unwrap();
        if ending == success() {
            assert!(measure(&readings, REVISED).unwrap() >= 3.0, "{readings:?}");
            assert!((8.0..=10.0).contains(&judged), "each once: {judged}");
        } else {
            assert_eq!(Some(judged), Some(1.0), "the first was enough");
        }
    }
}
