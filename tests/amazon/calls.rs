//! What a deployment costs in calls.

use std::collections::BTreeMap;

use super::realisation::Realisation;
use super::run::Run;
use super::run::simulate;
use super::run::strategies;
use super::trouble::Trouble;

/// In how many batches the candidate's four tasks come up at most.
const BATCHES: usize = 4;

/// How far the reads that a plan foresees may be from those of the whole deployment.
const FORESEEN: f64 = 0.2;

/// Whether a call changes anything.
fn is_write(operation: &str) -> bool {
    let name = operation.split(':').next_back().unwrap_or(operation);
    !["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb))
}

struct Cost {
    reads: usize,
    /// Writes that change what runs or who serves.
    effects: usize,
    /// Notes on rules.
    tags: usize,
    per_minute: f64,
    by_write: BTreeMap<String, usize>,
}

impl Cost {
    fn of(run: &Run) -> Self {
        let mut by_write = BTreeMap::new();
        for call in run.calls.iter().filter(|call| is_write(call)) {
            *by_write.entry(call.clone()).or_default() += 1;
        }
        let tags = by_write.get("elasticloadbalancing:AddTags").copied().unwrap_or(0);
        let writes: usize = by_write.values().sum();
        let reads = run.calls.len() - writes;
        let minutes = run.took.as_secs_f64() / 60.0;
        let per_minute = f64::from(u32::try_from(reads).unwrap()) / minutes;
        Self { reads, effects: writes - tags, tags, per_minute, by_write }
    }
}

#[test]
fn calls_per_deployment_are_the_writes_that_the_plan_printed_and_few_reads() {
    println!("                      minutes  reads  reads/min  foreseen  writes  planned  tags");
    let mut faults = Vec::new();
    for realisation in Realisation::ALL {
        for strategy in strategies() {
            let Ok(run) = simulate(realisation, Trouble::Nothing, &*strategy) else {
                assert_eq!(realisation, Realisation::Single, "{}", strategy.name());
                continue;
            };
            let cost = Cost::of(&run);
            let (minutes, planned) = (run.took.as_secs_f64() / 60.0, run.forecast.writes);
            let foreseen = run.rate.reads(run.took, planned) / minutes;
            println!(
                "{:<9} {:<11} {minutes:>7.1} {:>6} {:>10.1} {foreseen:>9.1} {:>7} {planned:>8} {:>5}   {:?}",
                format!("{realisation:?}"),
                strategy.name(),
                cost.reads,
                cost.per_minute,
                cost.effects,
                cost.tags,
                cost.by_write,
            );
            if (cost.per_minute / foreseen - 1.0).abs() > FORESEEN {
                faults.push(format!("{realisation:?} {}: {foreseen} foreseen", strategy.name()));
            }
            // no note in AWS says which service of a pair is primary: its promotion is no call
            let unwritten = u32::from(realisation == Realisation::Pair);
            let least = usize::try_from(planned - unwritten).unwrap();
            // a roll's least is for tasks that are all healthy at once; each batch that comes up on
            // its own is followed by a scale and a shift, never by more
            let rolls = strategy.name() == "rolling" && realisation != Realisation::Single;
            let most = if rolls { least + 2 * BATCHES } else { least };
            if !(least..=most).contains(&cost.effects) {
                faults.push(format!("{realisation:?} {}: {:?}", strategy.name(), cost.by_write));
            }
            if cost.per_minute > 60.0 {
                faults.push(format!("{realisation:?} {}: too many reads", strategy.name()));
            }
        }
    }
    assert!(faults.is_empty(), "writes are not those of the plan: {faults:#?}");
}
