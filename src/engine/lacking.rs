//! Whether the world has reached what a stage wants, and if not, what it lacks.

use crate::model::DelegatedState;
use crate::model::Direction;
use crate::model::Facts;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::HookAction;
use crate::model::Observation;
use crate::model::Primary;
use crate::model::Role;
use crate::model::RoleObservation;
use crate::model::Stage;
use crate::model::State;
use crate::model::Step;
use crate::model::Weight;
use crate::model::needed;

use super::bake::baked;
use super::bake::unapproved;
use super::drain::undrained;
use super::path::in_force;
use super::rules::bounds;
use super::rules::percent;
use super::scaling::rescale;

const WAITING: Option<HoldReason> = Some(HoldReason::Waiting);

/// What the current stage lacks; `None` when it is complete.
pub(super) fn lacking(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<HoldReason> {
    let lacks = match (state.direction, state.committed) {
        (Direction::Forward, false) => forward(header, state, facts, world),
        (Direction::Forward, true) => clean_up(header, facts, world),
        (Direction::Rollback, _) => back(header, state, facts, world),
    };
    lacks.or_else(|| rescale(header, state, facts, world).and(WAITING))
}

fn forward(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<HoldReason> {
    let step = header.plan.steps.get(state.step)?;
    // A service seems new also to a read that lost half of its answer.
    let first = header.subject.baseline.stable.is_none() && header.plan.delegation().is_none();
    let lacks = match (state.stage, step) {
        (Stage::Reconcile, _) if first => removed(facts),
        (Stage::ScaleUp, Step::Scale { share }) => {
            let tasks = share.of(world.fleet.desired);
            scaled(world, Role::Candidate, tasks).or_else(|| unsettled(facts))
        }
        (Stage::ScaleUp, Step::Roll { .. }) => {
            rolled(header, facts, world).or_else(|| unsettled(facts))
        }
        (Stage::ScaleUp, Step::Delegate { .. }) => {
            let ours = world.fleet.delegated.as_ref();
            let done = ours.is_some_and(|delegated| {
                delegated.revision == header.subject.candidate
                    && delegated.state == DelegatedState::Completed
            });
            if done { unsettled(facts) } else { WAITING }
        }
        (Stage::TestTrafficShift, _) => {
            let test = world.router.as_ref().and_then(|router| router.test);
            let lacks = if test == Some(Role::Stable) { WAITING } else { unsettled(facts) };
            lacks.or_else(|| unfollowed(header, state, facts, world))
        }
        // A bake ends only at its own weight; until it is read back, it is not over.
        (_, Step::Bake { duration, .. }) => baked(header, state, facts, *duration)
            .or_else(|| shifted(header, state, world).map(|_| HoldReason::Baking)),
        (_, Step::Approval { .. }) => {
            let passed = state.approved
                || state.promoted
                || unanswered(header, state, facts) == Some(HookAction::Continue);
            (!passed).then_some(HoldReason::Approval)
        }
        (Stage::ProductionTrafficShift, _) => shifted(header, state, world)
            .or_else(|| unsettled(facts))
            .or_else(|| unfollowed(header, state, facts, world)),
        (Stage::PostProductionTrafficShift, _) => {
            shifted(header, state, world).or_else(|| unsettled(facts))
        }
        (
            Stage::Reconcile
            | Stage::PreScaleUp
            | Stage::ScaleUp
            | Stage::PostScaleUp
            | Stage::PostTestTrafficShift
            | Stage::PreProductionTrafficShift
            | Stage::Bake
            | Stage::CleanUp,
            _,
        ) => None,
    };
    lacks.or_else(|| if first { staffed(header, state, world) } else { None })
}

/// Whether the candidate has what is in force. A first deployment has all traffic whatever its weight,
/// and no weight that tells its gate how many tasks it needs before any has served.
fn staffed(header: &Header, state: &State, world: &Observation) -> Option<HoldReason> {
    let share = header.plan.share_after(in_force(header, state)?);
    let tasks = share.of(world.fleet.desired);
    if tasks > 0 { scaled(world, Role::Candidate, tasks) } else { None }
}

/// A role that one read does not show may still be there: it counts as gone when no read has shown it
/// for as long as a read may be stale.
fn removed(facts: &Facts) -> Option<HoldReason> {
    (!facts.settled || !facts.gone).then_some(HoldReason::Settling)
}

fn unsettled(facts: &Facts) -> Option<HoldReason> {
    (!facts.settled).then_some(HoldReason::Settling)
}

fn scaled(world: &Observation, role: Role, tasks: u32) -> Option<HoldReason> {
    let there = world.role(role);
    let reached = there.is_some_and(|role| role.target == tasks && role.healthy >= tasks);
    if reached { None } else { WAITING }
}

fn shifted(header: &Header, state: &State, world: &Observation) -> Option<HoldReason> {
    let wanted = header.plan.weight_after(in_force(header, state)?);
    let managed = world.router.is_some()
        && header.subject.baseline.stable.is_some()
        && header.plan.delegation().is_none();
    if managed && world.weight() != Some(wanted) { WAITING } else { None }
}

/// Whether the traffic that this stage moves is read back where it is to be; none where it moves none.
pub(super) fn routed(header: &Header, state: &State, world: &Observation) -> Option<bool> {
    let forward = state.direction == Direction::Forward && !state.committed;
    let managed =
        header.subject.baseline.stable.is_some() && header.plan.delegation().is_none() && forward;
    let router = world.router.as_ref().filter(|_| managed)?;
    match state.stage {
        Stage::ProductionTrafficShift => Some(shifted(header, state, world).is_none()),
        Stage::TestTrafficShift => router.test.map(|role| role == Role::Candidate),
        Stage::Reconcile
        | Stage::PreScaleUp
        | Stage::ScaleUp
        | Stage::PostScaleUp
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::PostProductionTrafficShift
        | Stage::Bake
        | Stage::CleanUp => None,
    }
}

/// What comes after a shift means nothing before the load balancer follows it.
fn unfollowed(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<HoldReason> {
    routed(header, state, world)?;
    let follows = state.promoted || facts.accrued.shown >= header.subject.baseline.propagation;
    (!follows).then_some(HoldReason::Propagating)
}

fn rolled(header: &Header, facts: &Facts, world: &Observation) -> Option<HoldReason> {
    let desired = world.fleet.desired;
    let stable_left = world.fleet.stable.as_ref().is_some_and(|stable| {
        stable.target > 0 || stable.running.saturating_add(stable.pending) > 0
    });
    let short = world.weight().is_some_and(|weight| weight < Weight::FULL);
    // stable's last tasks go when no traffic reaches them, and may keep the room of the candidate's last
    let full = world.weight() == Some(Weight::FULL);
    let keeps = full && world.fleet.stable.as_ref().is_some_and(|stable| stable.target > 0);
    let lacks = if keeps { undrained(header, facts) } else { None };
    let lacks = lacks.or_else(|| scaled(world, Role::Candidate, desired));
    let lacks = lacks.or(if stable_left || short { WAITING } else { None });
    let stuck = bounds(header).filter(|bounds| !bounds.can_progress(desired));
    match (lacks, stuck) {
        (Some(_), Some(bounds)) => {
            Some(HoldReason::NoRoom { arithmetic: bounds.arithmetic(desired) })
        }
        (lacks, _) => lacks,
    }
}

/// What follows when nobody approved in time, if that time is over.
pub(super) fn unanswered(header: &Header, state: &State, facts: &Facts) -> Option<HookAction> {
    match header.plan.steps.get(state.step) {
        Some(Step::Bake { duration, .. }) => unapproved(header, state, facts, *duration),
        Some(Step::Approval { timeout, default })
            if !state.approved && !state.promoted && facts.accrued.bake >= *timeout =>
        {
            Some(*default)
        }
        Some(
            Step::Approval { .. }
            | Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. },
        )
        | None => None,
    }
}

fn clean_up(header: &Header, facts: &Facts, world: &Observation) -> Option<HoldReason> {
    if header.plan.delegation().is_some() {
        return None;
    }
    if world.fleet.primary != Primary::Role(Role::Candidate) {
        return WAITING;
    }
    if let Some(stable) = &world.fleet.stable {
        let undrained = undrained(header, facts).filter(|_| !stable.draining);
        return undrained.or(WAITING);
    }
    if header.subject.baseline.stable.is_some() { removed(facts) } else { unsettled(facts) }
}

fn back(header: &Header, state: &State, facts: &Facts, world: &Observation) -> Option<HoldReason> {
    if header.plan.delegation().is_some() {
        let stable = header.subject.baseline.stable_revision.as_ref();
        let back = world.fleet.delegated.as_ref().map_or(!facts.launched, |delegated| {
            let at_rest = matches!(
                delegated.state,
                DelegatedState::Completed | DelegatedState::RolledBack { .. }
            );
            Some(&delegated.revision) == stable && at_rest
        });
        let left = world.fleet.candidate.is_some();
        return if back && !left { removed(facts) } else { WAITING };
    }
    if header.subject.baseline.stable.is_some() {
        let full = needed(Weight::FULL, world.fleet.desired, percent(header));
        let serves = world.healthy(Role::Stable) >= full;
        let there = world.fleet.stable.as_ref().is_some_and(|stable| !stable.draining);
        let traffic = world.router.is_none() || world.weight() == Some(Weight::ZERO);
        let test = world.router.as_ref().and_then(|router| router.test);
        let tested = header.plan.tests_after(header.plan.steps.len());
        if !there
            || !traffic
            || (tested && test == Some(Role::Candidate))
            || (!serves && world.router.is_none())
        {
            return WAITING;
        }
    }
    if state.stage != Stage::CleanUp {
        return unsettled(facts);
    }
    // the candidate may keep the room of stable's last tasks
    if let Some(candidate) = &world.fleet.candidate {
        return undrained(header, facts).filter(|_| !candidate.draining).or(WAITING);
    }
    let reduced = |role: &RoleObservation| role.target < world.fleet.desired;
    if world.fleet.stable.as_ref().is_some_and(reduced) { WAITING } else { removed(facts) }
}
