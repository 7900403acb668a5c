//! Why a call failed, and whether to try again.

use std::error::Error;

use crate::model::CallFailure;
use crate::model::Outcome;

/// What kind of failure a call met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "every class has its own reaction")]
pub enum ErrorClass {
    /// The request never left: connection refused, name not found.
    NotSent,
    /// The service asked to slow down. Not applied.
    Throttled,
    /// Timeout, lost answer or a server's own error: a write may have been applied, or may yet.
    Ambiguous,
    /// Something else changed it first, or a token was used with other parameters.
    Conflict,
    /// What the call was about is not there.
    Gone,
    /// Not allowed, or the credentials ran out.
    Auth,
    /// A hard quota.
    Quota,
    /// The request itself is wrong.
    Invalid,
}

/// Whether the same call may be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "three answers by definition")]
pub enum Retry {
    /// Yes: it was not applied.
    Safe,
    /// Only after looking: it may have been applied.
    Ambiguous,
    /// No: it would fail again.
    Never,
}

impl ErrorClass {
    /// Whether a call that failed so may be made again.
    pub const fn retry(self) -> Retry {
        match self {
            Self::NotSent | Self::Throttled | Self::Auth => Retry::Safe,
            Self::Ambiguous | Self::Conflict => Retry::Ambiguous,
            Self::Gone | Self::Quota | Self::Invalid => Retry::Never,
        }
    }
}

/// A call that failed. `Display` leaves the cause to [`source`](Error::source).
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed: {message}")]
#[non_exhaustive]
pub struct CallError {
    /// The operation, `ecs:UpdateTaskSet`.
    pub operation: &'static str,
    /// What kind of failure.
    pub class: ErrorClass,
    /// What the service said, without secrets.
    pub message: String,
    /// The cause.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl CallError {
    /// A failure without a further cause.
    pub fn new(operation: &'static str, class: ErrorClass, message: impl Into<String>) -> Self {
        Self { operation, class, message: message.into(), source: None }
    }

    /// Whether the same call may be made again.
    pub const fn retry(&self) -> Retry {
        self.class.retry()
    }

    fn failure(&self) -> CallFailure {
        CallFailure { message: self.to_string(), lasting: self.retry() == Retry::Never }
    }
}

/// A write that failed: surely not applied, or perhaps.
#[derive(Debug, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "with success these are the three outcomes")]
pub enum WriteError {
    /// It did not and will not take effect.
    #[error("rejected")]
    Rejected(#[source] CallError),
    /// It may have taken effect, or may yet.
    #[error("unknown whether it took effect")]
    Unknown(#[source] CallError),
}

impl From<CallError> for WriteError {
    /// Sorts by class: only what may have been applied is unknown.
    fn from(error: CallError) -> Self {
        match error.class {
            ErrorClass::Ambiguous => Self::Unknown(error),
            ErrorClass::NotSent
            | ErrorClass::Throttled
            | ErrorClass::Conflict
            | ErrorClass::Gone
            | ErrorClass::Auth
            | ErrorClass::Quota
            | ErrorClass::Invalid => Self::Rejected(error),
        }
    }
}

impl WriteError {
    /// The outcome this stands for.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Rejected(error) => Outcome::Rejected(error.failure()),
            Self::Unknown(error) => Outcome::Unknown(error.failure()),
        }
    }
}
