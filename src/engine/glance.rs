//! The visible numbers in one small value, so that an unchanged view costs nothing.

use crate::model::Direction;
use crate::model::Facts;
use crate::model::Observation;
use crate::model::Role;
use crate::model::RoleProgress;
use crate::model::Stage;
use crate::model::State;
use crate::model::Status;
use crate::model::Weight;

use super::describe::counts;

/// What a viewer sees, but for texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Glance {
    status: Status,
    direction: Direction,
    step: usize,
    stage: Stage,
    weight: Option<Weight>,
    desired: u32,
    stable: RoleProgress,
    candidate: RoleProgress,
    baked: std::time::Duration,
    paused: bool,
}

impl Glance {
    pub(super) fn of(state: &State, facts: &Facts) -> Self {
        Self {
            status: state.status(),
            direction: state.direction,
            step: state.step,
            stage: state.stage,
            weight: facts.observation.as_deref().and_then(Observation::weight),
            desired: facts.observation.as_ref().map_or(0, |world| world.fleet.desired),
            stable: counts(facts, Role::Stable),
            candidate: counts(facts, Role::Candidate),
            baked: facts.accrued.bake,
            paused: state.paused,
        }
    }
}
