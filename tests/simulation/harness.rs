//! Runs one case on the simulated executor, with every rule checked after every step.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::panic::Location;
use std::panic::catch_unwind;
use std::sync::Arc;

use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Step;
use cutover::adapters::sim::revision;
use cutover::model::Elapsed;
use cutover::model::Ending;

use crate::abandoned;
use crate::case::Case;
use crate::faulty_store::Disk;
use crate::history::BEGINNING;
use crate::history::History;
use crate::history::Log;
use crate::history::Millis;
use crate::history::open;
use crate::invariants;
use crate::invariants::Invariant;
use crate::invariants::Violation;
use crate::mishap::CrashPoint;
use crate::mishap::Operation;
use crate::process::Errand;
use crate::process::Process;
use crate::process::SIMULATED;
use crate::process::deployment;
use crate::scene;
use crate::story;
use crate::terms::Terms;
use crate::truth;

/// What one run of a case brought.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub ending: Option<Ending>,
    /// Why the deployment did not start.
    pub refused: Option<String>,
    pub violation: Option<Violation>,
    /// A digest of the ledger and of the events.
    pub digest: u64,
    /// How often a process's tasks were polled.
    pub polls: u32,
    /// When it ended.
    pub ended: Option<Millis>,
    /// How often each fault met a call, by fault and label.
    pub faults: BTreeMap<(String, String), u64>,
    /// The labels in force, and since when.
    pub labels: Vec<(Millis, String)>,
    /// How many calls had been sent when each of them was heard of, and in all.
    pub calls: Vec<u64>,
    /// When each write was sent.
    pub sent: Vec<Millis>,
    /// What happened last, as text.
    pub events: Vec<String>,
    /// Every candidate weight that was sent, in order.
    pub weights: Vec<u16>,
    /// Requests without a target.
    pub unserved: u64,
    /// How often the record was stored.
    pub stored: u32,
    /// When the first crash was.
    pub crashed: Option<Millis>,
}

/// More steps than any sound run takes.
const STEPS: u64 = 600_000;

/// Runs a case. A panic outside simulated gates and hooks breaks the rule that there is none.
pub(crate) fn run(case: &Case) -> Report {
    PANIC.set(Some(String::new()));
    let result = catch_unwind(AssertUnwindSafe(|| Run::new(case).into_report()));
    let what = PANIC.take().unwrap_or_default();
    result.unwrap_or_else(|_| {
        let violation = Violation { rule: "nothing panics", what, at: 0 };
        Report { violation: Some(violation), ..Report::default() }
    })
}

thread_local! {
    /// What the last panic inside a run said; none outside a run.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes a panic for the run that it happened in; answers whether there is one.
pub(crate) fn note_panic(text: Option<&str>, place: Option<&Location<'_>>) -> bool {
    let text = text.unwrap_or("something that is no text");
    let is_inside = PANIC.with_borrow(Option::is_some);
    if is_inside && text != SIMULATED {
        let place = place.map(ToString::to_string).unwrap_or_default();
        PANIC.set(Some(format!("{text} ({place})")));
    }
    is_inside
}

/// What an operator asks for, the last first. Whoever pauses continues in the end, and says so until
/// somebody hears it.
fn operators(case: &Case, calm: Millis) -> Vec<(Millis, Operation)> {
    let all = case.operators.iter().map(|(second, what)| (u64::from(*second) * 1000, *what));
    let mut all: Vec<(Millis, Operation)> = all.collect();
    if all.iter().any(|(_, what)| *what == Operation::Pause) {
        let from = all.iter().map(|(at, _)| at + 1).max().unwrap_or(0).max(calm);
        // nobody hears it while every process is dead
        let away = case.crashes.iter().map(|crash| 300 + u64::from(crash.back_after.unwrap_or(0)));
        let times = 20 + away.sum::<u64>() / 120;
        all.extend((0..times).map(|nth| (from + nth * 120_000, Operation::Continue)));
    }
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all
}

struct Run {
    case: Arc<Case>,
    cloud: Cloud,
    executor: Executor,
    disk: Arc<Disk>,
    log: Log,
    rules: Vec<Box<dyn Invariant + Send>>,
    processes: Vec<Process>,
    /// The process that crashes are for.
    primary: Option<u32>,
    /// Polls since the primary began.
    primary_polls: u32,
    polls: u32,
    crash: usize,
    back_at: Option<Millis>,
    operators: Vec<(Millis, Operation)>,
    rivals: Vec<Millis>,
}

impl Run {
    fn new(case: &Case) -> Self {
        case.door.seed(case.seed);
        let cloud = Cloud::new(scene::scenario(case));
        let executor = Executor::new(&cloud);
        let stable = case.world.stable.then(|| revision(1));
        let history = History::new(Terms::of(case), stable, revision(2));
        let log = Log::new(history.into());
        let calm = u64::from(case.calm_from) * 1000;
        let disk = Disk::new(&case.store, case.seed, calm, Arc::clone(&log), deployment());
        let ms = |second: u32| u64::from(second) * 1000;
        let operators = operators(case, calm);
        let mut rivals: Vec<Millis> = case.rivals.iter().map(|second| ms(*second)).collect();
        rivals.sort_by_key(|at| std::cmp::Reverse(*at));
        let mut run = Self {
            case: Arc::new(case.clone()),
            cloud,
            executor,
            disk,
            log,
            rules: invariants::all(),
            processes: Vec::new(),
            primary: None,
            primary_polls: 0,
            polls: 0,
            crash: 0,
            back_at: None,
            operators,
            rivals,
        };
        run.cloud.with(|world| world.set_label(BEGINNING));
        run.begin(Errand::Start);
        run
    }

    fn now(&self) -> Millis {
        self.cloud.with(|world| world.now().as_millis())
    }

    fn begin(&mut self, errand: Errand) {
        let number = u32::try_from(self.processes.len()).unwrap();
        let process =
            Process::begin(&self.cloud, number, &self.case, &self.disk, &self.log, errand);
        self.processes.push(process);
        if errand != Errand::Rival {
            self.primary = Some(number);
            self.primary_polls = 0;
        }
    }

    /// Does what is due, and answers when something is due next.
    fn script(&mut self, now: Millis) -> Millis {
        if let Some(number) = self.primary
            && let Some(crash) = self.case.crashes.get(self.crash)
        {
            let due = match crash.at {
                CrashPoint::Poll(poll) => self.primary_polls >= poll.max(1),
                CrashPoint::Second(second) => now >= u64::from(second) * 1000,
                CrashPoint::Sent(count) => self.writes(false) >= count,
                CrashPoint::Done(count) => self.writes(true) >= count,
            };
            if due {
                let process = &self.processes[usize::try_from(number).unwrap()];
                self.executor.kill_process(&process.cloud);
                open(&self.log).crashes.push(now);
                self.primary = None;
                self.back_at = crash.back_after.map(|after| now + u64::from(after) * 1000);
                self.crash += 1;
            }
        }
        if self.back_at.is_some_and(|at| at <= now) {
            self.back_at = None;
            self.begin(Errand::Resume);
        }
        while self.rivals.last().is_some_and(|at| *at <= now) {
            self.rivals.pop();
            self.begin(Errand::Rival);
        }
        while let Some((at, operation)) = self.operators.last().copied() {
            if at > now {
                break;
            }
            self.operators.pop();
            if let Some(process) = self.processes.iter().rev().find(|process| {
                let slot = open(&process.slot);
                slot.handle.is_some() && !slot.ended
            }) {
                process.operate(operation, &self.log);
            }
        }
        self.next_due()
    }

    /// How many writes of ours were sent, or took effect.
    fn writes(&self, done: bool) -> u32 {
        self.cloud.with(|world| {
            let ours = world.ledger().iter().filter(|entry| entry.actor.is_ours());
            let count = ours.filter(|entry| !done || entry.effective_at.is_some()).count();
            u32::try_from(count).unwrap()
        })
    }

    fn next_due(&self) -> Millis {
        let crash = self.case.crashes.get(self.crash).filter(|_| self.primary.is_some());
        let crash = crash.and_then(|crash| match crash.at {
            CrashPoint::Second(second) => Some(u64::from(second) * 1000),
            CrashPoint::Poll(_) | CrashPoint::Sent(_) | CrashPoint::Done(_) => None,
        });
        let operator = self.operators.last().map(|(at, _)| *at);
        let rival = self.rivals.last().copied();
        [crash, self.back_at, operator, rival].into_iter().flatten().min().unwrap_or(Millis::MAX)
    }

    fn hear(&mut self) {
        for process in &self.processes {
            process.ear.hear();
        }
    }

    fn look(&mut self) -> Result<(), Violation> {
        let (log, rules) = (&self.log, &mut self.rules);
        self.cloud.with(|world| {
            let mut history = open(log);
            truth::take(world, &mut history);
            invariants::check_all(rules, world, &history)
        })
    }

    /// Until when to go on, and what it means when that is over.
    fn horizon(&self) -> (Millis, bool) {
        let log = open(&self.log);
        if let Some(ended) = log.ended {
            return (ended + log.terms.settle + 30_000, true);
        }
        let refused = |process: &Process| open(&process.slot).refused.is_some();
        if self.primary.is_some_and(|of| refused(&self.processes[usize::try_from(of).unwrap()])) {
            return (log.now, true);
        }
        let deserted = self.primary.is_none() && self.back_at.is_none() && self.rivals.is_empty();
        if let (true, Some(last)) = (deserted, log.crashes.last()) {
            return (last + 900_000, true);
        }
        (log.terms.bound, false)
    }

    fn into_report(mut self) -> Report {
        let violation = self.drive().and_then(|()| self.finish()).err();
        self.report(violation)
    }

    fn drive(&mut self) -> Result<(), Violation> {
        self.look()?;
        for _ in 0..STEPS {
            let due = self.script(self.now());
            let (horizon, fine) = self.horizon();
            let limit = Elapsed::from_millis(due.min(horizon));
            match self.executor.step(limit) {
                Step::Polled(_) | Step::Ended(_) => {
                    self.polls += 1;
                    self.primary_polls += 1;
                    self.hear();
                    self.look()?;
                }
                Step::Event => self.look()?,
                Step::Time => {
                    let now = self.now();
                    if now < horizon || due <= now {
                        continue;
                    }
                    if fine {
                        return Ok(());
                    }
                    let what = format!("no ending by then; in force: {}", open(&self.log).label());
                    let rule = "liveness: once faults stop, every deployment ends in time";
                    return Err(Violation { rule, what, at: now });
                }
            }
        }
        let what = format!("more than {STEPS} steps");
        Err(Violation { rule: "no livelock", what, at: self.now() })
    }

    fn finish(&mut self) -> Result<(), Violation> {
        let (log, rules, case) = (&self.log, &mut self.rules, &self.case);
        self.cloud.with(|world| {
            let mut history = open(log);
            truth::take(world, &mut history);
            invariants::finish_all(rules, world, &history)?;
            abandoned::check(case, &history)
        })
    }

    fn report(self, violation: Option<Violation>) -> Report {
        let mut history = open(&self.log);
        let refused = self.processes.first().and_then(|first| open(&first.slot).refused.clone());
        let mut faults = BTreeMap::new();
        for ((what, label), count) in self.disk.counts() {
            faults.insert((format!("store {what}"), label), count);
        }
        let (digest, sent, unserved, calls) = self.cloud.with(|world| {
            for ((kind, label), count) in world.fault_counts() {
                faults.insert((format!("{kind:?}"), label.clone()), *count);
            }
            let mut digest = Digest::default();
            let mut sent = Vec::new();
            for entry in world.ledger() {
                digest.add(&format!("{entry:?}"));
                if entry.actor.is_ours() {
                    sent.push(entry.sent_at.as_millis());
                }
            }
            (digest, sent, world.unserved(), world.calls_sent())
        });
        let digest = history.told.iter().fold(digest, |mut digest, told| {
            digest.add(&serde_json::to_string(&told.event).unwrap());
            digest
        });
        let events = story::last(&history);
        let weights = history.writes.iter().filter_map(|write| match &write.intent {
            cutover::model::Intent::Shift { weight } => Some(weight.as_permille()),
            _ => None,
        });
        Report {
            violation,
            refused,
            digest: digest.0,
            polls: self.polls,
            ended: history.ended,
            ending: history.ending.clone(),
            faults,
            sent,
            unserved,
            stored: u32::try_from(history.stored.len()).unwrap(),
            crashed: history.crashes.first().copied(),
            weights: weights.collect(),
            events,
            labels: std::mem::take(&mut history.labels),
            calls: [std::mem::take(&mut history.calls), vec![calls]].concat(),
        }
    }
}

/// FNV-1a.
struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    fn add(&mut self, text: &str) {
        self.0 = text.bytes().fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    }
}
