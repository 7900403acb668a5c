//! Who changed what, and when.

use std::fmt;
use std::sync::Arc;

use super::api_error::ApiError;
use super::call::Call;
use super::fault::FaultKind;
use crate::model::Elapsed;

/// Who calls: one of our processes, or someone else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    name: Arc<str>,
    ours: bool,
}

impl Actor {
    /// One of our processes.
    pub fn process(name: &str) -> Self {
        Self { name: name.into(), ours: true }
    }

    /// Someone else.
    pub fn other(name: &str) -> Self {
        Self { name: name.into(), ours: false }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is one of our processes.
    pub const fn is_ours(&self) -> bool {
        self.ours
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// One call that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// Who called.
    pub actor: Actor,
    /// What was called.
    pub call: Call,
    /// When it was sent.
    pub sent_at: Elapsed,
    /// When it took effect; none if it did not (yet).
    pub effective_at: Option<Elapsed>,
    /// The error that AWS answered with, if it did.
    pub error: Option<ApiError>,
    /// What went wrong with the call on its way.
    pub fault: Option<FaultKind>,
}
