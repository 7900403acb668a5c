//! The trait that every gate implements.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use crate::model::Elapsed;
use crate::model::Evaluation;
use crate::model::GateKey;
use crate::model::GateMemory;
use crate::model::Now;
use crate::model::Observation;
use crate::model::Subject;

/// What a gate is given.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "tests of gates build it")]
pub struct GateContext<'a> {
    /// The deployment, its service and its two groups.
    pub subject: &'a Subject,
    /// The world as it was last seen; none while blind.
    pub observation: Option<&'a Observation>,
    /// When it was seen.
    pub observed_at: Elapsed,
    /// The time of asking.
    pub now: Now,
    /// When the oldest read behind its last pass in this process was sent; none before the first.
    pub previous: Option<Elapsed>,
    /// The longest gap between two reads that still counts as watched.
    pub max_gap: Duration,
    /// At which point it is asked.
    pub key: &'a GateKey,
    /// What this gate asked to remember, from before a restart too.
    pub memory: &'a GateMemory,
}

/// A question asked again and again while a deployment runs.
///
/// # Contract
///
/// - No data is `Inconclusive`, never `Pass`: failing reads, missing names, unknown states.
/// - The evidence covers only time that was really watched; `read_at` is when the oldest read behind
///   the answer was sent.
/// - A gate keeps nothing in itself; what it needs next time goes into the memory, which survives a
///   restart. Asking twice with the same memory and world gives the same answer.
/// - A panic or a gate that does not answer is isolated by the driver and counts as `Inconclusive`.
#[async_trait]
pub trait Gate: fmt::Debug + Send + Sync {
    /// Answers once.
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation;
}
