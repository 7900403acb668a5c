//! What a decision does to the state. With `decide` this is the whole deployment, without a clock.

use crate::model::Accrued;
use crate::model::Decision;
use crate::model::Direction;
use crate::model::Drain;
use crate::model::Facts;
use crate::model::Stage;
use crate::model::State;

use super::path::BACK;

/// Takes what was known at the moment of a decision into the state.
pub(super) fn remember(state: &mut State, facts: &Facts) {
    state.accrued = facts.accrued;
    state.drain.clone_from(&facts.drain);
    state.high_water = facts.high_water;
    state.launched = facts.launched;
    state.delegation.clone_from(&facts.delegation);
    state.weight = facts.weight;
    for reading in &facts.gates {
        let known = state.memories.get(&reading.gate);
        if known != Some(&reading.memory) {
            state.memories.insert(reading.gate.clone(), reading.memory.clone());
        }
    }
}

/// Carries out a decision on the state.
pub(super) fn apply(state: &mut State, decision: &Decision) {
    match decision {
        Decision::Hold { .. } => {}
        Decision::Enter { step, stage } => enter(state, *step, *stage),
        Decision::RunHook { hook } => state.hook = Some(hook.clone()),
        Decision::HookDone { hook, .. } => {
            state.hook = None;
            state.hooks_done.push(hook.clone());
        }
        Decision::Pause => state.paused = true,
        Decision::Continue => state.paused = false,
        Decision::Approve => state.approved = true,
        Decision::Promote => state.promoted = true,
        Decision::Rollback { cause } => {
            state.direction = Direction::Rollback;
            state.cause = Some(cause.clone());
            state.paused = false;
            let [first, ..] = BACK;
            enter(state, state.step, first);
            state.accrued = Accrued::default();
            state.drain = Drain::Untold;
        }
        Decision::Commit => {
            let away = state.accrued.away;
            state.committed = true;
            enter(state, state.step, Stage::CleanUp);
            state.accrued = Accrued::default();
            state.accrued.away = away;
        }
        Decision::End { ending } => {
            state.hook = None;
            state.ending = Some(ending.clone());
        }
    }
}

fn enter(state: &mut State, step: usize, stage: Stage) {
    if step != state.step {
        let away = state.accrued.away;
        state.accrued = Accrued::default();
        state.accrued.away = away;
        state.approved = false;
    }
    state.accrued.stalled = std::time::Duration::ZERO;
    state.high_water = 0;
    state.hook = None;
    state.hooks_done.clear();
    state.step = step;
    state.stage = stage;
}
