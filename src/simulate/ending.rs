//! How one run ended, in words that many runs share.

use std::fmt;

use serde::Serialize;

use super::named_world::Hope;
use crate::model::Ending as Ended;
use crate::model::RollbackCause;
use crate::model::StopReason;

/// How one run ended, without the numbers that differ from run to run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case", tag = "ending", content = "why")]
#[non_exhaustive]
pub enum Ending {
    /// The candidate serves.
    Succeeded,
    /// Stable serves again; why it turned back.
    RolledBack(String),
    /// Stopped where it was, with nothing changed or the service gone; why.
    Stopped(String),
    /// An operator is needed; why it turned back.
    RollbackFailed(String),
    /// Nothing was begun; why.
    NotStarted(String),
    /// After a week of simulated time it had not ended; what it waited for.
    Unfinished(String),
}

impl Ending {
    /// How a deployment ended that turned back for this cause, if it did.
    pub(super) fn of(ended: &Ended, cause: Option<&RollbackCause>) -> Self {
        let why = || cause.map_or_else(|| "for no reason that was told".to_owned(), words);
        match ended {
            Ended::Successful { .. } => Self::Succeeded,
            Ended::RollbackSuccessful { .. } => Self::RolledBack(why()),
            Ended::RollbackFailed { .. } => Self::RollbackFailed(why()),
            Ended::Stopped { reason, world } => Self::Stopped(match (reason, world.first()) {
                // the world has not changed; what is said of it is why
                (StopReason::Refused, Some(why)) => format!("{reason}: {why}"),
                _ => reason.to_string(),
            }),
        }
    }

    /// Whether this is how it should have ended.
    pub const fn is_as_hoped(&self, hope: Hope) -> bool {
        match self {
            Self::Succeeded => matches!(hope, Hope::Success | Hope::Either),
            Self::RolledBack(_) => matches!(hope, Hope::Rollback | Hope::Either),
            Self::Stopped(_)
            | Self::RollbackFailed(_)
            | Self::NotStarted(_)
            | Self::Unfinished(_) => false,
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("succeeded"),
            Self::RolledBack(why) => write!(f, "rolled back: {why}"),
            Self::Stopped(why) => write!(f, "stopped: {why}"),
            Self::RollbackFailed(why) => write!(f, "rollback failed: {why}"),
            Self::NotStarted(why) => write!(f, "not started: {why}"),
            Self::Unfinished(why) => write!(f, "unfinished after a week: {why}"),
        }
    }
}

/// A cause without what differs from run to run.
fn words(cause: &RollbackCause) -> String {
    match cause {
        RollbackCause::GateFailed { gate, .. } => format!("gate `{gate}` failed"),
        RollbackCause::GateInconclusive { gate, .. } => format!("gate `{gate}` could not tell"),
        RollbackCause::CrashLoop { .. } => "its tasks kept dying".to_owned(),
        RollbackCause::NoProgress { .. } => "no progress for too long".to_owned(),
        RollbackCause::HeldTooLong { .. } => "held for too long".to_owned(),
        RollbackCause::Delegated { .. } => "the platform gave up".to_owned(),
        RollbackCause::Rejected { .. } => "a write was refused for good".to_owned(),
        RollbackCause::Aborted
        | RollbackCause::Requested
        | RollbackCause::Hook { .. }
        | RollbackCause::NotApproved
        | RollbackCause::Deadline
        | RollbackCause::CandidateGone => cause.to_string(),
    }
}
