//! The promised error rates, over simulated canaries; and that the documentation quotes what the example
//! `error_rates` prints.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

#[path = "../examples/error_rates/early.rs"]
mod early;
#[path = "../examples/error_rates/law.rs"]
mod law;
#[path = "../examples/error_rates/minutes.rs"]
mod minutes;
#[path = "../examples/error_rates/tables.rs"]
mod tables;
#[path = "../examples/error_rates/traffic.rs"]
mod traffic;
#[path = "../examples/error_rates/watch.rs"]
mod watch;

use std::sync::LazyLock;

use cutover::adapters::sim::Rng;
use cutover::analysis::{
    Counts, Detectability, EProcess, ExpectedTraffic, Preset, RatioTest, Settings, ShareAnswer,
    ShareCheck, ShareSettings, Side,
};
use cutover::model::Weight;

use law::Law;
use minutes::Minutes;
use tables::Tables;
use traffic::{Kind, Traffic};
use watch::Watch;

const RUNS: u32 = 20_000;

/// What the example prints without arguments.
static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::new(RUNS, 1));

const PRESETS: [Preset; 3] = [Preset::Strict, Preset::Default, Preset::Noisy];

/// The most events that a true probability of `level` leads to, but for three chances in 10,000.
fn at_most(level: f64, runs: u32) -> f64 {
    let runs = f64::from(runs);
    runs * level + 3.5 * (runs * level * (1.0 - level)).sqrt()
}

/// Blamed healthy candidates, and candidates in all, of one kind of traffic and one preset.
fn blamed(kind: Kind, preset: Preset) -> (u32, u32) {
    let row = Watch::ALL.iter().position(|way| *way == Watch::Analysis(preset)).unwrap();
    let columns = TABLES.healthy.iter().filter(|column| column.traffic.kind == kind);
    columns.fold((0, 0), |(blamed, runs), column| {
        (blamed + column.outcomes[row].rolled_back(), runs + RUNS)
    })
}

#[test]
fn no_preset_blames_more_healthy_candidates_than_it_promises() {
    for kind in [Kind::Constant, Kind::DailyCycle, Kind::SharedBlips] {
        for preset in PRESETS {
            let (blamed, runs) = blamed(kind, preset);
            let most = at_most(Settings::preset(preset).alpha, runs);
            assert!(runs >= 20_000);
            assert!(f64::from(blamed) <= most, "{kind}, {preset:?}: {blamed} of {runs}");
        }
    }
}

#[test]
fn the_noisy_preset_keeps_its_promise_on_bursty_traffic() {
    let row = Watch::ALL.iter().position(|way| *way == Watch::Analysis(Preset::Noisy)).unwrap();
    for column in TABLES.healthy.iter().filter(|column| column.traffic.kind == Kind::Bursty) {
        let blamed = column.outcomes[row].rolled_back();
        let most = at_most(Settings::preset(Preset::Noisy).alpha, RUNS);
        assert!(f64::from(blamed) <= most, "{column}: {blamed} of {RUNS}");
    }
    // and it is the cap and the margin that do it
    let (strict, runs) = blamed(Kind::Bursty, Preset::Strict);
    assert!(f64::from(strict) > 0.05 * f64::from(runs), "the traffic is not bursty: {strict}");
}

#[test]
fn no_preset_ends_more_bakes_of_bad_candidates_early_than_it_promises() {
    for column in TABLES.early.iter().filter(|column| column.is_bad) {
        // with shared blips the candidate is not that bad in every minute, and bursts are not promised
        if matches!(column.kind, Kind::SharedBlips | Kind::Bursty) {
            continue;
        }
        for (preset, outcome) in PRESETS.into_iter().zip(&column.outcomes) {
            let (early, beta) = (outcome.rolled_back(), Settings::preset(preset).beta);
            let most = at_most(beta, RUNS);
            assert!(f64::from(early) <= most, "{column}, {preset:?}: {early} of {RUNS}");
        }
    }
    // and it does end them where it should
    let healthy =
        TABLES.early.iter().find(|column| !column.is_bad && column.kind == Kind::Constant);
    assert!(healthy.unwrap().outcomes.iter().any(|outcome| outcome.rolled_back() > RUNS / 10));
}

#[test]
fn the_documentation_quotes_the_tables_as_they_are_printed() {
    let documented = include_str!("../src/docs/analysis.md");
    let printed = TABLES.to_string();
    assert!(documented.contains(&printed), "put this into src/docs/analysis.md:\n{printed}");
}

/// Of so many canaries, how many a test ends up refuting.
fn refuted(test: RatioTest, traffic: Traffic, runs: u32) -> u32 {
    let minutes = Minutes::new(traffic);
    let mut rng = Rng::new(3);
    let one = |rng: &mut Rng| {
        let mut process = EProcess::new(test).unwrap();
        minutes.canary(rng.fork()).any(|counts| {
            process.observe(&counts).unwrap();
            process.refutes()
        })
    };
    (0..runs).map(|_| u32::from(one(&mut rng))).sum()
}

#[test]
fn the_promises_hold_where_the_ratio_is_exactly_the_tested_one() {
    let runs = 4_000;
    for preset in PRESETS {
        let Settings { alpha, harm_ratio, cap, beta, safe_ratio } = Settings::preset(preset);
        let harm = RatioTest { side: Side::Harm, ratio: harm_ratio, level: alpha, cap };
        let safe = RatioTest { side: Side::Safe, ratio: safe_ratio, level: beta, cap };
        for test in [harm, safe] {
            for rps in [20, 200] {
                let traffic = Traffic { kind: Kind::Constant, rps, ratio: test.ratio };
                let wrong = refuted(test, traffic, runs);
                assert!(
                    f64::from(wrong) <= at_most(test.level, runs),
                    "{test:?}: {wrong} of {runs}"
                );
            }
        }
    }
}

/// Of so many hours at a true share, how many ever answered so at a configured tenth.
fn answered(answer: ShareAnswer, truth: f64, requests: u32, runs: u32) -> u32 {
    let law = Law::binomial(requests, truth);
    let mut rng = Rng::new(5);
    let one = |rng: &mut Rng| {
        let mut check = ShareCheck::new(ShareSettings::default()).unwrap();
        (0..60).any(|_| {
            let candidate_requests = law.draw(rng);
            let stable_requests = u64::from(requests) - candidate_requests;
            let counts = Counts { stable_requests, candidate_requests, ..Counts::default() };
            check.observe(Weight::percent(10).unwrap(), &counts).unwrap();
            check.answer() == answer
        })
    };
    (0..runs).map(|_| u32::from(one(&mut rng))).sum()
}

#[test]
fn the_share_check_keeps_its_promise_at_the_edges_of_its_band() {
    let ShareSettings { level, tolerance, .. } = ShareSettings::default();
    let share = |odds: f64| odds / (1.0 + odds);
    let edges = [share((1.0 + tolerance) / 9.0), share(1.0 / 9.0 / (1.0 + tolerance))];
    let runs = 1_500;
    for truth in edges {
        for answer in [ShareAnswer::Disagrees, ShareAnswer::Agrees] {
            let wrong = answered(answer, truth, 3_000, runs);
            assert!(f64::from(wrong) <= at_most(level, runs), "{answer:?} at {truth}: {wrong}");
        }
    }
    // and it does answer, where there is an answer
    assert_eq!(answered(ShareAnswer::Disagrees, 0.1, 3_000, runs), 0);
    assert!(answered(ShareAnswer::Agrees, 0.1, 3_000, runs) > runs * 9 / 10);
    assert!(answered(ShareAnswer::Disagrees, 0.15, 3_000, runs) > runs * 9 / 10);
}

/// The minutes until harm is shown, for so many canaries, in order.
fn simulated(settings: Settings, traffic: ExpectedTraffic, ratio: f64, runs: u32) -> Vec<u32> {
    let ExpectedTraffic { requests_per_minute, base_rate, weight } = traffic;
    let part = requests_per_minute * f64::from(weight.as_permille()) / 1000.0;
    let count = |requests: f64| u32::try_from(Counts::count(requests).unwrap()).unwrap();
    let (candidates, stables) = (count(part), count(requests_per_minute - part));
    let laws = (Law::binomial(stables, base_rate), Law::binomial(candidates, base_rate * ratio));
    let Settings { alpha, harm_ratio, cap, .. } = settings;
    let test = RatioTest { side: Side::Harm, ratio: harm_ratio, level: alpha, cap };
    let mut rng = Rng::new(11);
    let mut one = || {
        let mut process = EProcess::new(test).unwrap();
        let minute = (1..10_000).find(|_| {
            let counts = Counts {
                stable_requests: stables.into(),
                stable_bad: laws.0.draw(&mut rng),
                candidate_requests: candidates.into(),
                candidate_bad: laws.1.draw(&mut rng),
            };
            process.observe(&counts).unwrap();
            process.refuted()
        });
        minute.unwrap()
    };
    let mut minutes: Vec<u32> = (0..runs).map(|_| one()).collect();
    minutes.sort_unstable();
    minutes
}

#[test]
fn the_forecast_times_are_those_of_simulated_canaries() {
    let runs = 1000;
    for preset in PRESETS {
        let settings = Settings::preset(preset);
        for (rps, percent, ratio) in [
            (20.0, 10, 3.0),
            (20.0, 10, 5.0),
            (20.0, 10, 20.0),
            (20.0, 25, 5.0),
            (200.0, 10, 2.0),
            (200.0, 10, 5.0),
            (200.0, 10, 20.0),
            (200.0, 1, 5.0),
            (200.0, 50, 3.0),
            (2000.0, 1, 5.0),
            (20.0, 5, 50.0),
        ] {
            let traffic = ExpectedTraffic {
                requests_per_minute: rps * 60.0,
                base_rate: 0.001,
                weight: Weight::percent(percent).unwrap(),
            };
            let forecast = Detectability::new(settings, traffic).unwrap();
            let minutes = simulated(settings, traffic, ratio, runs);
            let mean = f64::from(minutes.iter().sum::<u32>()) / f64::from(runs);
            let by =
                |percent: u32| f64::from(minutes[usize::try_from(runs * percent / 100).unwrap()]);
            let quantile = |percent: u32| {
                f64::from(forecast.minutes(ratio, f64::from(percent) / 100.0).unwrap())
            };
            let what = format!("{preset:?}, {rps} rps, {percent} %, ×{ratio}");
            for (forecast, simulated, within) in [
                (forecast.mean_minutes(ratio).unwrap(), mean, 0.1),
                (quantile(50), by(50), 0.1),
                (quantile(80), by(80), 0.12),
                (quantile(90), by(90), 0.18),
            ] {
                let near = (forecast - simulated).abs() <= within * simulated + 0.3;
                let near = near || simulated < 20.0 && (forecast - simulated).abs() <= 2.0;
                assert!(near, "{what}: {forecast} minutes forecast, {simulated} simulated");
            }
        }
    }
}
