//! The durable record: a header, a snapshot and the decisions since.

use serde::Deserialize;
use serde::Serialize;

use super::baseline::Subject;
use super::command::Intent;
use super::decision::Decision;
use super::drain::Drain;
use super::grounds::Grounds;
use super::hook_spec::HookResult;
use super::id::FencingToken;
use super::id::GateId;
use super::id::TaskSetId;
use super::limits::Limits;
use super::observation::Observation;
use super::plan::Plan;
use super::proof::Proof;
use super::shared::Shared;
use super::state::Accrued;
use super::state::State;
use super::time::Timestamp;
use super::verdict::Evaluation;
use super::verdict::GateMemory;
use super::verdict::Verdict;
use super::weight::Weight;

/// What is fixed before the first write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Header {
    /// The deployment, its service and the world before it.
    pub subject: Subject,
    /// The plan. Resuming needs it, never the strategy.
    pub plan: Plan,
    /// What a rollback writes, authorised before the first effect.
    pub rollback: Vec<Intent>,
    /// Times and counts.
    pub limits: Limits,
    /// When it was planned.
    pub created: Timestamp,
}

impl Header {
    /// A header for a plan.
    pub const fn new(
        subject: Subject,
        plan: Plan,
        rollback: Vec<Intent>,
        limits: Limits,
        created: Timestamp,
    ) -> Self {
        Self { subject, plan, rollback, limits, created }
    }
}

/// Everything a crash must not lose, as one value with one compare-and-set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// Fixed at the start.
    pub header: Header,
    /// The fencing token of the last writer.
    pub token: FencingToken,
    /// How many times the record was written.
    pub seq: u64,
    /// The state before the first entry that is still listed.
    pub snapshot: State,
    /// Decisions, oldest first. The oldest are folded into the snapshot when there are many.
    pub entries: Vec<Entry>,
    /// What was folded; none while every decision is listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folded: Option<Folded>,
}

/// Decisions of which only the state remains that they led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Folded {
    /// How many.
    pub entries: u64,
    /// When the last of them was made.
    pub until: Timestamp,
}

impl Folded {
    /// So many decisions, the last of them made then.
    pub const fn new(entries: u64, until: Timestamp) -> Self {
        Self { entries, until }
    }
}

impl Record {
    /// The record of a deployment that has not begun.
    pub const fn new(header: Header, token: FencingToken, state: State) -> Self {
        Self { header, token, seq: 0, snapshot: state, entries: Vec::new(), folded: None }
    }
}

/// One decision and everything it was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Entry {
    /// When, for people.
    pub at: Timestamp,
    /// Who wrote it.
    pub token: FencingToken,
    /// What it was made from.
    pub facts: Facts,
    /// What was decided.
    pub decision: Decision,
    /// When it was last made again unchanged; equal holds collapse.
    pub last: Timestamp,
    /// How often it was made.
    pub count: u32,
}

impl Entry {
    /// A decision made once.
    pub const fn new(at: Timestamp, token: FencingToken, facts: Facts, decision: Decision) -> Self {
        Self { at, token, facts, decision, last: at, count: 1 }
    }
}

/// Everything a decision may depend on besides header and state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[non_exhaustive]
pub struct Facts {
    /// What was last seen; none before the first look.
    pub observation: Option<Shared<Observation>>,
    /// Whether the last look failed, so that nothing may be decided on what was seen before.
    pub blind: bool,
    /// Whether it was seen after the last decision that changed something (rule 5).
    pub current: bool,
    /// What the gates said.
    pub gates: Vec<GateReading>,
    /// Custom gates that nobody registered.
    pub missing: Vec<GateId>,
    /// By whom, when and why every deployment is stopped, while that is so.
    pub stopped: Option<String>,
    /// What an operator asked for.
    pub operator: Option<Operator>,
    /// Who asked for it, where it was asked through the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_by: Option<String>,
    /// What a hook answered.
    pub hook: Option<HookResult>,
    /// A write that was refused for good.
    pub rejected: Option<String>,
    /// Whether the overall deadline has passed.
    pub overdue: bool,
    /// Whether what is unexpected has been so for as long as a read may be stale.
    pub confirmed: bool,
    /// Whether a role that was there is missing from what was seen, and not for long enough to
    /// believe it.
    pub unsure: bool,
    /// Whether look after look has shown a candidate without a healthy target.
    pub barren: bool,
    /// Whether the side that is removed has not been seen for as long as a read may be stale.
    pub gone: bool,
    /// Whether no write may still take effect.
    pub settled: bool,
    /// Whether an acknowledged write is so young that a read may not show it yet.
    pub catching_up: bool,
    /// Accrued times at the moment of the decision.
    pub accrued: Accrued,
    /// The requests that still reach the side that is to be removed, as far as that is known.
    #[serde(default, skip_serializing_if = "Drain::is_untold")]
    pub drain: Drain,
    /// Progress at the moment of the decision.
    pub high_water: u32,
    /// Whether the candidate has been seen by then.
    pub launched: bool,
    /// What the platform calls the last deployment that was handed to it by then.
    pub delegation: Option<TaskSetId>,
    /// The last weight that was ours and read back by then.
    pub weight: Weight,
    /// The most tasks that were asked for lately, for stable and the candidate: a read may not show
    /// them yet.
    pub asked: [u32; 2],
    /// How many tasks stable was left with since it was last seen, if it was told to stop some.
    pub left: Option<u32>,
    /// The last weight that was sent, read back or not.
    pub sent: Option<Weight>,
}

impl Facts {
    /// The world as it is, as far as it can be seen now.
    pub const fn seen(&self) -> Option<&Shared<Observation>> {
        match (&self.observation, self.blind) {
            (Some(observation), false) => Some(observation),
            (Some(_) | None, _) => None,
        }
    }
}

/// What one gate said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GateReading {
    /// Which.
    pub gate: GateId,
    /// Its answer.
    pub verdict: Verdict,
    /// What it shows of the candidate against stable; none where nothing was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// Whether it was asked after the last decision that changed something (rule 5).
    pub current: bool,
    /// What it remembered before.
    pub before: GateMemory,
    /// What it asked to remember.
    pub memory: GateMemory,
    /// What the answer was worked out from.
    pub grounds: Grounds,
}

impl GateReading {
    /// One answer, not asked for by the last decision.
    pub fn new(gate: GateId, before: GateMemory, evaluation: Evaluation) -> Self {
        let Evaluation { verdict, proof, memory, grounds, .. } = evaluation;
        Self { gate, verdict, proof, current: false, before, memory, grounds }
    }

    /// Takes the next answer, as far as it is not about what went before.
    pub(crate) fn update(&mut self, evaluation: Evaluation) {
        let Evaluation { verdict, proof, memory, grounds, .. } = evaluation;
        self.verdict = verdict;
        self.proof = proof;
        self.memory = memory;
        self.grounds = grounds;
    }
}

/// What an operator may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the engine must answer every kind")]
pub enum Operator {
    /// Stop advancing.
    Pause,
    /// Advance again.
    Continue,
    /// Give the approval that the current step waits for.
    Approve,
    /// Skip the bakes and approvals that are left.
    Promote,
    /// Stop, and go back where something was changed.
    Abort,
    /// Go back.
    Rollback,
}
