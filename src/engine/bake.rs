//! When a bake is over: at its time, or earlier where the candidate is shown to be safe; and what follows
//! where nothing is shown.

use std::time::Duration;

use crate::model::Facts;
use crate::model::Finding;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::HookAction;
use crate::model::Human;
use crate::model::Inconclusive;
use crate::model::Insufficient;
use crate::model::Proof;
use crate::model::RollbackCause;
use crate::model::State;
use crate::model::Step;

use super::verdicts::answers;
use super::verdicts::watches;

/// What a bake lacks; none when it is over.
pub(super) fn baked(
    header: &Header,
    state: &State,
    facts: &Facts,
    duration: Duration,
) -> Option<HoldReason> {
    if state.promoted || ends_early(header, state, facts) {
        return None;
    }
    if facts.accrued.bake < duration {
        return Some(HoldReason::Baking);
    }
    let on_hold = unshown(header, state, facts);
    on_hold.or_else(|| awaited(header, state, facts, duration).map(|_| HoldReason::Approval))
}

/// Whether a bake may end before its time: enough of it was watched, and every gate that compares and may
/// act shows the candidate to be safe, asked since the bake began.
fn ends_early(header: &Header, state: &State, facts: &Facts) -> bool {
    let Some(after) = header.plan.early_end(state.step) else { return false };
    let is_safe = |spec: &GateSpec| {
        let reading = facts.gates.iter().find(|reading| reading.gate == spec.id);
        let shown = reading.filter(|reading| reading.current).and_then(|reading| reading.proof);
        shown.is_some_and(|proof| proof.finding == Finding::Safe)
    };
    let mut comparing = header.plan.gates.iter().filter(|spec| {
        spec.acts() && spec.kind.insufficient().is_some() && watches(header, state, spec)
    });
    facts.accrued.bake >= after && comparing.all(is_safe)
}

/// What the gates show that may act and compare, and what they do without proof; none where all traffic is
/// on one side.
fn comparing<'a>(
    header: &'a Header,
    state: &'a State,
    facts: &'a Facts,
) -> impl Iterator<Item = (&'a GateSpec, Proof, Insufficient)> {
    let divided = header.plan.divides(state.step);
    answers(header, state, facts)
        .filter(move |(spec, _)| divided && spec.acts())
        .filter_map(|(spec, reading)| Some((spec, reading.proof?, spec.kind.insufficient()?)))
}

/// The gates that show nothing, with what they do then.
fn unproven<'a>(
    header: &'a Header,
    state: &'a State,
    facts: &'a Facts,
) -> impl Iterator<Item = (&'a GateSpec, Proof, Insufficient)> {
    comparing(header, state, facts).filter(|(_, proof, _)| proof.finding == Finding::Insufficient)
}

/// How long the current step bakes, where it bakes for as long as that takes.
fn duration(header: &Header, state: &State) -> Option<Duration> {
    match header.plan.steps.get(state.step) {
        Some(Step::Bake { duration, .. }) if !state.promoted => Some(*duration),
        Some(
            Step::Bake { .. }
            | Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Approval { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. },
        )
        | None => None,
    }
}

/// The hold of a bake that has run its time and goes on until something is shown.
pub(super) fn unshown(header: &Header, state: &State, facts: &Facts) -> Option<HoldReason> {
    duration(header, state).filter(|duration| facts.accrued.bake >= *duration)?;
    let mut holding =
        unproven(header, state, facts).filter(|(_, _, policy)| *policy == Insufficient::Hold);
    holding.next().map(|(spec, _, _)| HoldReason::Insufficient { gate: spec.id.clone() })
}

/// Why a bake that goes on without proof turns the deployment back, once a gate's limit is reached.
pub(super) fn given_up(header: &Header, state: &State, facts: &Facts) -> Option<RollbackCause> {
    unshown(header, state, facts)?;
    unproven(header, state, facts).find_map(|(spec, proof, policy)| {
        let limit = match spec.inconclusive {
            Inconclusive::Hold { limit } => limit,
            Inconclusive::Rollback => Duration::ZERO,
            Inconclusive::Wait | Inconclusive::Continue => return None,
        };
        let blocks = policy == Insufficient::Hold && spec.mode == GateMode::Blocking;
        (blocks && facts.accrued.held >= limit).then(|| RollbackCause::GateInconclusive {
            gate: spec.id.clone(),
            why: proof.to_string(),
        })
    })
}

/// How long a bake that has run its time has waited for an approval, how long it may, and what follows;
/// none where it waits for none. Where several gates ask, the one with the least time left.
pub(super) fn awaited(
    header: &Header,
    state: &State,
    facts: &Facts,
    duration: Duration,
) -> Option<(Duration, Duration, HookAction)> {
    let waited = facts.accrued.bake.checked_sub(duration).filter(|_| !state.approved)?;
    let asked = unproven(header, state, facts).filter_map(|(_, _, policy)| match policy {
        Insufficient::Approval { timeout, default } if waited < timeout => Some((timeout, default)),
        Insufficient::Approval { .. } | Insufficient::Advance | Insufficient::Hold => None,
    });
    asked.min().map(|(timeout, default)| (waited, timeout, default))
}

/// What follows when nobody approved a bake that shows nothing in time, if that time is over.
pub(super) fn unapproved(
    header: &Header,
    state: &State,
    facts: &Facts,
    duration: Duration,
) -> Option<HookAction> {
    let open = !state.approved && !state.promoted;
    let waited = facts.accrued.bake.checked_sub(duration).filter(|_| open)?;
    let over = unproven(header, state, facts).filter_map(|(_, _, policy)| match policy {
        Insufficient::Approval { timeout, default } if waited >= timeout => Some(default),
        Insufficient::Approval { .. } | Insufficient::Advance | Insufficient::Hold => None,
    });
    over.max()
}

/// Whether the current bake has run its time and a gate asks for an approval where it shows nothing.
pub(super) fn takes_approval(header: &Header, state: &State) -> bool {
    let is_over = duration(header, state).is_some_and(|duration| state.accrued.bake >= duration);
    let asks = |spec: &GateSpec| {
        matches!(spec.kind.insufficient(), Some(Insufficient::Approval { .. }))
            && spec.acts()
            && watches(header, state, spec)
    };
    is_over && header.plan.gates.iter().any(asks)
}

/// What is shown at step `step` by all gates that compare and may act, by the one furthest from safe.
pub(super) fn shown(header: &Header, step: usize, facts: &Facts) -> Option<Proof> {
    let of = |spec: &GateSpec| {
        let reading = facts.gates.iter().find(|reading| reading.gate == spec.id)?;
        reading.proof.filter(|_| spec.acts() && header.plan.watches(step, spec))
    };
    header.plan.gates.iter().filter_map(of).reduce(Proof::least)
}

/// What each gate shows of a bake and what that does, in sentences.
pub(super) fn told(
    header: &Header,
    state: &State,
    facts: &Facts,
    duration: Duration,
) -> Vec<String> {
    let baked = facts.accrued.bake;
    let follows = |spec: &GateSpec, proof: Proof, policy: Insufficient| {
        if state.promoted {
            None
        } else if baked < duration {
            let after = header.plan.early_end(state.step)?;
            Some(if ends_early(header, state, facts) {
                let (baked, duration) = (Human(baked).whole(), Human(duration));
                format!("the bake ended early at {baked} of {duration}")
            } else {
                format!("the bake may end early, from {} on, once it is safe", Human(after))
            })
        } else if proof.finding == Finding::Insufficient {
            Some(without_proof(state, facts, spec, policy, duration))
        } else {
            None
        }
    };
    let lines = comparing(header, state, facts).map(|(spec, proof, policy)| {
        let follows = follows(spec, proof, policy);
        let follows = follows.map(|follows| format!("; {follows}")).unwrap_or_default();
        format!("gate `{}`: {proof}{follows}", spec.id)
    });
    lines.collect()
}

fn without_proof(
    state: &State,
    facts: &Facts,
    spec: &GateSpec,
    policy: Insufficient,
    duration: Duration,
) -> String {
    match (policy, spec.inconclusive) {
        (Insufficient::Approval { .. }, _) if state.approved => "it was approved".to_owned(),
        (Insufficient::Approval { timeout, default }, _) => {
            let waited = Human(facts.accrued.bake.saturating_sub(duration)).whole();
            format!("nobody approved in {waited} of {}; after that: {default}", Human(timeout))
        }
        (Insufficient::Hold, Inconclusive::Hold { limit }) => {
            let held = Human(facts.accrued.held).whole();
            format!("its policy: {policy}, held {held} of {}", Human(limit))
        }
        (Insufficient::Hold | Insufficient::Advance, _) => format!("its policy: {policy}"),
    }
}
