//! A broken contract.

use std::error::Error;
use std::fmt::Debug;

use crate::ports::AppendError;
use crate::ports::CallError;
use crate::ports::WriteError;

/// A contract that an implementation does not keep, or a call that failed while it was checked.
#[derive(Debug, thiserror::Error)]
#[error("{rule}: {what}")]
#[non_exhaustive]
pub struct Violation {
    /// The sentence of the contract.
    pub rule: &'static str,
    /// What was seen instead.
    pub what: String,
    /// The call that failed, if that is what it was.
    pub source: Option<Box<dyn Error + Send + Sync>>,
}

impl Violation {
    /// Something else was seen than the contract says.
    pub(super) fn new(rule: &'static str, what: impl Into<String>) -> Self {
        Self { rule, what: what.into(), source: None }
    }

    /// Checks that two values are the same.
    pub(super) fn unless_equal<T: Debug + PartialEq>(
        rule: &'static str,
        seen: &T,
        wanted: &T,
    ) -> Result<(), Self> {
        if seen == wanted {
            return Ok(());
        }
        Err(Self::new(rule, format!("saw {seen:?} instead of {wanted:?}")))
    }

    fn failed(error: impl Error + Send + Sync + 'static) -> Self {
        let what = error.to_string();
        Self { rule: "every call succeeds here", what, source: Some(Box::new(error)) }
    }
}

impl From<CallError> for Violation {
    fn from(error: CallError) -> Self {
        Self::failed(error)
    }
}

impl From<WriteError> for Violation {
    fn from(error: WriteError) -> Self {
        Self::failed(error)
    }
}

impl From<AppendError> for Violation {
    fn from(error: AppendError) -> Self {
        Self::failed(error)
    }
}
