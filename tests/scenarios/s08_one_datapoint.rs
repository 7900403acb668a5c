//! S8: there is one datapoint of each side, and no more.
//!
//! Kayenta's test needs more than one, throws, and the judge leaves what it could not classify out of the
//! score: 100 of 100, a pass. Here one datapoint is counted as what it is, insufficient evidence: it blames
//! nobody, calls nobody safe, and a bake that is longer than it has not been watched.

use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::World;
use cutover::model::GateReading;
use cutover::model::RollbackCause;
use cutover::model::Verdict;

use super::stage::Job;
use super::stage::Stage;
use super::stage::back;
use super::stage::failing;
use super::stage::measure;
use super::stage::sent_to;
use super::stage::success;

/// How much was compared, once it was anything.
const COMPARED: &str = "errors: periods compared";

fn says_insufficient(readings: &[GateReading]) {
    for reading in readings {
        let said = format!("{reading:?}").to_lowercase();
        assert!(!said.contains("healthy") && !said.contains("(safe)"), "{said}");
    }
    let so_far = |reading: &GateReading| reading.grounds.turns.as_deref().unwrap_or("").to_owned();
    let insufficient = |turns: &String| turns.starts_with("insufficient evidence so far");
    assert!(readings.iter().map(so_far).any(|turns| insufficient(&turns)), "{readings:?}");
}

#[test]
fn it_neither_blames_nor_absolves() {
    // as good as stable, a little worse, much worse
    for (seed, candidate) in (801..).zip([1_000, 5_000, 200_000]) {
        let mut stage = Stage::new(failing(seed, 1_000, candidate));
        let job = Job::of_spec(
            "{canary: {weight: 10%, bake: 5m, final_bake: 1m}}",
            "[{id: compare, analysis: {period: 5m}}]",
        );
        let (_, told) = stage.begin("p", &job);
        assert_eq!(stage.finish(&told), success(), "{candidate}");
        let verdicts = told.lock().unwrap().verdicts("compare");
        assert!(verdicts.iter().all(Verdict::is_pass), "{candidate}: {verdicts:?}");
        let readings = stage.readings(&job, "compare");
        assert_eq!(measure(&readings, COMPARED), Some(1.0), "{candidate}");
        says_insufficient(&readings);
    }
}

/// When the first minute is over of which the canary has had all.
fn first_whole_minute(scenario: Scenario, job: &Job) -> u64 {
    let mut stage = Stage::new(scenario);
    stage.begin("p", job);
    stage.until("the canary has traffic", |world| sent_to(world, Colour::Green) == 100);
    // it is asked for within a minute, and what began before that does not count
    stage.see(World::now).as_millis() / 60_000 * 60_000 + 120_000
}

#[test]
fn a_longer_bake_is_not_spoken_for_by_it() {
    let job = Job::of_spec(
        "{canary: {weight: 10%, bake: 10m, final_bake: 1m}}",
        "[{id: compare, analysis: {}, inconclusive: hold 20m}]",
    );
    let scenario = failing(811, 1_000, 1_000);
    let first_ms = first_whole_minute(scenario.clone(), &job);
    let lasts_ms = 12 * 3_600_000;
    let ends = Traffic::Nights { milli_rps: 200_000, first_ms, lasts_ms };
    let mut stage = Stage::new(scenario.with_traffic(ends));
    let (_, told) = stage.begin("p", &job);
    let ending = stage.finish_watched(&told, |world| {
        let sent = sent_to(world, Colour::Green);
        assert!(sent <= 100, "{sent} per mille on the strength of one minute");
    });
    assert_eq!(ending, back());
    let cause = told.lock().unwrap().cause().unwrap();
    assert!(
        matches!(&cause, RollbackCause::GateInconclusive { why, .. } if why.contains("lack requests")),
        "it is not blamed: {cause}"
    );
    let readings = stage.readings(&job, "compare");
    assert_eq!(measure(&readings, COMPARED), Some(1.0));
    says_insufficient(&readings);
    assert!(stage.see(World::now).as_millis() >= first_ms + 20 * 60_000, "it held first");
}

#[test]
fn many_of_them_do_blame_and_absolve() {
    // the same with 15 periods: what one could not show
    for (seed, candidate) in [(821, 1_000), (822, 5_000)] {
        let mut stage = Stage::new(failing(seed, 1_000, candidate));
        let job = Job::of_spec(
            "{canary: {weight: 10%, bake: 30m, final_bake: 1m}}",
            "[{id: compare, analysis: {}}]",
        );
        let (_, told) = stage.begin("p", &job);
        let ending = stage.finish(&told);
        assert_eq!(ending, if candidate > 1_000 { back() } else { success() }, "{candidate}");
        assert!(measure(&stage.readings(&job, "compare"), COMPARED).unwrap() > 2.0);
    }
}
