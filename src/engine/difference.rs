//! What the current stage wants of the world, as the writes that close the difference to what was
//! last seen. Level-triggered: nothing here knows what was sent before.

use crate::model::DelegatedState;
use crate::model::Direction;
use crate::model::Facts;
use crate::model::Header;
use crate::model::Intent;
use crate::model::Observation;
use crate::model::Primary;
use crate::model::Role;
use crate::model::RoleObservation;
use crate::model::Stage;
use crate::model::State;
use crate::model::Step;
use crate::model::Weight;
use crate::model::carried;
use crate::model::needed;

use super::drain::is_drained;
use super::path::in_force;
use super::roll::roll;
use super::rules::bounds;
use super::rules::percent;
use super::scaling::rescale;
use super::wants::Wants;

/// What the current stage wants, going either way.
pub(super) fn wants(header: &Header, state: &State, facts: &Facts) -> Wants {
    let Some(world) = facts.seen() else {
        return Wants::default();
    };
    let scaling = rescale(header, state, facts, world);
    let wants = if header.plan.delegation().is_some() {
        delegated(header, state, world)
    } else {
        match (state.direction, state.committed) {
            (Direction::Forward, false) => forward(header, state, facts, world),
            (Direction::Forward, true) => clean_up(header, facts, world),
            (Direction::Rollback, _) => back(header, state, facts, world),
        }
    };
    Wants { scaling, ..wants }
}

fn forward(header: &Header, state: &State, facts: &Facts, world: &Observation) -> Wants {
    let (Some(step), plan) = (in_force(header, state), &header.plan) else {
        return Wants::default();
    };
    if let (Some(bounds), Some(Step::Roll { .. }), Stage::ScaleUp) =
        (bounds(header), plan.steps.get(state.step), state.stage)
    {
        return roll(header, facts, world, bounds, Role::Candidate);
    }
    let desired = world.fleet.desired;
    let share = plan.share_after(step);
    let tasks = share.of(desired);
    let candidate = match &world.fleet.candidate {
        None if !facts.launched && share.as_permille() > 0 => Some(Intent::Launch { tasks }),
        Some(role) if role.target != tasks && !role.draining => {
            Some(Intent::Scale { role: Role::Candidate, tasks })
        }
        None | Some(_) => None,
    };
    let router = world.router.as_ref().filter(|_| header.subject.baseline.stable.is_some());
    let weight = plan.weight_after(step);
    let may_rise = world.healthy(Role::Candidate) >= needed(weight, desired, percent(header));
    let rises = router.is_some_and(|router| router.lowest() < weight && may_rise);
    let tests = plan.tests_after(step);
    let test = router.and_then(|router| router.test).filter(|role| tests && *role == Role::Stable);
    Wants {
        weight: rises.then_some(weight),
        candidate,
        test: test.map(Role::other),
        ..Wants::default()
    }
}

fn clean_up(header: &Header, facts: &Facts, world: &Observation) -> Wants {
    if world.fleet.primary != Primary::Role(Role::Candidate) {
        return Wants { service: Some(Intent::Promote), ..Wants::default() };
    }
    let without_traffic = world.router.is_none()
        || (world.weight() == Some(Weight::FULL) && is_drained(header, facts));
    let there = world.fleet.stable.as_ref().is_some_and(|role| !role.draining);
    let stable = (there && without_traffic).then_some(Intent::Retire { role: Role::Stable });
    Wants { stable, ..Wants::default() }
}

fn back(header: &Header, state: &State, facts: &Facts, world: &Observation) -> Wants {
    let baseline = &header.subject.baseline;
    if baseline.stable.is_none() {
        let candidate = may_retire_candidate(header, state, facts, world);
        return Wants { candidate, ..Wants::default() };
    }
    let mut wants = match bounds(header) {
        Some(bounds) => roll(header, facts, world, bounds, Role::Stable),
        None => Wants::default(),
    };
    wants.weight = lower(header, facts, world);
    if bounds(header).is_none() {
        let tasks = world.fleet.desired;
        let reduced = |role: &&_| is_reduced(role, tasks);
        wants.stable = world
            .fleet
            .stable
            .as_ref()
            .filter(reduced)
            .map(|_| Intent::Scale { role: Role::Stable, tasks });
    }
    let tested = header.plan.tests_after(header.plan.steps.len());
    let test = world.router.as_ref().and_then(|router| router.test);
    wants.test = test.filter(|role| tested && *role == Role::Candidate).map(Role::other);
    if let Some(retire) = may_retire_candidate(header, state, facts, world) {
        wants.candidate = Some(retire);
    }
    wants
}

fn is_reduced(role: &RoleObservation, desired: u32) -> bool {
    role.target < desired && !role.draining
}

/// The lower weight that stable can make up for now (rule 2), if there is one. A candidate without a
/// single healthy target gives everything to any stable that has one: there it goes to nothing.
///
/// A read may not show yet what was sent last: a higher weight on its way is lowered although the rules
/// do not show it, and a lower one on its way is never followed by a higher one.
pub(super) fn lower(header: &Header, facts: &Facts, world: &Observation) -> Option<Weight> {
    let router = world.router.as_ref()?;
    let on_its_way = facts.sent.filter(|_| facts.catching_up);
    let exposed = router.highest().max(on_its_way.unwrap_or_default());
    if header.subject.baseline.stable.is_none() || exposed == Weight::ZERO {
        return None;
    }
    // Tasks beyond what stable is to have are about to be stopped and carry nothing.
    let stays = world.fleet.stable.as_ref().map_or(0, |stable| stable.target);
    let stays = facts.left.map_or(stays, |left| stays.min(left));
    let healthy = world.healthy(Role::Stable).min(stays);
    // One look without a healthy target may be half an answer.
    let target = if facts.barren && !facts.unsure && healthy > 0 {
        Weight::ZERO
    } else {
        carried(healthy, world.fleet.desired, percent(header)).complement()
    };
    // Rules may disagree after half a write: none of them is ever raised on the way back.
    let raises = target > router.lowest() || on_its_way.is_some_and(|sent| target > sent);
    let differs = router.weight() != Some(target) || on_its_way.is_some_and(|sent| sent > target);
    (!raises && differs).then_some(target)
}

fn may_retire_candidate(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<Intent> {
    let there = world.fleet.candidate.as_ref().is_some_and(|role| !role.draining);
    let first = header.subject.baseline.stable.is_none();
    let serves = world.router.is_none()
        && world.healthy(Role::Stable)
            >= needed(Weight::FULL, world.fleet.desired, percent(header));
    let without_traffic = world.weight() == Some(Weight::ZERO) && is_drained(header, facts);
    (state.stage == Stage::CleanUp && there && (first || serves || without_traffic))
        .then_some(Intent::Retire { role: Role::Candidate })
}

fn delegated(header: &Header, state: &State, world: &Observation) -> Wants {
    let subject = &header.subject;
    let revision = match (state.direction, state.stage) {
        (Direction::Forward, Stage::ScaleUp) => Some(&subject.candidate),
        (Direction::Forward, _) => None,
        (Direction::Rollback, _) => subject.baseline.stable_revision.as_ref(),
    };
    let (Some(revision), Some((minimum_healthy_percent, maximum_percent))) =
        (revision, header.plan.delegation())
    else {
        return Wants::default();
    };
    // What the platform does by itself on its way back is not fought.
    let runs = world.fleet.delegated.as_ref().is_some_and(|known| {
        let goes_back =
            state.direction == Direction::Forward && known.state != DelegatedState::Completed;
        known.revision == *revision || goes_back
    });
    let service = (!runs).then(|| Intent::Delegate {
        revision: revision.clone(),
        minimum_healthy_percent,
        maximum_percent,
    });
    Wants { service, ..Wants::default() }
}
