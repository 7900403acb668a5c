//! What autoscaling is to be in each part of a deployment.

use crate::model::Direction;
use crate::model::Facts;
use crate::model::Header;
use crate::model::Intent;
use crate::model::Observation;
use crate::model::Role;
use crate::model::ScalableTarget;
use crate::model::Stage;
use crate::model::State;

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
