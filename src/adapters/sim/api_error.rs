//! Errors as AWS words them.

use crate::ports::ErrorClass;

/// An error that AWS answers with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
#[non_exhaustive]
pub struct ApiError {
    /// AWS's error code, `InvalidParameterException`.
    pub code: &'static str,
    /// AWS's message.
    pub message: String,
    /// What kind of failure it is.
    pub class: ErrorClass,
}

impl ApiError {
    /// An error of any code and kind.
    pub fn new(code: &'static str, message: impl Into<String>, class: ErrorClass) -> Self {
        Self { code, message: message.into(), class }
    }

    /// A bad parameter or a wrong state, under another code than most have.
    pub fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(code, message, ErrorClass::Invalid)
    }

    /// `InvalidParameterException`: bad parameter or wrong state.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self {
            code: "InvalidParameterException",
            message: message.into(),
            class: ErrorClass::Invalid,
        }
    }

    /// `ValidationError`: bad parameter, in the words of Elastic Load Balancing and CloudWatch.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::refused("ValidationError", message)
    }

    /// Something that is not there.
    pub fn gone(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), class: ErrorClass::Gone }
    }

    /// A quota, whatever code AWS gives it.
    pub fn quota(message: impl Into<String>) -> Self {
        Self {
            code: "InvalidParameterException",
            message: message.into(),
            class: ErrorClass::Quota,
        }
    }

    /// A token that was used with other parameters.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self { code: "ConflictException", message: message.into(), class: ErrorClass::Conflict }
    }
}
