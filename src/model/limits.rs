//! The times and counts within which a deployment moves.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::time::as_millis;
use super::time::as_optional_millis;

/// Every time the engine waits for, with its default. Stored in the record's header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "applications set single fields over the default")]
pub struct Limits {
    /// Time between two looks at the world. 10 s.
    #[serde(with = "as_millis")]
    pub poll: Duration,
    /// Evidence older than this is read again before a write. 30 s.
    #[serde(with = "as_millis")]
    pub freshness: Duration,
    /// The longest gap between two reads that still counts as watched time. 60 s.
    #[serde(with = "as_millis")]
    pub max_gap: Duration,
    /// How late an unanswered write may still take effect and how old a read may be, together.
    /// AWS documents no bound. 90 s.
    #[serde(with = "as_millis")]
    pub settle: Duration,
    /// How long the load balancer takes to follow a rule. Seconds to two minutes in the field. 60 s.
    #[serde(with = "as_millis")]
    pub propagation: Duration,
    /// One step must make progress at least this often. 15 min.
    #[serde(with = "as_millis")]
    pub progress_deadline: Duration,
    /// What cannot go on for another reason (drift, blindness) holds this long, then rolls back. 30 min.
    #[serde(with = "as_millis")]
    pub hold_limit: Duration,
    /// A rollback or clean-up that makes no progress for this long ends with what remains. 60 min.
    #[serde(with = "as_millis")]
    pub rollback_deadline: Duration,
    /// Wall-clock time for the whole deployment, after which it rolls back. None by default.
    #[serde(with = "as_optional_millis")]
    pub deadline: Option<Duration>,
    /// Accrued bake time is recorded at least this often. 30 s.
    #[serde(with = "as_millis")]
    pub checkpoint: Duration,
    /// When a candidate that keeps dying is given up.
    pub crash_loop: CrashLoop,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            poll: seconds(10),
            freshness: seconds(30),
            max_gap: seconds(60),
            settle: seconds(90),
            propagation: seconds(60),
            progress_deadline: seconds(15 * 60),
            hold_limit: seconds(30 * 60),
            rollback_deadline: seconds(60 * 60),
            deadline: None,
            checkpoint: seconds(30),
            crash_loop: CrashLoop::default(),
        }
    }
}

/// When a candidate that keeps dying is given up: ECS's circuit breaker arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "three numbers that applications set")]
pub struct CrashLoop {
    /// Failed tasks per hundred desired ones, rounded up. 50.
    pub percent: u32,
    /// Never fewer than this. 3.
    pub at_least: u32,
    /// Never more than this. 200.
    pub at_most: u32,
}

impl Default for CrashLoop {
    fn default() -> Self {
        Self { percent: 50, at_least: 3, at_most: 200 }
    }
}

impl CrashLoop {
    /// How many failed tasks are too many: `clamp(ceil(desired * percent / 100), at_least, at_most)`.
    pub fn threshold(self, desired: u32) -> u32 {
        let share = (u64::from(desired) * u64::from(self.percent)).div_ceil(100);
        let share = u32::try_from(share).unwrap_or(u32::MAX);
        share.min(self.at_most).max(self.at_least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crash_loop_threshold_is_the_one_of_ecs() {
        let threshold = |desired| CrashLoop::default().threshold(desired);
        assert_eq!([1, 25, 400, 800].map(threshold), [3, 13, 200, 200]);
    }
}
