//! What somebody is asked, how long, and what follows without an answer.

use std::time::Duration;

use serde::Deserialize;

use crate::model::HookAction;

use super::time_span::TimeSpan;

/// An approval as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApprovalDocument {
    #[serde(default = "day")]
    pub(super) timeout: TimeSpan,
    #[serde(default = "back")]
    pub(super) default: HookAction,
}

/// ECS's default for a PAUSE hook.
const fn day() -> TimeSpan {
    TimeSpan(Duration::from_hours(24))
}

/// ECS's default action of a hook, and of an approval.
pub(super) const fn back() -> HookAction {
    HookAction::Rollback
}
