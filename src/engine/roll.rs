//! Two-role rolling: capacity by `next_capacity`, weight after healthy capacity, in either direction.

use crate::model::Facts;
use crate::model::Header;
use crate::model::Intent;
use crate::model::Observation;
use crate::model::Role;
use crate::model::RoleCount;
use crate::model::RollBounds;
use crate::model::Weight;
use crate::model::carried;
use crate::model::needed;
use crate::model::next_capacity;
use crate::model::reserved;

use super::drain::is_drained;
use super::wants::Wants;

/// A side as it may be: as it was seen, or as it was asked to be lately and may not be seen yet.
fn count(world: &Observation, facts: &Facts, role: Role) -> RoleCount {
    let [stable, candidate] = facts.asked;
    let asked = match role {
        Role::Stable => stable,
        Role::Candidate => candidate,
    };
    let seen = world.role(role);
    RoleCount {
        target: seen.map_or(0, |seen| seen.target),
        present: seen.map_or(0, |seen| seen.running.saturating_add(seen.pending)).max(asked),
        healthy: seen.map_or(0, |seen| seen.healthy),
    }
}

/// What a roll towards `growing` wants now. Shrinking never takes what its own weight still needs,
/// and the last task goes only when traffic does not reach it any more (rule 4), unless the spec
/// allows none healthy at all.
pub(super) fn roll(
    header: &Header,
    facts: &Facts,
    world: &Observation,
    bounds: RollBounds,
    growing: Role,
) -> Wants {
    let (desired, percent) = (world.fleet.desired, bounds.minimum_healthy_percent);
    let (up, down) = (count(world, facts, growing), count(world, facts, growing.other()));
    let next = next_capacity(bounds, desired, up, down);
    let has_router = world.router.is_some();
    let weight = world.weight();
    // A read may not show yet what was sent last: a side has what it is given by either.
    let on_its_way = facts.sent.filter(|_| facts.catching_up);
    let share = |weight: Weight| match growing {
        Role::Candidate => weight.complement(),
        Role::Stable => weight,
    };
    let share_of_down =
        weight.map_or(Weight::FULL, share).max(on_its_way.map_or(Weight::ZERO, share));
    let mut left = next.shrinking;
    // One look at a candidate without a healthy task may be half an answer, and none is removed on it.
    if down.healthy == 0 && growing == Role::Stable && !facts.barren {
        left = down.target;
    }
    if has_router {
        left = left.max(reserved(share_of_down, desired, percent)).min(down.target);
        let away = share_of_down == Weight::ZERO && is_drained(header, facts);
        if left == 0 && bounds.minimum(desired) > 0 && !away {
            left = down.target;
        }
    }
    // With nothing desired the candidate has no tasks, but it takes over all the same.
    let empty = desired == 0 && growing == Role::Candidate && !facts.launched;
    let grow = if empty && world.fleet.candidate.is_none() {
        Some(Intent::Launch { tasks: 0 })
    } else {
        scaled(world, facts, growing, next.growing)
    };
    let shrink = scaled(world, facts, growing.other(), left);
    let (stable, candidate) = match growing {
        Role::Candidate => (shrink, grow),
        Role::Stable => (grow, shrink),
    };
    let shift = (has_router && growing == Role::Candidate)
        .then(|| follow(world, percent, up.healthy, down.healthy.min(next.shrinking)))
        .flatten()
        .filter(|weight| may_follow(world, facts, *weight));
    Wants { weight: shift, stable, candidate, ..Wants::default() }
}

fn scaled(world: &Observation, facts: &Facts, role: Role, tasks: u32) -> Option<Intent> {
    match world.role(role) {
        Some(seen) if seen.target != tasks && !seen.draining => Some(Intent::Scale { role, tasks }),
        None if role == Role::Candidate && tasks > 0 && !facts.launched => {
            Some(Intent::Launch { tasks })
        }
        None | Some(_) => None,
    }
}

/// Whether this weight may follow the one that was sent last: that one has been read back from all
/// rules, or this one is no higher, and no higher than what the rules say. What was sent may still be on
/// its way although it was acknowledged, and nothing rises over it.
fn may_follow(world: &Observation, facts: &Facts, next: Weight) -> bool {
    let Some(router) = world.router.as_ref().filter(|_| facts.catching_up) else { return true };
    let Some(sent) = facts.sent else { return true };
    router.weight() == Some(sent) || next == sent || next < sent.min(router.lowest())
}

/// The candidate's weight that follows its healthy capacity once stable has shrunk to `rest` healthy
/// tasks. It rises when the candidate can carry more and falls when it can no longer carry what it
/// has and stable can.
fn follow(world: &Observation, percent: u32, healthy: u32, rest: u32) -> Option<Weight> {
    let (router, desired) = (world.router.as_ref()?, world.fleet.desired);
    let total = u64::from(healthy) + u64::from(rest);
    let share = match (u64::from(healthy) * 1000).checked_div(total) {
        Some(share) => Weight::at_most(share),
        None if desired == 0 && world.fleet.candidate.is_some() => Weight::FULL,
        None => return None,
    };
    let target = share.min(carried(healthy, desired, percent));
    let overloaded = needed(router.highest(), desired, percent) > healthy;
    let stable_can = carried(world.healthy(Role::Stable), desired, percent) >= target.complement();
    let falls = target < router.highest() && overloaded && stable_can;
    let rises = target > router.lowest() && target >= router.highest();
    (rises || falls).then_some(target)
}
