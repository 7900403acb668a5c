//! ECS's two percentages of a rolling update, and what they leave room for.

use serde::Deserialize;
use serde::Serialize;

/// `minimumHealthyPercent` and `maximumPercent` of ECS's `deploymentConfiguration`.
///
/// ECS rounds the minimum up and the maximum down, both of the desired count *now*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "two percentages by definition")]
pub struct RollBounds {
    /// Healthy tasks never below `ceil(desired * this / 100)`.
    pub minimum_healthy_percent: u32,
    /// Tasks in all never above `floor(desired * this / 100)`.
    pub maximum_percent: u32,
}

impl RollBounds {
    /// How many tasks must stay healthy: `ceil(desired * minimum_healthy_percent / 100)`.
    pub fn minimum(self, desired: u32) -> u32 {
        let product = u64::from(desired) * u64::from(self.minimum_healthy_percent);
        u32::try_from(product.div_ceil(100)).unwrap_or(u32::MAX)
    }

    /// How many tasks there may be in all: `floor(desired * maximum_percent / 100)`.
    pub fn maximum(self, desired: u32) -> u32 {
        let product = u64::from(desired) * u64::from(self.maximum_percent);
        u32::try_from(product / 100).unwrap_or(u32::MAX)
    }

    /// Whether every task can be replaced: something may stop or something may start, and both
    /// bounds admit the desired count itself. With nothing desired there is nothing to replace.
    pub fn can_progress(self, desired: u32) -> bool {
        let (minimum, maximum) = (self.minimum(desired), self.maximum(desired));
        desired == 0 || (minimum <= desired && desired <= maximum && minimum < maximum)
    }

    /// Both bounds in numbers and what they allow, as an operator can check it by hand.
    pub fn arithmetic(self, desired: u32) -> String {
        let (minimum, maximum) = (self.minimum(desired), self.maximum(desired));
        let (stop, start) = (desired.saturating_sub(minimum), maximum.saturating_sub(desired));
        let room = match (stop, start) {
            (0, 0) => "nothing may stop and nothing may start".to_owned(),
            (stop, 0) => format!("{stop} may stop and nothing may start"),
            (0, start) => format!("nothing may stop and {start} may start"),
            (stop, start) => format!("{stop} may stop and {start} may start"),
        };
        format!(
            "desired {desired}: at least ceil({desired} × {} %) = {minimum} healthy, \
             at most floor({desired} × {} %) = {maximum} in all, so {room}",
            self.minimum_healthy_percent, self.maximum_percent
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds(minimum_healthy_percent: u32, maximum_percent: u32) -> RollBounds {
        RollBounds { minimum_healthy_percent, maximum_percent }
    }

    #[test]
    fn the_examples_that_ecs_documents_hold() {
        // (desired, minimum %, maximum %) -> (least healthy, most in all, can progress)
        let table = [
            ((4, 100, 200), (4, 8, true)),
            ((4, 50, 100), (2, 4, true)),
            ((2, 75, 100), (2, 2, false)),
            ((2, 75, 200), (2, 4, true)),
            ((2, 100, 125), (2, 2, false)),
            ((3, 100, 125), (3, 3, false)),
            ((1, 100, 150), (1, 1, false)),
            ((1, 0, 100), (0, 1, true)),
            ((5, 100, 100), (5, 5, false)),
            ((0, 100, 100), (0, 0, true)),
        ];
        for ((desired, minimum, maximum), wanted) in table {
            let bounds = bounds(minimum, maximum);
            let got =
                (bounds.minimum(desired), bounds.maximum(desired), bounds.can_progress(desired));
            assert_eq!(got, wanted, "{desired} at {minimum}/{maximum}");
        }
    }

    #[test]
    fn bounds_that_exclude_the_desired_count_itself_cannot_progress() {
        assert!(!bounds(0, 90).can_progress(10));
        assert!(!bounds(110, 200).can_progress(10));
    }

    #[test]
    fn large_numbers_do_not_overflow() {
        assert_eq!(bounds(100, 200).minimum(u32::MAX), u32::MAX);
        assert_eq!(bounds(100, 200).maximum(u32::MAX), u32::MAX);
    }

    #[test]
    fn the_arithmetic_is_explained() {
        assert_eq!(
            bounds(100, 150).arithmetic(1),
            "desired 1: at least ceil(1 × 100 %) = 1 healthy, at most floor(1 × 150 %) = 1 in all, \
             so nothing may stop and nothing may start"
        );
        assert!(bounds(50, 200).arithmetic(4).ends_with("so 2 may stop and 4 may start"));
        assert!(bounds(50, 100).arithmetic(4).ends_with("so 2 may stop and nothing may start"));
        assert!(bounds(100, 200).arithmetic(4).ends_with("so nothing may stop and 4 may start"));
    }
}
