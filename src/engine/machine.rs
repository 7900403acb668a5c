//! The engine itself: what it holds, how it is fed and drained.

use std::collections::VecDeque;
use std::time::Duration;

use crate::model::Accrued;
use crate::model::Decision;
use crate::model::Elapsed;
use crate::model::Event;
use crate::model::EventKind;
use crate::model::Facts;
use crate::model::FencingToken;
use crate::model::GateMemory;
use crate::model::GateSpec;
use crate::model::HoldReason;
use crate::model::HookKey;
use crate::model::Now;
use crate::model::Operator;
use crate::model::Progress;
use crate::model::Record;
use crate::model::ScalableTarget;
use crate::model::State;
use crate::model::Verdict;

use super::counting::Counting;
use super::coverage::Coverage;
use super::describe::progress;
use super::glance::Glance;
use super::input::Input;
use super::journal::fold;
use super::output::Output;
use super::pace::Pace;
use super::writes::Writes;

/// An unanswered or failed put is tried again after this.
const RETRY_PUT: Duration = Duration::from_secs(2);

/// How far the current look at the world is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cycle {
    /// Nothing is asked; the next look is due then.
    Idle(Elapsed),
    /// The world was asked at this time.
    Observing(Elapsed),
    /// So many gates have not answered.
    Asking(usize),
    /// Everything has been answered and not been considered.
    Ready,
}

/// How far the last write of the record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    /// The record is as the engine is.
    Done,
    /// It is being written.
    UnderWay,
    /// The same is written again then.
    Again(Elapsed),
}

/// What this process knows of one gate beside its last answer.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// When it was last asked.
    pub(super) asked: Option<Elapsed>,
    /// Whether that has not been answered yet.
    pub(super) awaited: bool,
    /// When the oldest read behind its last pass was sent.
    pub(super) passed: Option<Elapsed>,
    /// The time that its passes speak for.
    pub(super) covers: Coverage,
    /// The age of that answer.
    pub(super) read_at: Elapsed,
    /// What it asked to remember.
    pub(super) memory: GateMemory,
    /// The last answer that was told to whoever watches.
    pub(super) told: Option<Verdict>,
}

/// The deployment state machine. See the module's documentation for how to drive it.
#[derive(Debug)]
pub struct Engine {
    pub(super) record: Record,
    pub(super) state: State,
    pub(super) token: FencingToken,
    pub(super) facts: Facts,
    pub(super) cycle: Cycle,
    pub(super) put: Put,
    /// The decision that is being recorded.
    pub(super) deciding: Option<Decision>,
    /// The request that it answers.
    pub(super) answering: Option<Operator>,
    pub(super) requests: VecDeque<(Operator, Option<String>)>,
    pub(super) slots: Vec<Slot>,
    pub(super) writes: Writes,
    /// When the world was asked for what was last seen.
    pub(super) observed_at: Elapsed,
    /// Evidence counts when it is younger than this (rule 5).
    pub(super) entered: Elapsed,
    /// Up to here time has been counted into the current bake.
    pub(super) accounted: Elapsed,
    /// When the last cycle was complete, and how much time lies between it and the one before.
    pub(super) last_cycle: Option<Elapsed>,
    pub(super) since_last_cycle: Duration,
    /// When the side to be removed was last seen without traffic, if it was at the last look.
    pub(super) last_away: Option<Elapsed>,
    /// What is asked about the requests that still reach that side.
    pub(super) counting: Counting,
    /// When this stage's traffic was last seen where it is to be, if it was at the last look.
    pub(super) last_shown: Option<Elapsed>,
    /// Since when a role that was there is not seen, stable's and the candidate's.
    pub(super) missing_since: [Option<Elapsed>; 2],
    /// Since when looks have shown a candidate without a healthy target.
    pub(super) barren_since: Option<Elapsed>,
    pub(super) pace: Pace,
    /// Why the last look failed, if it did.
    pub(super) blind_for: Option<String>,
    /// Since when something unexpected is seen.
    pub(super) odd_since: Option<Elapsed>,
    /// Since when the side that is removed is not seen any more.
    pub(super) gone_since: Option<Elapsed>,
    /// Until when an agreed weight may be one that a predecessor sent: after a restart in the middle of a
    /// roll, whose weights are not recorded one by one.
    pub(super) adopts_until: Option<Elapsed>,
    /// How someone else changed autoscaling, and since when that is seen; no time once it was told.
    pub(super) rescaled: Option<(ScalableTarget, Option<Elapsed>)>,
    pub(super) hook: Option<HookKey>,
    /// Accrued times as last recorded.
    pub(super) checkpointed: Elapsed,
    pub(super) glance: Option<Glance>,
    pub(super) waiting: Option<HoldReason>,
    /// Another process drives now, or this one ends.
    pub(super) stopped: bool,
    pub(super) out: VecDeque<Output>,
}

impl Engine {
    /// Takes up a deployment from its record: a new one (`seq` 0) or one that another process left.
    /// `token` is that of the lease this process holds. The first drain asks to persist the record,
    /// which fences whoever wrote it before.
    #[must_use]
    pub fn restore(mut record: Record, token: FencingToken, now: Now) -> Self {
        let state = fold(&record);
        let resumed = record.seq > 0;
        record.seq = record.seq.saturating_add(1);
        record.token = token;
        let slots = record.header.plan.gates.iter().map(|spec| Slot {
            memory: state.memories.get(&spec.id).cloned().unwrap_or_default(),
            ..Slot::default()
        });
        // what happened to the weights since nobody looked is not known: that count begins again
        let accrued = Accrued { away: Duration::ZERO, asked: Duration::ZERO, ..state.accrued };
        let drain = Some(&state.drain).filter(|drain| drain.is_busy()).cloned();
        let facts = Facts {
            accrued,
            drain: drain.unwrap_or_default(),
            high_water: state.high_water,
            launched: state.launched,
            delegation: state.delegation.clone(),
            weight: state.weight,
            settled: !resumed,
            ..Facts::default()
        };
        let mut engine = Self {
            slots: slots.collect(),
            writes: Writes::new(record.header.limits.settle, resumed.then_some(now.elapsed)),
            state,
            token,
            facts,
            cycle: Cycle::Idle(now.elapsed),
            put: Put::Again(now.elapsed),
            deciding: None,
            answering: None,
            requests: VecDeque::new(),
            observed_at: Elapsed::default(),
            entered: now.elapsed,
            accounted: now.elapsed,
            last_cycle: None,
            since_last_cycle: Duration::ZERO,
            last_away: None,
            counting: Counting::default(),
            last_shown: None,
            missing_since: [None; 2],
            barren_since: None,
            pace: Pace::default(),
            blind_for: None,
            odd_since: None,
            gone_since: None,
            adopts_until: resumed.then(|| now.elapsed.after(record.header.limits.settle)),
            rescaled: None,
            hook: None,
            checkpointed: now.elapsed,
            glance: None,
            waiting: None,
            stopped: false,
            out: VecDeque::new(),
            record,
        };
        engine.tell(now, if resumed { EventKind::Resumed } else { EventKind::Started });
        engine
    }

    /// Takes one input. Afterwards [`poll_output`](Self::poll_output) must be called until it answers
    /// [`Output::WaitUntil`].
    pub fn handle(&mut self, now: Now, input: Input) {
        if self.stopped {
            return;
        }
        match input {
            Input::Tick => {}
            Input::Observed(observation) => {
                self.blind_for = None;
                self.observed(now, Some(observation));
            }
            Input::Blind(why) => self.blind(now, why),
            Input::Counted { role, requests } => self.counted(now, role, requests),
            Input::Evaluated { gate, evaluation } => self.evaluated(now, gate, evaluation),
            Input::GateMissing { gate } => self.gate_missing(gate),
            Input::HookAnswered { key, result } => self.hook_answered(now, &key, result),
            Input::CallDone { seq, outcome } => self.call_done(now, seq, outcome),
            Input::Persisted => self.persisted(now),
            Input::PersistUnknown => self.put = Put::Again(now.elapsed.after(RETRY_PUT)),
            Input::Operator(request) => self.requests.push_back((request, None)),
            Input::Request { operator, by } => self.requests.push_back((operator, Some(by))),
            Input::Fenced | Input::LeaseLost | Input::Shutdown => {
                self.stopped = true;
                self.out.clear();
                return;
            }
            // It counts from the next look on.
            Input::Stop(order) => {
                self.facts.stopped = order.map(|order| order.to_string());
                return;
            }
        }
        self.advance(now);
    }

    /// The next thing that is asked for. The drain is complete at [`Output::WaitUntil`].
    pub fn poll_output(&mut self) -> Output {
        match self.out.pop_front() {
            Some(output) => output,
            None => Output::WaitUntil(self.wake()),
        }
    }

    /// The record as it is to be persisted.
    pub const fn record(&self) -> &Record {
        &self.record
    }

    /// The state, with the decision that is being recorded.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// What is known of the world and the gates.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// When the world was asked for what was last seen.
    pub const fn observed_at(&self) -> Elapsed {
        self.observed_at
    }

    /// A gate of the plan, what it asked to remember, and when it last passed in this process.
    pub fn gate(&self, index: usize) -> Option<(&GateSpec, &GateMemory, Option<Elapsed>)> {
        let (spec, slot) = (self.record.header.plan.gates.get(index)?, self.slots.get(index)?);
        Some((spec, &slot.memory, slot.passed))
    }

    /// Where the deployment is, complete enough to draw.
    pub fn progress(&self) -> Progress {
        progress(&self.record.header, &self.state, &self.facts, self.waiting.clone())
    }

    /// Whether nothing is left to do: the end is recorded and no call is under way.
    pub fn has_ended(&self) -> bool {
        self.state.ending.is_some() && self.put == Put::Done && !self.writes.under_way()
    }

    /// Whether another process must go on: the lease was lost, another writer was met, or this
    /// process was told to shut down.
    pub const fn has_stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn tell(&mut self, now: Now, kind: EventKind) {
        let deployment = self.record.header.subject.deployment.clone();
        self.out.push_back(Output::Emit(Event::new(now.wall, deployment, kind)));
    }

    fn wake(&self) -> Option<Elapsed> {
        if self.stopped || self.has_ended() {
            return None;
        }
        let look = match self.cycle {
            Cycle::Idle(at) if self.state.ending.is_none() => Some(at),
            Cycle::Idle(_) | Cycle::Observing(_) | Cycle::Asking(_) | Cycle::Ready => None,
        };
        let put = match self.put {
            Put::Again(at) => Some(at),
            Put::Done | Put::UnderWay => None,
        };
        // While answers are awaited there is no own deadline: the driver bounds every call.
        match (look, put) {
            (Some(look), Some(put)) => Some(look.min(put)),
            (Some(at), None) | (None, Some(at)) => Some(at),
            (None, None) => Some(Elapsed::from_millis(u64::MAX)),
        }
    }
}
