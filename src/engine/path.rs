//! The way through a plan: which stage follows which.

use crate::model::Direction;
use crate::model::Header;
use crate::model::HookSpec;
use crate::model::Plan;
use crate::model::Stage;
use crate::model::State;
use crate::model::Step;

/// The stages of a rollback, in order.
pub(super) const BACK: [Stage; 3] =
    [Stage::ProductionTrafficShift, Stage::PostProductionTrafficShift, Stage::CleanUp];

/// Where a deployment goes from here when this stage is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// To this stage of this step.
    Stage { step: usize, stage: Stage },
    /// Past the point of no return.
    Commit,
    /// To the end.
    End,
}

/// What follows the current stage.
pub(super) fn next(plan: &Plan, state: &State) -> Next {
    let (step, stage) = (state.step, state.stage);
    match (state.direction, stage) {
        (_, Stage::CleanUp) => Next::End,
        (Direction::Rollback, _) => {
            let later = BACK.iter().copied().find(|back| *back > stage).unwrap_or(Stage::CleanUp);
            Next::Stage { step, stage: later }
        }
        (Direction::Forward, Stage::Reconcile) => first_of(plan, 0),
        (Direction::Forward, _) => {
            let stages = plan.stages(step);
            let here = stages.iter().position(|known| *known == stage);
            match here.and_then(|here| stages.get(here + 1)) {
                Some(later) => Next::Stage { step, stage: *later },
                None => first_of(plan, step + 1),
            }
        }
    }
}

fn first_of(plan: &Plan, step: usize) -> Next {
    plan.stages(step).first().map_or(Next::Commit, |stage| Next::Stage { step, stage: *stage })
}

/// The step whose effect is in force: the current one, or the one before while it is only announced.
pub(super) fn in_force(header: &Header, state: &State) -> Option<usize> {
    let announced = match (state.stage, header.plan.steps.get(state.step)) {
        (Stage::Reconcile | Stage::PreScaleUp, _)
        | (Stage::PreProductionTrafficShift, Some(Step::Shift { .. })) => true,
        (
            Stage::ScaleUp
            | Stage::PostScaleUp
            | Stage::TestTrafficShift
            | Stage::PostTestTrafficShift
            | Stage::PreProductionTrafficShift
            | Stage::ProductionTrafficShift
            | Stage::PostProductionTrafficShift
            | Stage::Bake
            | Stage::CleanUp,
            _,
        ) => false,
    };
    if announced { state.step.checked_sub(1) } else { Some(state.step) }
}

/// The next hook that has not answered at this stage.
pub(super) fn pending_hook<'a>(plan: &'a Plan, state: &State) -> Option<&'a HookSpec> {
    plan.hooks
        .iter()
        .find(|hook| hook.stages.contains(&state.stage) && !state.hooks_done.contains(&hook.id))
}
