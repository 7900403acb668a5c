//! The state in words and numbers, for whoever watches.

use std::time::Duration;

use crate::model::Decision;
use crate::model::Direction;
use crate::model::Facts;
use crate::model::GateState;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::Observation;
use crate::model::Progress;
use crate::model::Record;
use crate::model::Role;
use crate::model::RoleProgress;
use crate::model::State;
use crate::model::Step;

use super::journal::fold;
use super::path::Next;
use super::path::next;
use super::verdicts::watches;

/// The world in lines, as the last word of a deployment that stops where it is.
pub(super) fn world_lines(world: &Observation) -> Vec<String> {
    let fleet = &world.fleet;
    let mut lines = vec![format!("desired {} tasks, service {:?}", fleet.desired, fleet.service)];
    for role in [Role::Stable, Role::Candidate] {
        lines.push(match world.role(role) {
            None => format!("{role}: not there"),
            Some(seen) => format!(
                "{role}: {} in task set {}, {} of {} healthy",
                seen.revision, seen.task_set, seen.healthy, seen.target
            ),
        });
    }
    lines.extend(fleet.foreign.iter().map(|set| format!("not ours: task set {set}")));
    for rule in world.router.iter().flat_map(|router| &router.rules) {
        lines.push(format!("rule {}: candidate has {}", rule.rule, rule.candidate));
    }
    lines.extend(world.scaling.iter().map(|target| format!("autoscaling of {target}")));
    lines
}

/// How much watched time the current step's bake needs; zero outside a bake.
pub(super) fn bake_of(header: &Header, state: &State) -> Duration {
    match header.plan.steps.get(state.step) {
        Some(Step::Bake { duration, .. })
            if !state.promoted && !state.committed && state.direction == Direction::Forward =>
        {
            *duration
        }
        Some(
            Step::Bake { .. }
            | Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Approval { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. },
        )
        | None => Duration::ZERO,
    }
}

/// What happens next when nothing goes wrong.
pub(super) fn what_next(header: &Header, state: &State) -> String {
    if state.ending.is_some() {
        return "nothing: it has ended".to_owned();
    }
    match (state.direction, next(&header.plan, state)) {
        (Direction::Rollback, Next::Stage { stage, .. }) => format!("{stage} of the rollback"),
        (Direction::Rollback, Next::Commit | Next::End) => "the candidate is removed".to_owned(),
        (Direction::Forward, Next::End) => "stable is removed".to_owned(),
        (Direction::Forward, Next::Commit) => "the commit: stable is retired for good".to_owned(),
        (Direction::Forward, Next::Stage { step, stage }) => {
            let text = header.plan.steps.get(step).map_or_else(String::new, ToString::to_string);
            format!("{stage}: {text}")
        }
    }
}

/// One role's numbers.
pub(super) fn counts(facts: &Facts, role: Role) -> RoleProgress {
    let seen = facts.observation.as_ref().and_then(|world| world.role(role));
    seen.map_or_else(RoleProgress::default, |seen| RoleProgress {
        target: seen.target,
        running: seen.running,
        healthy: seen.healthy,
    })
}

/// Where the deployment is, complete enough to draw.
pub(super) fn progress(
    header: &Header,
    state: &State,
    facts: &Facts,
    waiting: Option<HoldReason>,
) -> Progress {
    let mut progress = Progress::unknown(state.status(), header.plan.steps.len());
    progress.direction = state.direction;
    progress.step = state.step;
    progress.stage = state.stage;
    progress.weight = facts.observation.as_deref().and_then(Observation::weight);
    progress.desired = facts.observation.as_ref().map_or(0, |world| world.fleet.desired);
    progress.stable = counts(facts, Role::Stable);
    progress.candidate = counts(facts, Role::Candidate);
    progress.baked = facts.accrued.bake;
    progress.bake = bake_of(header, state);
    let watching = header.plan.gates.iter().filter(|spec| watches(header, state, spec));
    progress.gates = watching
        .map(|spec| {
            let reading = facts.gates.iter().find(|reading| reading.gate == spec.id);
            reading.map_or_else(|| GateState::silent(spec.id.clone()), GateState::of)
        })
        .collect();
    progress.waiting = waiting;
    progress.next = what_next(header, state);
    progress.cause.clone_from(&state.cause);
    progress
}

/// Where a deployment was at the last decision of its record, and what had been seen by then.
pub fn last_progress(record: &Record) -> Progress {
    let state = fold(record);
    let Some(entry) = record.entries.last() else {
        return progress(&record.header, &state, &Facts::default(), None);
    };
    let waiting =
        if let Decision::Hold { reason } = &entry.decision { Some(reason.clone()) } else { None };
    progress(&record.header, &state, &entry.facts, waiting)
}
