//! The periods of a metric.

use std::time::Duration;

use crate::model::Timestamp;

/// Periods that are caught up with; what is older is not judged any more.
const MOST: u32 = 180;

/// How long a period is, and how long after its end it may still change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grid {
    /// Its length.
    pub(super) period: Duration,
    /// How long its data may be late.
    pub(super) settle: Duration,
}

impl Grid {
    /// The beginning of the period in which `at` lies.
    pub(super) fn floor(self, at: Timestamp) -> Timestamp {
        let period = self.millis();
        Timestamp::from_millis(at.as_millis() / period * period)
    }

    /// The point so many periods before.
    pub(super) fn back(self, at: Timestamp, periods: u32) -> Timestamp {
        let span = self.millis().saturating_mul(periods.into());
        Timestamp::from_millis(at.as_millis().saturating_sub(span))
    }

    /// How many whole periods lie between the two.
    pub(super) fn between(self, from: Timestamp, to: Timestamp) -> u32 {
        let count = to.as_millis().saturating_sub(from.as_millis()) / self.millis();
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    /// The end of the last period that is complete by an answer given `at` about everything up to `to`.
    pub(super) fn closed(self, at: Timestamp, to: Timestamp) -> Timestamp {
        let settle = u64::try_from(self.settle.as_millis()).unwrap_or(u64::MAX);
        let settled = Timestamp::from_millis(at.as_millis().saturating_sub(settle));
        self.floor(settled.min(to))
    }

    /// The beginning of the oldest period that is still of use.
    pub(super) fn oldest(self, closed: Timestamp) -> Timestamp {
        self.back(closed, MOST)
    }

    fn millis(self) -> u64 {
        u64::try_from(self.period.as_millis()).unwrap_or(u64::MAX).max(1)
    }
}
