//! The `limits` of a spec.

use std::time::Duration;

use serde::Deserialize;

use crate::model::CrashLoop;
use crate::model::Limits;

use super::time_span::TimeSpan;
use super::whole::Whole;

/// Single limits over the defaults.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    poll: Option<TimeSpan>,
    freshness: Option<TimeSpan>,
    max_gap: Option<TimeSpan>,
    settle: Option<TimeSpan>,
    propagation: Option<TimeSpan>,
    progress_deadline: Option<TimeSpan>,
    hold_limit: Option<TimeSpan>,
    rollback_deadline: Option<TimeSpan>,
    deadline: Option<TimeSpan>,
    checkpoint: Option<TimeSpan>,
    crash_loop: Option<CrashLoopDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CrashLoopDocument {
    percent: Option<Whole>,
    at_least: Option<Whole>,
    at_most: Option<Whole>,
}

/// The limits as a spec gives them.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Fields")]
pub(super) struct LimitsDocument(pub(super) Limits);

impl TryFrom<Fields> for LimitsDocument {
    type Error = String;

    fn try_from(fields: Fields) -> Result<Self, String> {
        let defaults = Limits::default();
        let over =
            |given: Option<TimeSpan>, default: Duration| given.map_or(default, |span| span.0);
        let crash = |given: Option<Whole>, default: u32| given.map_or(default, |number| number.0);
        let limits = Limits {
            poll: over(fields.poll, defaults.poll),
            freshness: over(fields.freshness, defaults.freshness),
            max_gap: over(fields.max_gap, defaults.max_gap),
            settle: over(fields.settle, defaults.settle),
            propagation: over(fields.propagation, defaults.propagation),
            progress_deadline: over(fields.progress_deadline, defaults.progress_deadline),
            hold_limit: over(fields.hold_limit, defaults.hold_limit),
            rollback_deadline: over(fields.rollback_deadline, defaults.rollback_deadline),
            deadline: fields.deadline.map(|span| span.0).or(defaults.deadline),
            checkpoint: over(fields.checkpoint, defaults.checkpoint),
            crash_loop: fields.crash_loop.map_or(defaults.crash_loop, |given| CrashLoop {
                percent: crash(given.percent, defaults.crash_loop.percent),
                at_least: crash(given.at_least, defaults.crash_loop.at_least),
                at_most: crash(given.at_most, defaults.crash_loop.at_most),
            }),
        };
        let zero = [
            ("poll", limits.poll),
            ("freshness", limits.freshness),
            ("max_gap", limits.max_gap),
            ("progress_deadline", limits.progress_deadline),
        ];
        match zero.into_iter().find(|(_, span)| span.is_zero()) {
            Some((name, _)) => Err(format!("`{name}` is `0s`; give more than nothing")),
            None => Ok(Self(limits)),
        }
    }
}
