//! Many cases by chance, and what is printed when one breaks a rule.

use std::collections::BTreeMap;
use std::env;
use std::sync::Mutex;
use std::sync::Once;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::thread;

use cutover::model::Ending;
use proptest::prelude::Strategy;
use proptest::strategy::ValueTree;
use proptest::test_runner::Config;
use proptest::test_runner::RngAlgorithm;
use proptest::test_runner::TestRng;
use proptest::test_runner::TestRunner;

use crate::case::Case;
use crate::door::Door;
use crate::harness::Report;
use crate::harness::note_panic;
use crate::harness::run;
use crate::history::open;
use crate::shrink;
use crate::workload::cases;

/// How many deployments are tried unless `CUTOVER_CASES` says otherwise.
const CASES: u32 = 10_000;
/// One in so many of them goes through the SDK, whose calls take a hundred times as long.
#[cfg(all(feature = "aws", feature = "local"))]
const SDK: u32 = 50;
/// The seed unless `CUTOVER_SEED` says otherwise.
const SEED: u64 = 20_261_121;
/// How many workers try them; fixed, so that a machine's size does not matter.
const WORKERS: u32 = 2;

fn number<T: std::str::FromStr>(name: &str, usual: T) -> T {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Keeps panics inside a run out of the output: those that a case asks for, and those that are
/// reported as a broken rule, with their place.
pub(crate) fn hush() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !note_panic(info.payload_as_str(), info.location()) {
                usual(info);
            }
        }));
    });
}

/// The generator for case `index` of a seed: the same whoever draws it.
fn runner(seed: u64, index: u32) -> TestRunner {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..12].copy_from_slice(&index.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng)
}

/// How a run ended, in a word.
pub(crate) fn outcome(report: &Report) -> String {
    match (&report.violation, &report.refused, &report.ending) {
        (Some(violation), _, _) => format!("VIOLATION {}", violation.class()),
        (None, Some(_), _) => "refused at the start".to_owned(),
        (None, None, None) => "left for good".to_owned(),
        (None, None, Some(ending)) => match ending {
            Ending::Successful { leftovers } if leftovers.is_empty() => "successful".to_owned(),
            Ending::Successful { .. } => "successful with leftovers".to_owned(),
            Ending::RollbackSuccessful { leftovers } if leftovers.is_empty() => {
                "rolled back".to_owned()
            }
            Ending::RollbackSuccessful { .. } => "rolled back with leftovers".to_owned(),
            Ending::RollbackFailed { .. } => "rollback failed".to_owned(),
            Ending::Stopped { reason, .. } => format!("stopped {reason:?}"),
            _ => "another ending".to_owned(),
        },
    }
}

/// What all runs together brought.
#[derive(Debug, Default)]
struct Tally {
    outcomes: BTreeMap<String, u32>,
    faults: BTreeMap<String, u64>,
    polls: u64,
    twice: u32,
    failures: Vec<Case>,
}

fn try_case(tally: &Mutex<Tally>, seed: u64, index: u32, door: Door) -> bool {
    let mut runner = runner(seed, index);
    let through = cases().prop_map(move |case| Case { door, ..case });
    let mut tree = through.new_tree(&mut runner).unwrap();
    let case = tree.current();
    let report = run(&case);
    let again = index.is_multiple_of(64).then(|| run(&case).digest);
    let mut tally = open(tally);
    *tally.outcomes.entry(outcome(&report)).or_default() += 1;
    tally.polls += u64::from(report.polls);
    for ((fault, _), count) in &report.faults {
        *tally.faults.entry(fault.clone()).or_default() += count;
    }
    if let Some(digest) = again {
        tally.twice += 1;
        assert_eq!(digest, report.digest, "the same case twice: {}", case.to_line());
    }
    let Some(violation) = report.violation else { return true };
    tally.failures.push(case.clone());
    let first_of_class =
        tally.outcomes.get(&format!("VIOLATION {}", violation.class())) == Some(&1);
    drop(tally);
    if first_of_class {
        let minimal = shrink::shrink(&mut tree, &violation.class());
        shrink::explain(&minimal);
    }
    false
}

#[test]
fn no_case_breaks_a_rule() {
    try_cases(number("CUTOVER_CASES", CASES), Door::Ports);
}

#[test]
#[cfg(all(feature = "aws", feature = "local"))]
fn no_case_breaks_a_rule_through_the_sdk() {
    try_cases(number("CUTOVER_CASES", CASES).div_ceil(SDK), Door::Sdk);
}

fn try_cases(count: u32, door: Door) {
    hush();
    let seed = number("CUTOVER_SEED", SEED);
    let patience: u32 = number("CUTOVER_PATIENCE", 1);
    let (tally, next, stop) =
        (Mutex::new(Tally::default()), AtomicU32::new(0), AtomicBool::new(false));
    let broken = AtomicU32::new(0);
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count {
                        break;
                    }
                    if !try_case(&tally, seed, index, door)
                        && broken.fetch_add(1, Ordering::Relaxed) + 1 >= patience
                    {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let tally = open(&tally);
    println!("{count} deployments of seed {seed}, {} of them twice, {door:?}", tally.twice);
    for (outcome, count) in &tally.outcomes {
        println!("{count:>7}  {outcome}");
    }
    println!("{:>7}  polls", tally.polls);
    for (fault, count) in &tally.faults {
        println!("{count:>7}  {fault}");
    }
    assert!(tally.failures.is_empty(), "{} cases break a rule", tally.failures.len());
    let wanted = ["successful", "rolled back", "refused at the start", "left for good"];
    if count >= 1_000 {
        for wanted in wanted {
            assert!(
                tally.outcomes.contains_key(wanted),
                "no case is {wanted}: the generator is weak"
            );
        }
    }
}

/// Runs one case again: the line that a failure prints.
#[test]
fn replay() {
    hush();
    let Ok(line) = env::var("CUTOVER_CASE") else { return };
    let case = Case::from_line(&line);
    let report = run(&case);
    println!("{}", outcome(&report));
    shrink::show(&report);
    assert!(report.violation.is_none(), "a rule is broken");
}
