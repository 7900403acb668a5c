//! S10: at night nobody asks for anything.
//!
//! Flagger goes on when traffic stops (its issue 1011), or counts every quiet minute as a failed check and
//! rolls a healthy revision back; Argo Rollouts passes an analysis without data, and users ask for a pause
//! until there are some (its issue 1905). Here time without evidence is no bake: it is waited for, for as
//! long as the spec says.

use std::time::Duration;

use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::World;
use cutover::model::Elapsed;
use cutover::model::Ending;
use cutover::model::RollbackCause;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::failing;
use super::stage::sent_to;
use super::stage::success;

/// The night begins in the middle of the canary's bake.
const DUSK: u64 = 5 * 60_000;
const NIGHT: u64 = 8 * 3_600_000;
const BAKE: Duration = Duration::from_mins(10);
const CANARY: &str = "{canary: {weight: 10%, bake: 10m, final_bake: 2m}}";

/// What may watch it: a comparison with stable, or a bound for the candidate's share of errors.
const WATCHES: [&str; 2] = [
    "analysis: {}",
    "metric: {queries: {
        bad: {name: HTTPCode_Target_5XX_Count, namespace: AWS/ApplicationELB, statistic: Sum,
              dimensions: {TargetGroup: '{candidate.target_group}', LoadBalancer: '{load_balancer}'}},
        all: {name: RequestCount, namespace: AWS/ApplicationELB, statistic: Sum,
              dimensions: {TargetGroup: '{candidate.target_group}', LoadBalancer: '{load_balancer}'}},
        rate: {formula: '100 * FILL(bad, 0) / all'}},
      watch: rate, below: 2}",
];

fn scenario(seed: u64) -> Scenario {
    let night = Traffic::Nights { milli_rps: 200_000, first_ms: DUSK, lasts_ms: NIGHT };
    failing(seed, 1_000, 1_000).with_traffic(night)
}

fn job(watches: &str, inconclusive: &str) -> Job {
    Job::of_spec(CANARY, &format!("[{{id: gate, {watches}, {inconclusive}}}]"))
}

/// How long the canary had its share of requests that there were, and when more was given to it.
#[derive(Default)]
struct Watched {
    evidence: Duration,
    last: Elapsed,
    raised: Option<Elapsed>,
}

impl Watched {
    fn look(&mut self, world: &World) {
        let (now, sent) = (world.now(), sent_to(world, Colour::Green));
        // what has no requests is no evidence; ten seconds are the longest between two looks
        if sent == 100 && world.scenario().traffic.milli_rps(self.last) > 0 {
            self.evidence += now.since(self.last);
        }
        if sent > 100 {
            self.raised.get_or_insert(now);
        }
        self.last = now;
    }
}

fn play(stage: &mut Stage, job: &Job) -> (Ending, Watched, Option<RollbackCause>) {
    let (_, told) = stage.begin("p", job);
    let mut watched = Watched::default();
    let ending = stage.finish_watched(&told, |world| watched.look(world));
    stage.assert_everybody_was_served();
    let cause = told.lock().unwrap().cause();
    (ending, watched, cause)
}

#[test]
fn who_may_wait_goes_on_in_the_morning() {
    for (seed, watches) in (1001..).zip(WATCHES) {
        let mut stage = Stage::new(scenario(seed));
        let (ending, watched, _) = play(&mut stage, &job(watches, "inconclusive: wait"));
        assert_eq!(ending, success(), "{watches}");
        let raised = watched.raised.unwrap().as_millis();
        assert!(raised > DUSK + NIGHT, "{watches}: on in the dark, after {raised} ms");
        let evidence = watched.evidence;
        assert!(evidence >= BAKE, "{watches}: {evidence:?} with requests of {BAKE:?}");
    }
}

#[test]
fn who_may_not_wait_so_long_goes_back_and_says_why() {
    for (seed, watches) in (1011..).zip(WATCHES) {
        for inconclusive in ["inconclusive: hold 30m", "always: true"] {
            let mut stage = Stage::new(scenario(seed));
            let (ending, watched, cause) = play(&mut stage, &job(watches, inconclusive));
            assert_eq!(ending, back(), "{watches}");
            assert_eq!(watched.raised, None, "{watches}");
            let cause = cause.unwrap();
            let RollbackCause::GateInconclusive { why, .. } = &cause else { panic!("{cause}") };
            assert!(why.contains("complete periods since"), "{watches}: {why}");
            let held = watched.last.as_millis().saturating_sub(DUSK);
            assert!(held >= 30 * 60_000, "{watches}: {held} ms");
        }
    }
}
