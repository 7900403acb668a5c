//! Every single crash point: the process that drives is killed after each of its polls, another one
//! takes over, and the ending is that of the run without a crash (reliability L5, F-30).

use cutover::model::Ending;

use crate::case::AlarmCase;
use crate::case::AskCase;
use crate::case::CandidateCase;
use crate::case::Case;
use crate::case::GateCase;
use crate::case::MissingCase;
use crate::case::ModeCase;
use crate::case::PolicyCase;
use crate::case::StateCase;
use crate::case::StrategyCase;
use crate::case::WatchCase;
use crate::case::WorldCase;
use crate::harness::run;
use crate::mishap::CrashCase;
use crate::mishap::CrashPoint;
use crate::shrink::explain;
use crate::swarm::hush;

/// A gate on one alarm that fires on the candidate's errors.
pub(crate) fn watched(mut case: Case) -> Case {
    case.world.alarms = vec![AlarmCase {
        watches: WatchCase::Errors,
        missing: MissingCase::NotBreaching,
        begins: StateCase::Ok,
    }];
    case.gates = vec![GateCase {
        asks: AskCase::Alarms(vec![0], false),
        mode: ModeCase::Blocking,
        policy: PolicyCase::Hold(120),
    }];
    case
}

fn kind(ending: Option<&Ending>) -> &'static str {
    match ending {
        None => "none",
        Some(Ending::Successful { .. }) => "successful",
        Some(Ending::RollbackSuccessful { .. }) => "rolled back",
        Some(Ending::RollbackFailed { .. }) => "rollback failed",
        Some(_) => "stopped",
    }
}

/// Kills the process after every poll, and says how many there were.
fn every_crash(case: &Case, wanted: &str) -> u32 {
    hush();
    let whole = run(case);
    assert_eq!(whole.violation, None, "without a crash: {}", case.to_line());
    assert_eq!(kind(whole.ending.as_ref()), wanted, "without a crash: {}", case.to_line());
    for poll in 1..=whole.polls {
        let crash = CrashCase { at: CrashPoint::Poll(poll), back_after: Some(1) };
        let crashed = Case { crashes: vec![crash], ..case.clone() };
        let report = run(&crashed);
        let same = kind(report.ending.as_ref()) == wanted;
        if report.violation.is_some() || !same {
            explain(&crashed);
        }
        assert!(same && report.violation.is_none(), "crash after poll {poll}: not {wanted}");
    }
    println!("{:>5} crash points, all {wanted}", whole.polls);
    whole.polls
}

#[test]
fn a_blue_green_deployment_survives_a_crash_anywhere() {
    let case = watched(Case { calm_from: 0, ..Case::default() });
    assert!(every_crash(&case, "successful") > 100);
}

#[test]
fn a_bad_canary_is_rolled_back_whatever_crashes() {
    let world = WorldCase { candidate: CandidateCase::Erring(500), ..WorldCase::default() };
    let strategy = StrategyCase::Canary { permille: 100, bake: 200, last: 200 };
    let case = watched(Case { world, strategy, calm_from: 0, ..Case::default() });
    assert!(every_crash(&case, "rolled back") > 100);
}

#[test]
fn a_roll_survives_a_crash_anywhere() {
    let world = WorldCase { desired: 3, ..WorldCase::default() };
    let strategy = StrategyCase::Rolling { minimum: 50, maximum: 150, bake: 20 };
    let case = Case { world, strategy, calm_from: 0, ..Case::default() };
    assert!(every_crash(&case, "successful") > 100);
}

#[test]
fn a_roll_to_a_revision_that_never_gets_healthy_is_rolled_back_whatever_crashes() {
    let candidate = CandidateCase::NeverHealthy;
    let world = WorldCase { desired: 3, candidate, ..WorldCase::default() };
    let strategy = StrategyCase::Rolling { minimum: 50, maximum: 150, bake: 20 };
    let case = Case { world, strategy, calm_from: 0, ..Case::default() };
    assert!(every_crash(&case, "rolled back") > 100);
}

#[test]
fn two_crashes_in_a_row_are_survived() {
    hush();
    let case = watched(Case { calm_from: 0, ..Case::default() });
    let mut runs = 0;
    for first in (1..420).step_by(13) {
        for second in (1..420).step_by(29) {
            let at = |poll| CrashCase { at: CrashPoint::Poll(poll), back_after: Some(1) };
            let crashed = Case { crashes: vec![at(first), at(second)], ..case.clone() };
            let report = run(&crashed);
            let fine = kind(report.ending.as_ref()) == "successful";
            if report.violation.is_some() || !fine {
                explain(&crashed);
            }
            assert!(fine && report.violation.is_none(), "crashes after polls {first} and {second}");
            runs += 1;
        }
    }
    println!("{runs} pairs of crash points");
}
