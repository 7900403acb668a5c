//! What the current stage wants and how far the world is, in sentences and numbers.

use crate::model::DelegatedState;
use crate::model::Direction;
use crate::model::Drain;
use crate::model::Facts;
use crate::model::Header;
use crate::model::Human;
use crate::model::Observation;
use crate::model::Primary;
use crate::model::Role;
use crate::model::Share;
use crate::model::Stage;
use crate::model::State;
use crate::model::Step;
use crate::model::Weight;
use crate::model::needed;

use super::bake::told;
use super::drain::is_drained;
use super::drain::telling;
use super::path::in_force;
use super::rules::counts_requests;
use super::rules::follows;
use super::rules::guard;
use super::rules::percent;

/// How far the current stage is: each sentence names what is wanted and what is there.
pub(super) fn standing(header: &Header, state: &State, facts: &Facts) -> Vec<String> {
    let Some(world) = facts.seen() else {
        return vec!["the world could not be read".to_owned()];
    };
    match (state.direction, state.committed) {
        (Direction::Forward, false) => forward(header, state, facts, world),
        (Direction::Forward, true) => clean_up(header, facts, world),
        (Direction::Rollback, _) => back(header, state, facts, world),
    }
}

fn forward(header: &Header, state: &State, facts: &Facts, world: &Observation) -> Vec<String> {
    let Some(step) = header.plan.steps.get(state.step) else { return Vec::new() };
    let desired = world.fleet.desired;
    match (state.stage, step) {
        (Stage::Reconcile, _) => vec!["nothing has been changed yet".to_owned()],
        (Stage::ScaleUp, Step::Scale { share }) => vec![scaled(world, *share)],
        (Stage::ScaleUp, Step::Roll { .. }) => {
            let left = world.role(Role::Stable).map_or(0, |stable| stable.target);
            let healthy = world.healthy(Role::Candidate);
            vec![
                format!("candidate: {healthy} healthy; wanted: {desired}"),
                format!("stable: {left} asked for; wanted: 0"),
            ]
        }
        (Stage::ScaleUp, Step::Delegate { .. }) => vec![delegated(world)],
        (Stage::TestTrafficShift, _) => {
            let test = world.router.as_ref().and_then(|router| router.test);
            let role = test.map_or_else(|| "nobody".to_owned(), |role| role.to_string());
            vec![format!("test traffic goes to: {role}; wanted: candidate")]
        }
        (_, Step::Bake { duration, .. }) => {
            let baked = Human(facts.accrued.bake).whole();
            let mut said = vec![format!("{baked} of {} were watched", Human(*duration))];
            if state.promoted {
                said.push("an operator asked to skip the bakes that are left".to_owned());
            }
            said.extend(told(header, state, facts, *duration));
            let off = |step| world.weight() != Some(header.plan.weight_after(step));
            if in_force(header, state).is_some_and(off) {
                said.extend(weighed(header, state, world));
            }
            said
        }
        (_, Step::Approval { timeout, default }) => vec![if state.approved {
            "it was approved".to_owned()
        } else if state.promoted {
            "an operator asked to skip the approvals that are left".to_owned()
        } else {
            let (waited, timeout) = (Human(facts.accrued.bake).whole(), Human(*timeout));
            format!("nobody approved in {waited} of {timeout}; after that: {default}")
        }],
        (Stage::ProductionTrafficShift | Stage::PostProductionTrafficShift, _) => {
            weighed(header, state, world)
        }
        (
            Stage::PreScaleUp
            | Stage::ScaleUp
            | Stage::PostScaleUp
            | Stage::PostTestTrafficShift
            | Stage::PreProductionTrafficShift
            | Stage::Bake
            | Stage::CleanUp,
            _,
        ) => Vec::new(),
    }
}

fn scaled(world: &Observation, share: Share) -> String {
    let desired = world.fleet.desired;
    let wanted = share.of(desired);
    let counts = world.role(Role::Candidate).map_or_else(
        || "not there yet".to_owned(),
        |seen| {
            let (target, running, pending) = (seen.target, seen.running, seen.pending);
            let healthy = seen.healthy;
            format!("{healthy} healthy ({running} running, {pending} pending, {target} asked for)")
        },
    );
    format!("candidate: {counts}; wanted: {wanted} ({share} of {desired} desired)")
}

fn delegated(world: &Observation) -> String {
    world.fleet.delegated.as_ref().map_or_else(
        || "ECS has not been given the revision yet".to_owned(),
        |delegated| {
            let state = match &delegated.state {
                DelegatedState::InProgress => "IN_PROGRESS".to_owned(),
                DelegatedState::Completed => "COMPLETED".to_owned(),
                DelegatedState::Failed { reason } => format!("FAILED: {reason}"),
                DelegatedState::RolledBack { reason } => format!("rolled back: {reason}"),
            };
            format!("ECS says of its deployment of {}: {state}", delegated.revision)
        },
    )
}

/// The weight that is in force against the one that was read back.
fn weighed(header: &Header, state: &State, world: &Observation) -> Vec<String> {
    let (Some(router), Some(step)) = (&world.router, in_force(header, state)) else {
        return Vec::new();
    };
    if header.subject.baseline.stable.is_none() || header.plan.delegation().is_some() {
        return Vec::new();
    }
    let wanted = header.plan.weight_after(step);
    let (low, high, rules) = (router.lowest(), router.highest(), router.rules.len());
    let read = if low == high { low.to_string() } else { format!("{low} to {high}") };
    let mut said = vec![format!(
        "candidate's weight: {read} read back from {rules} rule{}; wanted: {wanted}",
        if rules == 1 { "" } else { "s" }
    )];
    let (desired, healthy) = (world.fleet.desired, world.healthy(Role::Candidate));
    let need = needed(wanted, desired, percent(header));
    if low < wanted || healthy < need {
        said.push(format!("{wanted} needs {need} healthy of the candidate; there: {healthy}"));
    }
    said
}

fn clean_up(header: &Header, facts: &Facts, world: &Observation) -> Vec<String> {
    let mut said = Vec::new();
    if header.plan.delegation().is_none() && world.fleet.primary != Primary::Role(Role::Candidate) {
        said.push("ECS does not call the candidate its primary yet".to_owned());
    }
    said.push(leaving(header, facts, world, Role::Stable));
    said
}

fn back(header: &Header, state: &State, facts: &Facts, world: &Observation) -> Vec<String> {
    let mut said = Vec::new();
    if header.plan.delegation().is_some() {
        said.push(delegated(world));
        return said;
    }
    if header.subject.baseline.stable.is_some() {
        if let Some(router) = &world.router {
            let (high, zero) = (router.highest(), Weight::ZERO);
            said.push(format!("candidate's weight: {high} read back; wanted: {zero}"));
        }
        let (healthy, desired) = (world.healthy(Role::Stable), world.fleet.desired);
        said.push(format!("stable: {healthy} healthy of {desired} desired"));
    }
    if state.stage == Stage::CleanUp {
        said.push(leaving(header, facts, world, Role::Candidate));
    }
    said
}

/// How far the side that goes is on its way out.
fn leaving(header: &Header, facts: &Facts, world: &Observation, role: Role) -> String {
    let proof = match &facts.drain {
        quiet @ Drain::Quiet { .. } => format!(" (requests: {quiet})"),
        Drain::Untold | Drain::Busy { .. } | Drain::Unknown { .. } => String::new(),
    };
    match world.role(role) {
        None if facts.gone => format!("{role} is gone"),
        None => {
            let settle = Human(header.limits.settle);
            format!("{role} is not seen; it counts as gone after {settle}: a read may be stale")
        }
        Some(seen) if seen.draining => {
            format!("{role} is being removed; still running: {}{proof}", seen.running)
        }
        Some(seen) if is_drained(header, facts) => {
            format!("{role} has no traffic{proof}; it may go, {} tasks asked for", seen.target)
        }
        Some(_) => reached(header, facts, role),
    }
}

/// Why the side that goes may not be removed yet, as far as its traffic goes.
fn reached(header: &Header, facts: &Facts, role: Role) -> String {
    let away = Human(facts.accrued.away).whole();
    let since = format!("{role} without weight for {away}");
    let least = follows(header);
    if !counts_requests(header) {
        return format!("{since}; it may go after {}", Human(guard(header)));
    }
    if facts.accrued.away < least {
        let least = Human(least);
        return format!("{since}; the load balancer may follow the old weights for {least}");
    }
    let requests = &facts.drain;
    let quiet = "it may go after two complete minutes without one";
    match requests {
        Drain::Busy { .. } => {
            format!("{since}; requests that still reached it: {requests}; {quiet}")
        }
        Drain::Untold | Drain::Quiet { .. } => {
            format!("{since}; requests that still reach it: {requests}; {quiet}")
        }
        Drain::Unknown { .. } => {
            let (guard, asked) = (Human(guard(header)), Human(facts.accrued.asked).whole());
            let telling = Human(telling(header));
            format!(
                "{since}; requests that still reach it: {requests}; unless that changes it may go \
                 after {guard} without weight and {telling} of asking, so far {asked}"
            )
        }
    }
}
