//! What the evidence says.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// The three-valued answer of a comparison, from the worst to the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "three-valued by definition")]
pub enum Finding {
    /// The candidate is worse than is accepted.
    Harm,
    /// Neither is shown. Never "healthy".
    Insufficient,
    /// The candidate is not as bad as what safety rules out.
    Safe,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Harm => "harm",
            Self::Insufficient => "insufficient evidence",
            Self::Safe => "safe",
        })
    }
}
