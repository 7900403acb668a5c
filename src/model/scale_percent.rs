//! A task set's scale.

use std::fmt;

/// The most there is: 100 %.
const FULL: u64 = 100_000_000;

/// A task set's scale in percent of the service's desired count, with six decimals.
///
/// ECS takes a double from 0 to 100; whole millionths keep the simulation exact.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScalePercent(u64);

impl ScalePercent {
    /// 100 %.
    pub const FULL: Self = Self(FULL);
    /// 0 %.
    pub const ZERO: Self = Self(0);

    /// A scale in whole percents; none above 100.
    pub fn percent(percent: u64) -> Option<Self> {
        Self::millionths(percent.checked_mul(1_000_000)?)
    }

    /// A scale in millionths of a percent; none above 100 %.
    pub fn millionths(millionths: u64) -> Option<Self> {
        (millionths <= FULL).then_some(Self(millionths))
    }

    /// The scale whose [`computed`](Self::computed) count of `desired` is `tasks`; none where there
    /// are more tasks than desired ones. Rounds down, so that the ceiling is `tasks` again.
    pub fn of(tasks: u32, desired: u32) -> Option<Self> {
        match (tasks, desired) {
            (0, _) => Some(Self::ZERO),
            (_, 0) => None,
            _ => Self::millionths(u64::from(tasks) * FULL / u64::from(desired)),
        }
    }

    /// ECS's `computedDesiredCount`: `ceil(desired * scale / 100)`.
    pub fn computed(self, desired: u32) -> u32 {
        let tasks = (u128::from(desired) * u128::from(self.0)).div_ceil(u128::from(FULL));
        u32::try_from(tasks).unwrap_or(desired)
    }

    /// In millionths of a percent.
    pub const fn as_millionths(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ScalePercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06} %", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_computed_count_rounds_up() {
        let percent = |p| ScalePercent::percent(p).unwrap();
        assert_eq!(percent(10).computed(3), 1);
        assert_eq!(percent(50).computed(1), 1);
        assert_eq!(percent(50).computed(4), 2);
        assert_eq!(percent(100).computed(7), 7);
        assert_eq!(percent(0).computed(7), 0);
        assert!(ScalePercent::percent(101).is_none());
    }

    #[test]
    fn every_task_count_has_a_scale() {
        for desired in 1..=400 {
            for tasks in 0..=desired {
                assert_eq!(ScalePercent::of(tasks, desired).unwrap().computed(desired), tasks);
            }
            assert!(ScalePercent::of(desired + 1, desired).is_none());
        }
    }
}
