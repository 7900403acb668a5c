//! Each kind of trouble in each stage, one at a time: on the way forward and on the way back.
//!
//! A pilot without trouble says when each stage lies and how many calls there are. Then every fault
//! meets every call (in the middle of a long wait one in so many), and everything that others can do
//! is done once in each stage.

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

/// Calls at either end of a visit to a stage that each fault meets one by one.
const EDGE: u64 = 8;

/// In the middle of a long visit one look is like the other: each fault meets one call in so many.
const STRIDE: u64 = 16;

/// The reads that a fault meets: every one, but fewer in the middle of a long wait, where each fault
/// meets others.
fn reads(pilot: &Report, fault: u64) -> Vec<u32> {
    let writes = u64::try_from(pilot.sent.len()).unwrap();
    let all = pilot.calls.last().map_or(0, |all| all - writes);
    let mut met = Vec::new();
    for visit in pilot.calls.windows(2) {
        // the few writes before count too: a visit is off by no more than that
        let (from, to) = (visit[0], visit[1].min(all));
        let is_met = |nth: &u64| {
            let is_edge = nth - from < EDGE || to - nth <= EDGE;
            is_edge || (nth + fault).is_multiple_of(STRIDE)
        };
        met.extend((from..to).filter(is_met).map(|nth| u32::try_from(nth + 1).unwrap()));
    }
    met
}

/// Every fault at every write, and at the reads that tell.
pub(crate) fn at_every_call(case: &Case, read: bool) -> Vec<Job> {
    let pilot = run(case);
    let what = if read { "read" } else { "write" };
    let mut jobs = Vec::new();
    for (index, fault) in (0..).zip(FaultName::ALL) {
        let met = match fault {
            FaultName::Stale if !read => Vec::new(),
            FaultName::LateEffect | FaultName::Duplicate if read => Vec::new(),
            _ if read => reads(&pilot, index),
            _ => (1..=u32::try_from(pilot.sent.len()).unwrap()).collect(),
        };
        for nth in met {
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
    let pilot = run(case);
    for nth in 1..=u32::try_from(pilot.sent.len()).unwrap() {
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
    for nth in 1..=pilot.stored {
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
