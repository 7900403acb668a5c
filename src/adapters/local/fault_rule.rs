//! Which requests meet a fault.

use serde::Deserialize;
use serde::Serialize;

use super::wire_fault::WireFault;

/// Which requests meet a fault: every one of an operation, unless narrowed down. As JSON:
///
/// ```json
/// {"operation": "ecs:UpdateService", "fault": {"kind": "answerLost"}, "nth": 1}
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[non_exhaustive]
pub struct FaultRule {
    /// The operation with IAM's prefix, `ecs:UpdateService`; `ecs:*` for all of a service; `*` for all.
    pub operation: String,
    /// The fault.
    pub fault: WireFault,
    /// Only this one of them, from 1, counted from when the rule was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nth: Option<u32>,
    /// Only this share of them, in per mille, drawn by the world's seed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permille: Option<u16>,
    /// At most so many of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

impl FaultRule {
    /// Every request of this operation meets this fault.
    pub fn new(operation: impl Into<String>, fault: WireFault) -> Self {
        Self { operation: operation.into(), fault, nth: None, permille: None, times: None }
    }

    /// Only the one with this number, from 1.
    #[must_use]
    pub const fn on(mut self, nth: u32) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Only this share of them, in per mille.
    #[must_use]
    pub const fn by_chance(mut self, permille: u16) -> Self {
        self.permille = Some(permille);
        self
    }

    /// At most so many of them.
    #[must_use]
    pub const fn at_most(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether it is for this operation.
    pub(super) fn is_for(&self, action: &str) -> bool {
        match self.operation.strip_suffix('*') {
            Some(begin) => action.starts_with(begin),
            None => action == self.operation,
        }
    }
}
