//! What follows when a bake has run its time and an analysis shows neither harm nor safety.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::hook_spec::HookAction;
use super::step::Human;
use super::time::as_millis;

/// What a bake does that has run its time without harm or safety shown, from the least to the most
/// careful. In each case it is recorded and told as insufficient evidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::exhaustive_enums, reason = "the engine must carry out every kind")]
pub enum Insufficient {
    /// It is over.
    #[default]
    Advance,
    /// It waits for a person, as an approval does.
    Approval {
        /// How long to wait at most, in watched time beyond the bake's own.
        #[serde(with = "as_millis")]
        timeout: Duration,
        /// What happens when nobody answers in time.
        default: HookAction,
    },
    /// It goes on until something is shown, or until the gate's limit of a hold.
    Hold,
}

impl fmt::Display for Insufficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Advance => f.write_str("advance"),
            Self::Approval { timeout, default } => {
                write!(f, "wait for approval, {} at most, then {default}", Human(*timeout))
            }
            Self::Hold => f.write_str("hold"),
        }
    }
}
