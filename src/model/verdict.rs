//! A gate's answer and what it rests on.
#![expect(clippy::exhaustive_structs, reason = "gates outside this crate build these")]

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::grounds::Grounds;
use super::proof::Proof;
use super::shared::Shared;
use super::time::Elapsed;
use super::time::Span;
use super::time::Timestamp;

/// A gate's answer. No data is `Inconclusive`, never `Pass`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "tri-state by definition")]
pub enum Verdict {
    /// All is well.
    Pass,
    /// The candidate must not serve.
    Fail(String),
    /// It cannot tell, and why.
    Inconclusive(String),
}

impl Verdict {
    /// Whether this is `Pass`.
    pub const fn is_pass(&self) -> bool {
        matches!(self, Self::Pass)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("pass"),
            Self::Fail(why) => write!(f, "fail: {why}"),
            Self::Inconclusive(why) => write!(f, "inconclusive: {why}"),
        }
    }
}

/// Which time an answer speaks for, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The stretch of this process's time that was watched without a gap.
    pub covers: Span,
    /// When the oldest read behind it was sent.
    pub read_at: Elapsed,
    /// The source's own time of its newest datum, where it has one.
    pub source: Option<Timestamp>,
}

impl Evidence {
    /// Evidence from one look: it covers that moment only.
    pub const fn at(read_at: Elapsed) -> Self {
        Self { covers: Span { from: read_at, to: read_at }, read_at, source: None }
    }
}

/// What a gate wants to find again at its next evaluation, after a restart too. Opaque and small.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GateMemory(pub Shared<String>);

/// One evaluation of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The answer.
    pub verdict: Verdict,
    /// What is shown of the candidate against stable; none where nothing is compared now.
    pub proof: Option<Proof>,
    /// What it rests on.
    pub evidence: Evidence,
    /// What to hand back next time.
    pub memory: GateMemory,
    /// What it was worked out from.
    pub grounds: Grounds,
}

impl Evaluation {
    /// An answer that compares nothing and says nothing of what it was worked out from.
    pub fn new(verdict: Verdict, evidence: Evidence, memory: GateMemory) -> Self {
        Self { verdict, proof: None, evidence, memory, grounds: Grounds::default() }
    }
}
