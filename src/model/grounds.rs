//! What a gate's answer rests on: enough to explain it, and to work it out again.
#![expect(clippy::exhaustive_structs, reason = "gates outside this crate build these")]

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::finite::Finite;
use super::shared::Shared;

/// What an answer was worked out from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grounds {
    /// The numbers behind it, each with its bound.
    pub measures: Shared<Vec<Measure>>,
    /// What would change the answer, as a sentence without a full stop.
    pub turns: Option<String>,
    /// What was read.
    pub input: GateInput,
}

/// What a gate read, as the gate itself writes it. With what the gate remembered before, it gives the
/// same answer again, bit for bit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GateInput(pub Shared<String>);

/// One number behind an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    /// Of what, in a few words: `healthy targets`.
    pub what: Cow<'static, str>,
    /// The number.
    pub value: Finite,
    /// What it must be, where it decides something.
    pub bound: Option<Bound>,
}

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "two sides")]
pub enum Bound {
    /// This or more.
    AtLeast(Finite),
    /// This or less.
    AtMost(Finite),
    /// Less than this.
    Below(Finite),
}

impl Measure {
    /// A number that only informs.
    pub fn new(what: impl Into<Cow<'static, str>>, value: Finite) -> Self {
        Self { what: what.into(), value, bound: None }
    }

    /// The same with what it must be.
    #[must_use]
    pub fn bounded(self, bound: Bound) -> Self {
        Self { bound: Some(bound), ..self }
    }
}

impl Bound {
    /// Whether a number is what it must be.
    pub fn holds(self, value: Finite) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
            Self::Below(bound) => value < bound,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::Below(bound) => write!(f, "below {bound}"),
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.what, self.value)?;
        match self.bound {
            Some(bound) => write!(f, " ({bound})"),
            None => Ok(()),
        }
    }
}
