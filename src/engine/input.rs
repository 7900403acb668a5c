//! What the engine is told.

use crate::model::Evaluation;
use crate::model::GroupRequests;
use crate::model::HookKey;
use crate::model::HookResult;
use crate::model::Observation;
use crate::model::Operator;
use crate::model::Outcome;
use crate::model::Role;
use crate::model::Shared;
use crate::model::StopOrder;

/// One thing that the engine is told. Each is followed by a complete drain of the outputs.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_enums, reason = "a driver must be able to send every kind")]
pub enum Input {
    /// Time passed. Spurious ones do nothing.
    Tick,
    /// The world was looked at.
    Observed(Shared<Observation>),
    /// The world could not be looked at, and why.
    Blind(String),
    /// The requests that reach a role's target group were counted.
    Counted {
        /// The role.
        role: Role,
        /// How many there were, or why they could not be counted.
        requests: Result<GroupRequests, String>,
    },
    /// A gate answered.
    Evaluated {
        /// Its index among the plan's gates.
        gate: usize,
        /// Its answer.
        evaluation: Evaluation,
    },
    /// A custom gate is not registered in this process.
    GateMissing {
        /// Its index among the plan's gates.
        gate: usize,
    },
    /// A hook answered.
    HookAnswered {
        /// Which run.
        key: HookKey,
        /// What.
        result: HookResult,
    },
    /// A write ended.
    CallDone {
        /// Which.
        seq: u64,
        /// What is known of it.
        outcome: Outcome,
    },
    /// The record was written.
    Persisted,
    /// The record may have been written, or was not: the same one is put again.
    PersistUnknown,
    /// Another process has written the record: nothing more is done here.
    Fenced,
    /// An operator asks, in this process.
    Operator(Operator),
    /// An operator asks through the store.
    Request {
        /// For what.
        operator: Operator,
        /// Who.
        by: String,
    },
    /// Every deployment is stopped, or goes on; the last word counts.
    Stop(Option<StopOrder>),
    /// The lease ran out: nothing more is done here.
    LeaseLost,
    /// This process ends; another will resume.
    Shutdown,
}
