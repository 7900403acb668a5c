//! What the gates' answers mean for the deployment, under each gate's mode and policy.

use crate::model::Facts;
use crate::model::GateId;
use crate::model::GateMode;
use crate::model::GateReading;
use crate::model::GateSpec;
use crate::model::Header;
use crate::model::Inconclusive;
use crate::model::RollbackCause;
use crate::model::State;
use crate::model::Step;
use crate::model::Verdict;

/// Whether a gate watches now: always, or because the current bake names it.
pub(super) fn watches(header: &Header, state: &State, spec: &GateSpec) -> bool {
    let named = match header.plan.steps.get(state.step) {
        Some(Step::Bake { gates, .. }) => gates.contains(&spec.id),
        Some(
            Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Approval { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. },
        )
        | None => false,
    };
    spec.always || named
}

fn answers<'a>(
    header: &'a Header,
    state: &'a State,
    facts: &'a Facts,
) -> impl Iterator<Item = (&'a GateSpec, &'a GateReading)> {
    facts.gates.iter().filter_map(move |reading| {
        let spec = header.plan.gates.iter().find(|spec| spec.id == reading.gate)?;
        watches(header, state, spec).then_some((spec, reading))
    })
}

/// Why a gate turns the deployment back, if one does.
pub(super) fn rollback_by_gate(
    header: &Header,
    state: &State,
    facts: &Facts,
) -> Option<RollbackCause> {
    answers(header, state, facts).filter(|(spec, _)| spec.mode == GateMode::Blocking).find_map(
        |(spec, reading)| {
            // Named only when it matters: an unchanged world must cost nothing.
            let gate = || spec.id.clone();
            match (&reading.verdict, spec.inconclusive) {
                (Verdict::Fail(why), _) => {
                    Some(RollbackCause::GateFailed { gate: gate(), why: why.clone() })
                }
                (Verdict::Inconclusive(why), Inconclusive::Rollback) => {
                    Some(RollbackCause::GateInconclusive { gate: gate(), why: why.clone() })
                }
                (Verdict::Inconclusive(why), Inconclusive::Hold { limit })
                    if facts.accrued.held >= limit =>
                {
                    Some(RollbackCause::GateInconclusive { gate: gate(), why: why.clone() })
                }
                (Verdict::Pass | Verdict::Inconclusive(_), _) => None,
            }
        },
    )
}

/// The gate for which the deployment holds, if there is one. A gate that watches and has not
/// answered holds it too.
pub(super) fn hold_by_gate(header: &Header, state: &State, facts: &Facts) -> Option<GateId> {
    let held = answers(header, state, facts).find(|(spec, reading)| {
        match (&reading.verdict, spec.mode, spec.inconclusive) {
            (_, GateMode::ObserveOnly, _)
            | (Verdict::Pass, _, _)
            | (Verdict::Inconclusive(_), _, Inconclusive::Continue) => false,
            (Verdict::Fail(_) | Verdict::Inconclusive(_), _, _) => true,
        }
    });
    let silent = || {
        header.plan.gates.iter().find(|spec| {
            let asked = spec.mode != GateMode::ObserveOnly && watches(header, state, spec);
            asked && !facts.gates.iter().any(|reading| reading.gate == spec.id)
        })
    };
    held.map(|(spec, _)| spec.id.clone()).or_else(|| silent().map(|spec| spec.id.clone()))
}

/// Whether a gate that watches now has not answered since the last decision that changed something
/// (rule 5). What a gate said in a bake that is over is no evidence and is not waited for.
pub(super) fn is_unread(header: &Header, state: &State, facts: &Facts) -> bool {
    answers(header, state, facts).any(|(_, reading)| !reading.current)
}

/// Whether a gate's coverage limits how far a bake advances.
pub(super) fn covers_bakes(spec: &GateSpec) -> bool {
    spec.mode == GateMode::Blocking && spec.inconclusive != Inconclusive::Continue
}
