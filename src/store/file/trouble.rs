//! What went wrong with a file, and what that says of a write.

use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

use super::damage::Damage;
use crate::ports::AppendError;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// Something went wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("{} cannot be used", path.display())]
    Files { path: PathBuf, source: io::Error },
    #[error("{} cannot be used; nothing was written", path.display())]
    Damaged { path: PathBuf, source: Damage },
    #[error("this cannot be encoded")]
    Encoding(#[source] serde_json::Error),
    #[error("{} is held by another handle", path.display())]
    Held { path: PathBuf },
}

impl Trouble {
    /// For `map_err`: what the file system said of this file.
    pub(super) fn with(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Files { path: path.to_owned(), source }
    }

    /// For `map_err`: what is wrong with the content of this file.
    pub(super) fn damaged(path: &Path) -> impl FnOnce(Damage) -> Self {
        move |source| Self::Damaged { path: path.to_owned(), source }
    }

    fn class(&self) -> ErrorClass {
        match self {
            Self::Files { source, .. } => match source.kind() {
                ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => ErrorClass::Auth,
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                    ErrorClass::Quota
                }
                _ => ErrorClass::NotSent,
            },
            Self::Damaged { .. } | Self::Encoding(_) => ErrorClass::Invalid,
            Self::Held { .. } => ErrorClass::NotSent,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Files { source, .. } => format!("{self}: {source}"),
            Self::Damaged { source, .. } => format!("{self}: {source}"),
            Self::Encoding(_) | Self::Held { .. } => self.to_string(),
        }
    }

    /// The failure of a call that changed nothing.
    pub(super) fn call(self, operation: &'static str) -> CallError {
        let mut error = CallError::new(operation, self.class(), self.message());
        error.source = Some(Box::new(self));
        error
    }
}

/// A write that failed.
#[derive(Debug)]
pub(super) enum Undone {
    /// It was not done.
    Not(Trouble),
    /// It may have been done, or may be undone when the machine stops.
    Perhaps(Trouble),
}

impl From<Trouble> for Undone {
    fn from(trouble: Trouble) -> Self {
        Self::Not(trouble)
    }
}

impl Undone {
    pub(super) fn call(self, operation: &'static str) -> CallError {
        match self {
            Self::Not(trouble) => trouble.call(operation),
            Self::Perhaps(trouble) => {
                let mut error = trouble.call(operation);
                error.class = ErrorClass::Ambiguous;
                error
            }
        }
    }

    pub(super) fn append(self) -> AppendError {
        let is_unknown = matches!(self, Self::Perhaps(_));
        let error = self.call("store:Append");
        if is_unknown { AppendError::Unknown(error) } else { AppendError::Unavailable(error) }
    }
}
