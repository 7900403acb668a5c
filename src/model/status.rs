//! What an observer is told.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// Something of ours that is still in the world after the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Leftover {
    /// What it is, by name.
    pub what: String,
    /// Why it is still there and what removes it.
    pub why: String,
}

impl Leftover {
    /// Names what is left and why.
    pub fn new(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self { what: what.into(), why: why.into() }
    }
}

impl fmt::Display for Leftover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

/// Why a deployment stopped where it was, without another write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum StopReason {
    /// Asked to stop before anything had been changed.
    Operator,
    /// Refused before anything was changed (a gate was red at the start, nothing to roll to …).
    Refused,
    /// Someone else deploys this service now.
    Superseded,
    /// The service is gone or going; or the candidate was removed when it had become the new stable.
    TargetGone,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Operator => "asked to stop before anything was changed",
            Self::Refused => "refused before anything was changed",
            Self::Superseded => "superseded by someone else's deployment",
            Self::TargetGone => "what was deployed to, or deployed, is gone",
        })
    }
}

/// How a deployment ended. Nothing is written after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Ending {
    /// The candidate serves everything and is the new stable.
    Successful {
        /// What could not be removed.
        leftovers: Vec<Leftover>,
    },
    /// Stable serves everything again.
    RollbackSuccessful {
        /// What could not be removed.
        leftovers: Vec<Leftover>,
    },
    /// Traffic could not be brought back in time; an operator is needed.
    RollbackFailed {
        /// What remains to be done, in order.
        remaining: Vec<String>,
    },
    /// Stopped where it was.
    Stopped {
        /// Why.
        reason: StopReason,
        /// The world as it was last seen.
        world: Vec<String>,
    },
}

impl Ending {
    /// The status an observer is told.
    pub const fn status(&self) -> Status {
        match self {
            Self::Successful { .. } => Status::Successful,
            Self::RollbackSuccessful { .. } => Status::RollbackSuccessful,
            Self::RollbackFailed { .. } => Status::RollbackFailed,
            Self::Stopped { .. } => Status::Stopped,
        }
    }
}

/// The status of a deployment, in ECS's `ServiceDeploymentStatus` words, in time order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum Status {
    /// Planned, nothing changed yet.
    Pending,
    /// Going forward.
    InProgress,
    /// An abort was asked for and is being recorded.
    StopRequested,
    /// A rollback was decided or asked for and is being recorded.
    RollbackRequested,
    /// Going back.
    RollbackInProgress,
    /// Ended: the candidate serves.
    Successful,
    /// Ended: stable serves again.
    RollbackSuccessful,
    /// Ended: an operator is needed.
    RollbackFailed,
    /// Ended: stopped where it was.
    Stopped,
}

impl Status {
    /// Whether nothing will change any more.
    pub const fn is_ended(self) -> bool {
        matches!(
            self,
            Self::Successful | Self::RollbackSuccessful | Self::RollbackFailed | Self::Stopped
        )
    }

    /// The word that ECS prints, `ROLLBACK_IN_PROGRESS`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::InProgress => "IN_PROGRESS",
            Self::StopRequested => "STOP_REQUESTED",
            Self::RollbackRequested => "ROLLBACK_REQUESTED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
            Self::Stopped => "STOPPED",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
