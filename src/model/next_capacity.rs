//! One cycle of a roll: how many tasks each side should have next.

use super::roll_bounds::RollBounds;

/// What is known of one side of a roll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "three numbers that callers observe")]
pub struct RoleCount {
    /// How many tasks it was last told to have.
    pub target: u32,
    /// How many it has, running or pending.
    pub present: u32,
    /// How many of those are healthy.
    pub healthy: u32,
}

/// How many tasks each side should have next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "there are two sides")]
pub struct Capacity {
    /// The side that takes over.
    pub growing: u32,
    /// The side that goes.
    pub shrinking: u32,
}

/// The next task counts of a roll, from nothing but what is observed now.
///
/// - The growing side rises as far as the maximum allows beside every task that the shrinking side
///   *still has*, never above `desired`. A surplus (the desired count has fallen) is trimmed.
/// - Whatever is removed is assumed to be healthy, the worst case, because ECS chooses which tasks
///   stop; what is left healthy must still reach the minimum.
/// - A shrinking side without one healthy task is shrunk as fast as one where all are healthy and no
///   faster: no removal can lower what is healthy, and a broken revision must not block its own fix.
///
/// Both changes may be made at once. Where `bounds.can_progress(desired)` and tasks become healthy,
/// repeating this reaches `desired` and zero: short of that, either the growing side may rise or
/// `growing + shrinking` has reached the maximum, which lies above the minimum, so that the shrinking
/// side may fall. A shrinking side of which only *some* tasks are healthy may hold when the maximum
/// leaves no room either: then nothing that is certain to keep the minimum can be done.
pub fn next_capacity(
    bounds: RollBounds,
    desired: u32,
    growing: RoleCount,
    shrinking: RoleCount,
) -> Capacity {
    let minimum = bounds.minimum(desired);
    let healthy = growing.certain().saturating_add(shrinking.certain());
    let spare = healthy.saturating_sub(minimum);

    let leaving = shrinking.worst_loss(shrinking.target);
    let trimmed = growing.lowered(desired, spare.saturating_sub(leaving));
    let lost = growing.worst_loss(trimmed);
    let room = bounds.maximum(desired).saturating_sub(shrinking.most());
    let grown = trimmed.max(desired.min(room));

    let needed = minimum.saturating_sub(growing.certain().saturating_sub(lost));
    let shrunk = if shrinking.certain() == 0 {
        shrinking.target.min(needed)
    } else {
        shrinking.lowered(0, spare.saturating_sub(lost))
    };
    Capacity { growing: grown, shrinking: shrunk }
}

impl RoleCount {
    /// Healthy tasks that are certainly there.
    fn certain(self) -> u32 {
        self.healthy.min(self.present)
    }

    /// The most tasks it may have by now: one that is about to start may be there before a write is.
    fn most(self) -> u32 {
        self.present.max(self.target)
    }

    /// Healthy tasks lost by lowering the target to `target` when every task that goes is healthy.
    fn worst_loss(self, target: u32) -> u32 {
        self.most().saturating_sub(target).min(self.certain())
    }

    /// The smallest target, not below `floor` and not above the present one, that loses no more
    /// than `spare` healthy tasks in the worst case.
    fn lowered(self, floor: u32, spare: u32) -> u32 {
        if self.certain() <= spare {
            return self.target.min(floor);
        }
        self.target.min(floor.max(self.most().saturating_sub(spare)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(target: u32, present: u32, healthy: u32) -> RoleCount {
        RoleCount { target, present, healthy }
    }

    fn settled(tasks: u32) -> RoleCount {
        role(tasks, tasks, tasks)
    }

    fn bounds(minimum_healthy_percent: u32, maximum_percent: u32) -> RollBounds {
        RollBounds { minimum_healthy_percent, maximum_percent }
    }

    fn every_pair() -> impl Iterator<Item = RollBounds> {
        (0..=100)
            .step_by(5)
            .flat_map(|minimum| (100..=200).step_by(5).map(move |maximum| bounds(minimum, maximum)))
    }

    fn left(role: RoleCount, target: u32) -> u32 {
        role.certain() - role.worst_loss(target)
    }

    /// Both bounds, for one answer in one situation: nothing that it adds to what is already under
    /// way may break them, whichever tasks stop.
    fn assert_bounded(bounds: RollBounds, desired: u32, g: RoleCount, s: RoleCount) -> Capacity {
        let next = next_capacity(bounds, desired, g, s);
        let why =
            || format!("{bounds:?} desired {desired} growing {g:?} shrinking {s:?} -> {next:?}");
        let before = left(g, g.target) + left(s, s.target);
        let after = left(g, next.growing) + left(s, next.shrinking);
        assert!(after >= bounds.minimum(desired).min(before), "minimum: {}", why());
        if next.growing > g.target {
            let most = next.growing + s.present.max(s.target);
            assert!(most <= bounds.maximum(desired), "maximum: {}", why());
            assert!(next.growing <= desired, "overshoot: {}", why());
        }
        assert!(next.growing >= g.target.min(desired), "growing fell: {}", why());
        assert!(next.shrinking <= s.target, "shrinking rose: {}", why());
        next
    }

    /// Lets every targeted task become healthy after each cycle until nothing changes; the rounds.
    fn run(bounds: RollBounds, desired: u32, mut g: RoleCount, mut s: RoleCount) -> u32 {
        for round in 0..=2 * desired + 4 {
            let next = assert_bounded(bounds, desired, g, s);
            if next == (Capacity { growing: desired, shrinking: 0 }) && s.present == 0 {
                return round;
            }
            (g, s) = (settled(next.growing), settled(next.shrinking));
        }
        panic!("{bounds:?} desired {desired} does not end: {g:?} {s:?}");
    }

    #[test]
    fn every_legal_pair_of_percentages_keeps_both_bounds_and_ends() {
        for desired in 0..=30 {
            for bounds in every_pair().filter(|bounds| bounds.can_progress(desired)) {
                let rounds = run(bounds, desired, settled(0), settled(desired));
                // A batch of the whole room needs one cycle to rise and one to fall.
                let room = (bounds.maximum(desired) - bounds.minimum(desired)).max(1);
                let most = 2 * desired.div_ceil(room) + 2;
                assert!(rounds <= most, "{bounds:?} desired {desired}: {rounds} > {most}");
            }
        }
    }

    #[test]
    fn a_pair_that_cannot_progress_changes_nothing() {
        for desired in 1..=30 {
            for bounds in every_pair().filter(|bounds| !bounds.can_progress(desired)) {
                let next = assert_bounded(bounds, desired, settled(0), settled(desired));
                assert_eq!(next, Capacity { growing: 0, shrinking: desired });
            }
        }
    }

    #[test]
    fn every_small_situation_keeps_both_bounds() {
        let counts: Vec<RoleCount> = (0..=5)
            .flat_map(|target| (0..=5).map(move |present| (target, present)))
            .flat_map(|(target, present)| (0..=present).map(move |h| role(target, present, h)))
            .collect();
        for desired in 0..=5 {
            for bounds in every_pair()
                .filter(|b| b.minimum_healthy_percent % 25 == 0 && b.maximum_percent % 25 == 0)
            {
                for (g, s) in counts.iter().flat_map(|g| counts.iter().map(move |s| (*g, *s))) {
                    assert_bounded(bounds, desired, g, s);
                }
            }
        }
    }

    /// A small generator, so that the adversary is the same at every run.
    fn draw(seed: &mut u64, up_to: u32) -> u32 {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((*seed >> 33) % u64::from(up_to + 1)).unwrap()
    }

    /// Tasks start and stop late, die, and those that stop are the healthy ones.
    fn disturb(seed: &mut u64, before: RoleCount, target: u32) -> RoleCount {
        let present = if target < before.present {
            before.present - draw(seed, before.present - target)
        } else {
            before.present + draw(seed, target - before.present)
        };
        let kept = before.healthy.saturating_sub(before.present.saturating_sub(present));
        let healthy = match draw(seed, 3) {
            0 => draw(seed, present),
            _ => kept.min(present) + draw(seed, present - kept.min(present)),
        };
        role(target, present, healthy)
    }

    #[test]
    fn an_adversary_cannot_make_it_break_a_bound_nor_keep_it_from_ending() {
        let mut seed = 7;
        for desired in 0..=30 {
            for bounds in every_pair().filter(|bounds| bounds.can_progress(desired)) {
                let (mut g, mut s) = (settled(0), settled(desired));
                for _ in 0..25 {
                    let next = assert_bounded(bounds, desired, g, s);
                    g = disturb(&mut seed, g, next.growing);
                    s = disturb(&mut seed, s, next.shrinking);
                    assert!(g.present + s.present <= bounds.maximum(desired).max(desired));
                }
                run(bounds, desired, settled(g.target), settled(s.target));
            }
        }
    }

    #[test]
    fn a_change_of_the_desired_count_on_the_way_keeps_the_bounds_and_ends() {
        for (before, after) in (0..=12).flat_map(|a| (0..=12).map(move |b| (a, b))) {
            for bounds in every_pair() {
                if !bounds.can_progress(before) || !bounds.can_progress(after) {
                    continue;
                }
                let first = next_capacity(bounds, before, settled(0), settled(before));
                run(bounds, after, settled(first.growing), settled(first.shrinking));
            }
        }
    }

    #[test]
    fn a_surplus_is_trimmed_only_as_fast_as_the_minimum_allows() {
        // Autoscaling went from 8 to 4 while only five of the eight are healthy.
        let next = next_capacity(bounds(100, 200), 4, role(8, 8, 5), settled(0));
        assert_eq!(next, Capacity { growing: 7, shrinking: 0 });
        let next = next_capacity(bounds(100, 200), 4, settled(8), settled(2));
        assert_eq!(next, Capacity { growing: 4, shrinking: 0 });
    }

    #[test]
    fn one_task_at_the_defaults_starts_the_new_one_first() {
        let defaults = bounds(100, 200);
        let next = next_capacity(defaults, 1, settled(0), settled(1));
        assert_eq!(next, Capacity { growing: 1, shrinking: 1 });
        let next = next_capacity(defaults, 1, role(1, 1, 0), settled(1));
        assert_eq!(next, Capacity { growing: 1, shrinking: 1 });
        let next = next_capacity(defaults, 1, settled(1), settled(1));
        assert_eq!(next, Capacity { growing: 1, shrinking: 0 });
    }

    #[test]
    fn growth_waits_for_tasks_that_still_stop() {
        let next = next_capacity(bounds(50, 100), 4, settled(0), role(2, 4, 4));
        assert_eq!(next, Capacity { growing: 0, shrinking: 2 });
        let next = next_capacity(bounds(50, 100), 4, settled(0), settled(2));
        assert_eq!(next, Capacity { growing: 2, shrinking: 2 });
    }

    #[test]
    fn a_side_without_a_healthy_task_makes_room_no_faster_than_a_healthy_one() {
        // A broken revision is replaced although the minimum is missed already …
        let next = next_capacity(bounds(50, 100), 4, settled(0), role(4, 4, 0));
        assert_eq!(next, Capacity { growing: 0, shrinking: 2 });
        // … and a rollback does not wait for a dead candidate to recover.
        let next = next_capacity(bounds(75, 100), 4, settled(2), role(2, 2, 0));
        assert_eq!(next, Capacity { growing: 2, shrinking: 1 });
    }

    #[test]
    fn a_side_with_some_healthy_tasks_holds_where_the_wrong_one_might_stop() {
        let next = next_capacity(bounds(50, 100), 4, settled(0), role(4, 4, 2));
        assert_eq!(next, Capacity { growing: 0, shrinking: 4 });
    }
}
