//! Every strategy on every realisation, with everything that may be wrong with a candidate.

use cutover::adapters::sim::revision;
use cutover::model::Ending;
use cutover::strategy::Strategy;

use super::account::Account;
use super::realisation::Realisation;
use super::run::Run;
use super::run::deploy;
use super::run::simulate;
use super::run::strategies;
use super::trouble::Trouble;
use super::truth::Truth;

/// The tasks of the service.
const DESIRED: u32 = 4;

/// What is not as it should be with a run.
fn faults(
    realisation: Realisation,
    trouble: Trouble,
    strategy: &dyn Strategy,
    run: Result<Run, String>,
) -> Vec<String> {
    let run = match run {
        Ok(run) => run,
        Err(why) => return vec![format!("was refused: {why}")],
    };
    let mut faults = Vec::new();
    let cause = run.cause.as_ref().map(|cause| format!("{cause:?}")).unwrap_or_default();
    let (ends_well, serves) = match trouble {
        Trouble::Nothing => (true, revision(2)),
        _ => (false, revision(1)),
    };
    let ending = if ends_well {
        Ending::Successful { leftovers: Vec::new() }
    } else {
        Ending::RollbackSuccessful { leftovers: Vec::new() }
    };
    if run.ending != ending {
        faults.push(format!("ended as {:?} after {:?} ({cause})", run.ending, run.took));
    }
    let words = causes(realisation, trouble);
    if !ends_well && words.iter().all(|word| !cause.contains(word)) {
        faults.push(format!("turned back for {cause}, none of {words:?}"));
    }
    let truth = Truth::only(&serves, DESIRED);
    if run.truth != truth {
        faults.push(format!("left {:?}", run.truth));
    }
    let keeps = realisation != Realisation::Single && strategy.name() != "rolling";
    if !ends_well && keeps && !run.stable_intact {
        faults.push("stable's tasks are not the same any more".to_owned());
    }
    faults
}

/// What the cause of a rollback names, one of these.
const fn causes(realisation: Realisation, trouble: Trouble) -> &'static [&'static str] {
    match (trouble, realisation) {
        (Trouble::Nothing, _) => &[],
        (Trouble::Errors, _) => &["alarm `errors` is in ALARM"],
        (Trouble::NeverHealthy, Realisation::Single) => &["Task failed ELB health checks"],
        (Trouble::NeverHealthy, _) => &["failed ELB health checks in (target-group"],
        // ECS takes it for complete when all of its tasks are healthy for a moment
        (Trouble::CrashLoop, Realisation::Single) => {
            &["Essential container in task exited", "target-health"]
        }
        (Trouble::CrashLoop, _) => &["Essential container in task exited"],
        (Trouble::NoCapacity, _) => &["NoProgress"],
    }
}

fn works(realisation: Realisation, strategy: &dyn Strategy) -> bool {
    realisation != Realisation::Single || strategy.name() == "rolling"
}

fn all(realisation: Realisation) {
    let mut faults_of_all = Vec::new();
    for strategy in strategies().iter().filter(|strategy| works(realisation, &***strategy)) {
        for trouble in Trouble::ALL {
            let run = simulate(realisation, trouble, &**strategy);
            let faults = faults(realisation, trouble, &**strategy, run);
            let name = strategy.name();
            faults_of_all.extend(faults.iter().map(|it| format!("{name}, {trouble:?}: {it}")));
        }
    }
    assert!(faults_of_all.is_empty(), "{realisation:?}\n{}", faults_of_all.join("\n"));
}

#[test]
fn every_strategy_on_task_sets_ends_as_its_candidate_deserves() {
    all(Realisation::TaskSets);
}

#[test]
fn every_strategy_on_a_pair_of_services_ends_as_its_candidate_deserves() {
    all(Realisation::Pair);
}

#[test]
fn a_service_that_ecs_rolls_ends_as_its_candidate_deserves() {
    all(Realisation::Single);
}

#[test]
fn what_needs_a_second_role_is_refused_on_a_single_service_before_any_write() {
    for strategy in strategies().iter().filter(|it| !works(Realisation::Single, &***it)) {
        let run = simulate(Realisation::Single, Trouble::Nothing, &**strategy);
        let why = run.err().expect("it is refused");
        assert!(why.contains("second") && why.contains(strategy.name()), "{why}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_comes_about_on_tokio_s_paused_clock() {
    for realisation in Realisation::ALL {
        for strategy in strategies().iter().filter(|it| works(realisation, &***it)).take(2) {
            for trouble in [Trouble::Nothing, Trouble::Errors] {
                let account = Account::new(trouble.scenario(realisation));
                let run = deploy(&account, realisation, &**strategy).await;
                let faults = faults(realisation, trouble, &**strategy, run);
                assert!(faults.is_empty(), "{realisation:?} {trouble:?}: {faults:?}");
            }
        }
    }
}
