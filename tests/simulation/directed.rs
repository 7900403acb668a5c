//! Each kind of trouble in each stage, one at a time: on the way forward and on the way back.
//!
//! A pilot without trouble says when each stage lies and how many calls there are. Then every fault
//! meets every call, and everything that others can do is done once in each stage.

use std::sync::Mutex;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread;

use crate::case::AnswerCase;
use crate::case::CandidateCase;
use crate::case::Case;
use crate::case::HookCase;
use crate::case::StateCase;
use crate::case::StepCase;
use crate::case::StrategyCase;
use crate::case::WorldCase;
use crate::crashes::watched;
use crate::harness::Report;
use crate::harness::run;
use crate::history::Millis;
use crate::history::open;
use crate::mishap::ActionCase;
use crate::mishap::CrashCase;
use crate::mishap::CrashPoint;
use crate::mishap::FaultName;
use crate::mishap::LostCase;
use crate::mishap::Operation;
use crate::mishap::ScheduledCase;

/// One run that brings one trouble.
pub(crate) struct Job {
    /// The trouble, as the matrix names it.
    pub row: String,
    pub case: Case,
    /// The stage in which it is meant to happen, where time says so.
    pub stage: Option<String>,
}

/// A deployment that goes through every stage and stays a while in each.
pub(crate) fn forward() -> Case {
    let steps = vec![
        StepCase::Scale(1000),
        StepCase::TestTraffic,
        StepCase::Shift(100),
        StepCase::Bake(20),
        StepCase::Shift(1000),
        StepCase::Bake(20),
    ];
    let hook = HookCase {
        stages: (0..11).collect(),
        takes: 14,
        answer: AnswerCase::Continue,
        timeout: 40,
        go_on: true,
    };
    let world = WorldCase { rules: 2, test_rule: true, start: 10, ..WorldCase::default() };
    let strategy = StrategyCase::Steps(steps);
    watched(Case { world, strategy, hooks: vec![hook], calm_from: 0, ..Case::default() })
}

/// The same, turned back in the final bake.
pub(crate) fn back() -> Case {
    let pilot = run(&forward());
    let (bake, _) = window(&pilot, "forward BAKE").unwrap();
    let at = u32::try_from(bake / 1000 + 3).unwrap();
    Case { operators: vec![(at, Operation::Rollback)], ..forward() }
}

/// When a stage lies, the first time.
pub(crate) fn window(pilot: &Report, stage: &str) -> Option<(Millis, Millis)> {
    let first = pilot.labels.iter().position(|(_, label)| label == stage)?;
    let end = pilot.labels.get(first + 1).map(|(at, _)| *at).or(pilot.ended)?;
    Some((pilot.labels[first].0, end))
}

/// The stages that a pilot went through, in order.
pub(crate) fn stages(pilot: &Report) -> Vec<String> {
    let mut stages = Vec::new();
    for (_, label) in &pilot.labels {
        if !stages.contains(label) {
            stages.push(label.clone());
        }
    }
    stages
}

/// How many calls there are of a kind, found with a fault that does nothing.
fn calls(case: &Case, read: bool) -> u32 {
    if !read {
        return u32::try_from(run(case).sent.len()).unwrap();
    }
    let mut counted = case.clone();
    let nothing = |nth| ScheduledCase { read, nth, fault: FaultName::Stale, seconds: 0 };
    counted.faults.scheduled = (1..=900).map(nothing).collect();
    let report = run(&counted);
    let count: u64 = report.faults.iter().filter(|((f, _), _)| f == "Stale").map(|(_, n)| n).sum();
    u32::try_from(count).unwrap()
}

/// Every fault at every call.
pub(crate) fn at_every_call(case: &Case, read: bool) -> Vec<Job> {
    let count = calls(case, read);
    let what = if read { "read" } else { "write" };
    let mut jobs = Vec::new();
    for fault in FaultName::ALL {
        let fits = match fault {
            FaultName::Stale => read,
            FaultName::LateEffect | FaultName::Duplicate => !read,
            _ => true,
        };
        for nth in (1..=count).filter(|_| fits) {
            let mut case = case.clone();
            case.faults.scheduled = vec![ScheduledCase { read, nth, fault, seconds: 18 }];
            jobs.push(Job { row: format!("{fault:?} of a {what}"), case, stage: None });
        }
    }
    jobs
}

/// Every crash around a write, and every lost answer of the store.
pub(crate) fn at_every_write(case: &Case) -> Vec<Job> {
    let mut jobs = Vec::new();
    let count = calls(case, false);
    for nth in 1..=count {
        let points = [
            ("crash before a write's effect", CrashPoint::Sent(nth)),
            ("crash after a write's effect", CrashPoint::Done(nth)),
        ];
        for (row, at) in points {
            let crashes = vec![CrashCase { at, back_after: Some(1) }];
            let case = Case { crashes, ..case.clone() };
            jobs.push(Job { row: row.to_owned(), case, stage: None });
        }
    }
    for nth in 1..=run(case).stored {
        let kinds = [LostCase::Applied, LostCase::NotApplied, LostCase::Later(25)];
        for lost in kinds {
            let mut case = case.clone();
            case.store.lost = vec![(nth, lost)];
            jobs.push(Job { row: "store".to_owned(), case, stage: None });
        }
    }
    jobs
}

/// What others can do, by name.
fn actions() -> Vec<(&'static str, Vec<ActionCase>)> {
    use ActionCase as Do;
    let (red, unclear) = (StateCase::Alarm, StateCase::Insufficient);
    vec![
        ("drift: weights edited", vec![Do::EditWeights(0, 60, 40)]),
        ("drift: a third group", vec![Do::AddForeignGroup(1, 10)]),
        ("drift: a rule deleted", vec![Do::DeleteRule(0)]),
        ("service deleted", vec![Do::DeleteService]),
        ("candidate deleted", vec![Do::DeleteCandidate]),
        ("stable deleted", vec![Do::DeleteStable]),
        ("foreign deployment", vec![Do::CreateForeignTaskSet, Do::SetForeignPrimary]),
        ("no capacity", vec![Do::NoCapacity(60)]),
        ("crash loop", vec![Do::Candidate(CandidateCase::CrashesAfter(5))]),
        ("unhealthy later", vec![Do::Candidate(CandidateCase::UnhealthyAfter(0))]),
        ("candidate errs", vec![Do::Candidate(CandidateCase::Erring(600))]),
        ("tasks lost: stable", vec![Do::KillStable(1)]),
        ("tasks lost: candidate", vec![Do::KillCandidate(1)]),
        ("alarm flickers", vec![Do::SetAlarm(0, red)]),
        ("alarm unclear", vec![Do::SetAlarm(0, unclear)]),
        ("alarm deleted", vec![Do::DeleteAlarm(0)]),
        ("alarm edited", vec![Do::EditAlarm(0)]),
        ("alarm not evaluated", vec![Do::AlarmEvaluationError(0, 90)]),
        ("wall clock forward", vec![Do::WallClockJump(86_400_000)]),
        ("wall clock backward", vec![Do::WallClockJump(-86_400_000)]),
        ("autoscaling out", vec![Do::SetDesired(5)]),
        ("autoscaling in", vec![Do::SetDesired(1)]),
        ("autoscaling to nothing", vec![Do::SetDesired(0)]),
    ]
}

/// What others, an operator, a rival, the store or a crash do, in every stage.
pub(crate) fn in_every_stage(case: &Case, only: &str) -> Vec<Job> {
    let pilot = run(case);
    let mut jobs = Vec::new();
    for stage in stages(&pilot).into_iter().filter(|stage| stage.starts_with(only)) {
        let Some((from, to)) = window(&pilot, &stage) else { continue };
        // a whole second inside the stage
        let at = u32::try_from(from / 1000 + 1).unwrap();
        if u64::from(at) * 1000 > to {
            continue;
        }
        let mut add = |row: &str, change: &dyn Fn(&mut Case)| {
            let mut case = case.clone();
            change(&mut case);
            jobs.push(Job { row: row.to_owned(), case, stage: Some(stage.clone()) });
        };
        for (row, actions) in actions() {
            add(row, &|c| c.actions = actions.iter().map(|action| (at, *action)).collect());
        }
        let crash = |back_after| CrashCase { at: CrashPoint::Second(at), back_after };
        add("crash", &|c| c.crashes = vec![crash(Some(1))]);
        add("crash, back much later", &|c| c.crashes = vec![crash(Some(3600))]);
        add("crash, never back", &|c| c.crashes = vec![crash(None)]);
        add("second start", &|c| c.rivals = vec![at]);
        add("store down", &|c| c.store.down = vec![(at, at + 25)]);
        add("store down for long", &|c| c.store.down = vec![(at, at + 150)]);
        add("store slow", &|c| c.store.slow = vec![(at, at + 60, 12)]);
        add("operator aborts", &|c| c.operators.push((at, Operation::Abort)));
        add("operator promotes", &|c| c.operators.push((at, Operation::Promote)));
        add("operator pauses", &|c| {
            c.operators.push((at, Operation::Pause));
            c.calm_from = at + 40;
        });
    }
    jobs
}

/// Runs jobs on two workers and hands every report on.
pub(crate) fn run_all(jobs: &[Job], take: impl Fn(&Job, Report) + Sync) {
    let next = AtomicUsize::new(0);
    let turn = Mutex::new(());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let report = run(&job.case);
                    let _turn = open(&turn);
                    take(job, report);
                }
            });
        }
    });
}
