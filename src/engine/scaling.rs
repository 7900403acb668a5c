//! What autoscaling is to be in each part of a deployment.

use crate::model::Direction;
use crate::model::Elapsed;
use crate::model::EventKind;
use crate::model::Facts;
use crate::model::Header;
use crate::model::Intent;
use crate::model::Now;
use crate::model::Observation;
use crate::model::Role;
use crate::model::ScalableTarget;
use crate::model::ServiceState;
use crate::model::Stage;
use crate::model::State;

use super::machine::Engine;

/// What the scalable targets are to be now; none where that is not for this moment to say. Autoscaling is
/// held before the first effect, and given back when the role that goes is gone.
fn wanted<'a>(
    header: &'a Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<&'a [ScalableTarget]> {
    let plan = header.subject.baseline.scaling.as_ref()?;
    let gone = |role| world.role(role).is_none_or(|seen| seen.target == 0) && !facts.unsure;
    let delegated = header.plan.delegation().is_some();
    match (state.direction, state.committed, state.stage) {
        // Whoever changes it later has a reason of their own.
        (Direction::Forward, false, Stage::PreScaleUp) if !facts.launched => Some(&plan.held),
        (Direction::Forward, true, _) if delegated || gone(Role::Stable) => Some(&plan.kept),
        (Direction::Rollback, _, Stage::CleanUp) if delegated || gone(Role::Candidate) => {
            Some(&plan.found)
        }
        (Direction::Forward | Direction::Rollback, ..) => None,
    }
}

/// Whether this deployment may have changed autoscaling, and can still see it.
pub(super) fn owns(header: &Header, state: &State, facts: &Facts) -> bool {
    let begun = state.direction == Direction::Rollback || state.stage != Stage::Reconcile;
    let world = facts.seen();
    let there = world.is_some_and(|world| world.fleet.service == ServiceState::Active);
    header.subject.baseline.scaling.is_some() && (begun || state.committed) && there
}

/// The write that gives autoscaling back at once, whatever else is as it is: before an end.
pub(super) fn owed(header: &Header, state: &State, facts: &Facts) -> Option<Intent> {
    let (plan, world) = (header.subject.baseline.scaling.as_ref()?, facts.seen()?);
    let forward = state.direction == Direction::Forward && state.committed;
    let targets = if forward { &plan.kept } else { &plan.found };
    (world.scaling != *targets).then(|| Intent::Autoscale { targets: targets.clone() })
}

/// The first scalable target that someone else changed while this deployment holds it. One that is not
/// seen may be half an answer.
fn changed<'a>(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &'a Observation,
) -> Option<&'a ScalableTarget> {
    let plan = header.subject.baseline.scaling.as_ref()?;
    let holding = state.direction == Direction::Forward && !state.committed;
    let changed = |seen: &&ScalableTarget| {
        let known = |targets: &[ScalableTarget]| targets.contains(seen);
        !known(&plan.held) && (holding || !known(&plan.found) && !known(&plan.kept))
    };
    world.scaling.iter().find(changed).filter(|_| facts.launched)
}

impl Engine {
    /// Tells once of every change that someone else makes to autoscaling meanwhile. It is left as it is
    /// until the end, which gives back what was found.
    pub(super) fn watch_scaling(&mut self, now: Now) {
        let (header, state, facts) = (&self.record.header, &self.state, &self.facts);
        let seen = facts.seen().and_then(|world| changed(header, state, facts, world)).cloned();
        let settle = header.limits.settle;
        let Some(seen) = seen else {
            self.rescaled = None;
            return;
        };
        let news = self.rescaled.as_ref().is_none_or(|(known, _)| *known != seen);
        if news {
            self.rescaled = Some((seen, Some(now.elapsed)));
            return;
        }
        // a read may be too old to show what was held
        let due = |since: Elapsed| now.elapsed.since(since) >= settle;
        if let Some((_, since)) = &mut self.rescaled
            && since.is_some_and(due)
        {
            *since = None;
            self.tell(now, EventKind::Drift { what: format!("autoscaling of {seen}") });
        }
    }
}

/// The write that makes autoscaling what it is to be, if it differs.
pub(super) fn rescale(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<Intent> {
    let wanted = wanted(header, state, facts, world)?;
    (world.scaling != wanted).then(|| Intent::Autoscale { targets: wanted.to_vec() })
}
