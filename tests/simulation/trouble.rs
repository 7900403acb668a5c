//! What others do, drawn by chance: in half of the cases nothing.

use proptest::collection::vec;
use proptest::prelude::*;

use crate::case::StateCase;
use crate::mishap::ActionCase;
use crate::workload::candidate;

/// What others do, and when.
pub(crate) fn actions() -> impl Strategy<Value = Vec<(u32, ActionCase)>> {
    prop_oneof![
        4 => Just(Vec::new()),
        2 => vec((1_u32..500, capacity()), 1..=3),
        2 => vec((1_u32..500, alarm()), 1..=3),
        1 => vec((1_u32..500, drift()), 1..=2),
        1 => vec((1_u32..500, prop_oneof![capacity(), alarm(), drift()]), 1..=3),
    ]
}

fn capacity() -> BoxedStrategy<ActionCase> {
    prop_oneof![
        3 => (0_u32..=8).prop_map(ActionCase::SetDesired),
        2 => (1_u32..=2).prop_map(ActionCase::KillStable),
        2 => (1_u32..=2).prop_map(ActionCase::KillCandidate),
        2 => (10_u32..400).prop_map(ActionCase::NoCapacity),
        1 => candidate().prop_map(ActionCase::Candidate),
        1 => (-90_000_000_i64..90_000_000).prop_map(ActionCase::WallClockJump),
    ]
    .boxed()
}

fn alarm() -> BoxedStrategy<ActionCase> {
    let state = prop_oneof![
        2 => Just(StateCase::Alarm),
        1 => Just(StateCase::Insufficient),
        1 => Just(StateCase::Ok),
    ];
    prop_oneof![
        4 => (0_u32..3, state).prop_map(|(index, state)| ActionCase::SetAlarm(index, state)),
        1 => (0_u32..3).prop_map(ActionCase::DeleteAlarm),
        1 => (0_u32..3).prop_map(ActionCase::EditAlarm),
        1 => (0_u32..3, 10_u32..300)
            .prop_map(|(index, lasts)| ActionCase::AlarmEvaluationError(index, lasts)),
    ]
    .boxed()
}

fn drift() -> BoxedStrategy<ActionCase> {
    prop_oneof![
        4 => (0_usize..2, 0_u16..=999, 0_u16..=999)
            .prop_map(|(rule, blue, green)| ActionCase::EditWeights(rule, blue.max(1), green)),
        1 => (0_usize..2, 1_u16..100).prop_map(|(rule, w)| ActionCase::AddForeignGroup(rule, w)),
        1 => (0_usize..2).prop_map(ActionCase::DeleteRule),
        1 => Just(ActionCase::CreateForeignTaskSet),
        1 => Just(ActionCase::SetForeignPrimary),
        1 => Just(ActionCase::DeleteCandidate),
        1 => Just(ActionCase::DeleteStable),
        1 => Just(ActionCase::DeleteService),
    ]
    .boxed()
}
