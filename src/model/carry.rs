//! How much traffic healthy tasks can carry, and how many a weight needs.

use super::weight::Weight;

/// Healthy targets that a role needs for a weight: `ceil(weight * desired * percent)`, and at least one
/// for any traffic at all. `percent` is 100, or a roll's `minimum_healthy_percent`.
pub fn needed(weight: Weight, desired: u32, percent: u32) -> u32 {
    let at_least = u32::from(weight > Weight::ZERO && desired > 0);
    tasks(weight.as_permille(), desired, percent).max(at_least)
}

/// Healthy targets that must be left for a weight when tasks are taken away: as [`needed`], but none
/// where a roll's `minimum_healthy_percent` of zero says that none need be left, and less what a
/// weight may be off: one of three tasks has 333 or 334 per mille, and both leave two tasks' worth.
pub fn reserved(weight: Weight, desired: u32, percent: u32) -> u32 {
    tasks(weight.as_permille().saturating_sub(1), desired, percent)
}

fn tasks(permille: u16, desired: u32, percent: u32) -> u32 {
    let share = u64::from(permille) * u64::from(desired) * u64::from(percent);
    u32::try_from(share.div_ceil(100_000)).unwrap_or(u32::MAX)
}

/// The largest weight whose need `healthy` targets meet.
pub fn carried(healthy: u32, desired: u32, percent: u32) -> Weight {
    let whole = u64::from(desired) * u64::from(percent);
    match (desired, healthy) {
        (0, _) => Weight::FULL,
        (_, 0) => Weight::ZERO,
        _ => Weight::at_most((u64::from(healthy) * 100_000).checked_div(whole).unwrap_or(1000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_is_the_largest_weight_whose_need_is_met() {
        for desired in 0..=30 {
            for percent in [0, 1, 33, 50, 75, 100] {
                for healthy in 0..=desired + 1 {
                    let most = carried(healthy, desired, percent);
                    assert!(most == Weight::ZERO || needed(most, desired, percent) <= healthy);
                    if let Ok(more) = Weight::permille(u32::from(most) + 1) {
                        assert!(needed(more, desired, percent) > healthy);
                    }
                }
            }
        }
    }

    #[test]
    fn any_traffic_needs_a_healthy_target() {
        assert_eq!(needed(Weight::at_most(1), 4, 0), 1);
        assert_eq!(needed(Weight::FULL, 4, 100), 4);
        assert_eq!(needed(Weight::FULL, 4, 50), 2);
        assert_eq!(needed(Weight::ZERO, 4, 100), 0);
        assert_eq!(needed(Weight::FULL, 0, 100), 0);
    }
}
