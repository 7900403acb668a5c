//! The world: one account, and time.

use std::collections::BTreeMap;

use super::agenda::Agenda;
use super::agenda::Event;
use super::answer::Answer;
use super::api_error::ApiError;
use super::behaviour::Behaviour;
use super::call::Call;
use super::cloudwatch::Samples;
use super::exposure::Exposure;
use super::exposure::MICRO;
use super::fault::FaultKind;
use super::flow::Flow;
use super::history::History;
use super::http_exchange::HttpExchange;
use super::inflight::Inflight;
use super::injector::Injector;
use super::ledger::Actor;
use super::ledger::LedgerEntry;
use super::metrics::Metrics;
use super::rng::Rng;
use super::scenario::Scenario;
use super::state::State;
use super::tally::Tally;
use super::task::Task;
use super::task_set::TaskSet;
use super::tickets::Tickets;
use crate::model::Elapsed;
use crate::model::Metric;
use crate::model::Revision;
use crate::model::Timestamp;

/// One account, passive: it changes only by [`call`](Self::call) and as time passes.
///
/// What the API shows may be late, stale or partial; [`state`](Self::state) and the other accessors
/// are the truth, and cheap.
#[derive(Debug)]
pub struct World {
    pub(super) scenario: Scenario,
    pub(super) now: Elapsed,
    pub(super) wall_jump_ms: i64,
    pub(super) rng: Rng,
    pub(super) agenda: Agenda,
    pub(super) state: State,
    pub(super) history: History,
    pub(super) tasks_made: u64,
    pub(super) sets_made: u32,
    pub(super) events_made: u64,
    /// Every client token that was used, with the task set it made.
    pub(super) tokens: Vec<(String, u32)>,
    /// What whoever stops a task gave as a reason, until it has stopped.
    pub(super) reasons: BTreeMap<u64, String>,
    pub(super) no_capacity_until: Elapsed,
    pub(super) flows: Vec<Flow>,
    pub(super) flows_known: bool,
    /// Whether they change with time alone.
    pub(super) flows_age: bool,
    /// The requests whose failures are left to chance, where any are.
    pub(super) tally: Option<Tally>,
    pub(super) settled_at: Elapsed,
    pub(super) exposure: Vec<Exposure>,
    pub(super) unserved_micro: u64,
    pub(super) metrics: Metrics,
    /// What callers measured, by minute since 1970.
    pub(super) put_data: BTreeMap<Metric, BTreeMap<u64, Samples>>,
    pub(super) inflight: Tickets<Inflight>,
    pub(super) results: Tickets<Result<Answer, ApiError>>,
    pub(super) tickets: u64,
    pub(super) sent: u64,
    pub(super) injector: Injector,
    pub(super) ledger: Vec<LedgerEntry>,
    pub(super) exchanges: Vec<HttpExchange>,
}

impl World {
    /// When the simulation begins, by AWS's clock: 2026-11-21T00:00:00Z.
    pub const BEGINS: Timestamp = Timestamp::from_millis(1_795_219_200_000);

    /// Time since the beginning.
    pub const fn now(&self) -> Elapsed {
        self.now
    }

    /// AWS's clock.
    pub const fn aws_wall(&self) -> Timestamp {
        Timestamp::from_millis(Self::BEGINS.as_millis().saturating_add(self.now.as_millis()))
    }

    /// Our processes' wall clock, which may have jumped.
    pub const fn process_wall(&self) -> Timestamp {
        let millis = self.aws_wall().as_millis().saturating_add_signed(self.wall_jump_ms);
        Timestamp::from_millis(millis)
    }

    /// When something happens next by itself; none if nothing ever does.
    pub fn next_event(&self) -> Option<Elapsed> {
        self.agenda.next()
    }

    /// Lets the next event happen if it is due by `limit`, and answers whether one was; if none is,
    /// time moves to `limit`.
    pub fn step(&mut self, limit: Elapsed) -> bool {
        let Some((at, event)) = self.agenda.pop(limit) else {
            self.now = self.now.max(limit);
            self.settle();
            return false;
        };
        self.now = self.now.max(at);
        self.settle();
        self.happen(event);
        true
    }

    /// Lets time pass up to `to`, with everything that happens until then.
    pub fn advance(&mut self, to: Elapsed) {
        while self.step(to) {}
    }

    fn happen(&mut self, event: Event) {
        if let Event::Call { ticket } = event {
            self.perform(ticket);
            return;
        }
        self.history.keep(self.now, &self.state);
        match event {
            Event::Reconcile { set } => self.reconcile(set),
            Event::Task { task, epoch, change } => self.change_task(task, epoch, change),
            Event::Check { task, checks, health } => self.check(task, checks, health),
            Event::GiveUp { task, checks } => self.give_up(task, checks),
            Event::Drained { task, checks } => self.finish_draining(task, checks),
            Event::Propagate { rule, version } => self.propagate(rule, version),
            Event::CookiesExpire { rule, version } => self.expire_cookies(rule, version),
            Event::Minute => self.end_minute(),
            Event::Act { action } => self.act(action),
            Event::Call { .. } => {}
        }
        self.flows_known = false;
    }

    /// A call that takes effect and is answered at once, and never fails by chance.
    ///
    /// # Errors
    ///
    /// What AWS would answer.
    pub fn call(&mut self, actor: &Actor, call: &Call) -> Result<Answer, ApiError> {
        if !call.kind().is_write() {
            return self.read(call, self.now);
        }
        self.settle();
        let entry = self.note(actor, call, None);
        self.write(call, entry)
    }

    /// Answers a read with the world as it was `at` a time.
    pub(super) fn read(&self, call: &Call, at: Elapsed) -> Result<Answer, ApiError> {
        if let Call::GetMetricData { metric, since } = call {
            return Ok(self.published(*metric, *since));
        }
        let state = self.history.at(at).unwrap_or(&self.state);
        if let Call::CloudWatch(call) = call {
            return self.read_cloud_watch(state, call, at).map(Answer::CloudWatch);
        }
        state.describe(call, at).unwrap_or_else(|| Err(ApiError::invalid("not a read")))
    }

    /// Writes a ledger entry for a call that is being sent.
    pub(super) fn note(&mut self, actor: &Actor, call: &Call, fault: Option<FaultKind>) -> usize {
        self.ledger.push(LedgerEntry {
            actor: actor.clone(),
            call: call.clone(),
            sent_at: self.now,
            effective_at: None,
            error: None,
            fault,
        });
        self.ledger.len() - 1
    }

    /// Carries out a write and completes its ledger entry.
    pub(super) fn write(&mut self, call: &Call, entry: usize) -> Result<Answer, ApiError> {
        self.history.keep(self.now, &self.state);
        let answer = self.carry_out(call);
        self.flows_known = false;
        let now = self.now;
        if let Some(entry) = self.ledger.get_mut(entry) {
            match &answer {
                Ok(_) => entry.effective_at = entry.effective_at.or(Some(now)),
                Err(error) if entry.effective_at.is_none() => entry.error = Some(error.clone()),
                // a duplicate of what already took effect
                Err(_) => {}
            }
        }
        answer
    }

    /// The truth about everything the API can show.
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// The scenario as it was given.
    pub const fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How many production requests each revision has served, in the order of their first sight.
    pub fn exposure(&self) -> &[Exposure] {
        &self.exposure
    }

    /// How many production requests this revision has served.
    pub fn exposure_of(&self, revision: &Revision) -> Option<&Exposure> {
        self.exposure.iter().find(|exposure| exposure.revision == *revision)
    }

    /// Production requests for which there was no target at all.
    pub const fn unserved(&self) -> u64 {
        self.unserved_micro / MICRO
    }

    /// Every call that changes something, in the order of sending.
    pub fn ledger(&self) -> &[LedgerEntry] {
        &self.ledger
    }

    /// How many calls were sent, reads included, by whoever uses a port or a protocol.
    pub const fn calls_sent(&self) -> u64 {
        self.sent
    }

    /// Every HTTP request that was sent, in the order of sending.
    pub fn exchanges(&self) -> &[HttpExchange] {
        &self.exchanges
    }

    /// Calls that were sent and may yet take effect.
    pub fn calls_in_flight(&self) -> usize {
        self.inflight.len()
    }

    /// Says what a harness wants faults to be counted under from now on, such as a stage.
    pub fn set_label(&mut self, label: &str) {
        self.injector.set_label(label);
    }

    /// How often each fault was injected, by the label that was set at the time.
    pub const fn fault_counts(&self) -> &BTreeMap<(FaultKind, String), u64> {
        self.injector.counts()
    }

    pub(super) fn set_mut(&mut self, number: u32) -> Option<&mut TaskSet> {
        self.state.sets_mut().find(|set| set.number == number)
    }

    pub(super) fn find_task(&self, number: u64) -> Option<(&TaskSet, &Task)> {
        self.state.sets().find_map(|set| {
            set.tasks.iter().find(|task| task.number == number).map(|task| (set, task))
        })
    }

    pub(super) fn task_mut(&mut self, number: u64) -> Option<&mut Task> {
        let mut tasks = self.state.sets_mut().flat_map(|set| &mut set.tasks);
        tasks.find(|task| task.number == number)
    }

    pub(super) fn set_of_task_mut(&mut self, number: u64) -> Option<&mut TaskSet> {
        self.state.sets_mut().find(|set| set.tasks.iter().any(|task| task.number == number))
    }

    /// The behaviour at this index of the revisions.
    pub(super) fn behaviour(&self, index: usize) -> &Behaviour {
        static HEALTHY: Behaviour = Behaviour::healthy();
        self.state.revisions.get(index).map_or(&HEALTHY, |(_, behaviour)| behaviour)
    }
}
