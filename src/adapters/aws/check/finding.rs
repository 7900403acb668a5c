//! What a check before a deployment found.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "closed by definition")]
pub enum Level {
    /// Good to know.
    Info,
    /// The deployment may start, but perhaps not as its author thinks.
    Warning,
    /// The deployment must not start.
    Error,
}

impl Level {
    /// The level where no warning is let pass.
    #[must_use]
    pub const fn strict(self) -> Self {
        match self {
            Self::Info => Self::Info,
            Self::Warning | Self::Error => Self::Error,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// One thing that a check before a deployment found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// What is so.
    pub what: String,
    /// Where: a resource of AWS's, or a field of the spec.
    pub place: String,
    /// What to do about it.
    pub fix: String,
}

impl Finding {
    fn new(level: Level, place: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { level, what: what.into(), place: place.to_owned(), fix: fix.into() }
    }

    pub(crate) fn error(place: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Error, place, what, fix)
    }

    /// Something that the deployment may start with, but perhaps not as its author thinks: where, what is
    /// so, and what to do about it.
    pub fn warning(place: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Warning, place, what, fix)
    }

    /// The same where no warning is let pass: then a warning is an error.
    #[must_use]
    pub fn strict(self) -> Self {
        Self { level: self.level.strict(), ..self }
    }

    pub(super) fn info(place: &str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Level::Info, place, what, fix)
    }
}

impl fmt::Display for Finding {
    /// `error: target group green: what is so; what to do`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}; {}", self.level, self.place, self.what, self.fix)
    }
}
