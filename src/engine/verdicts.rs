//! What the gates' answers mean for the deployment, under each gate's mode and policy.

use crate::model::Facts;
use crate::model::GateMode;
use crate::model::GateReading;
use crate::model::GateSpec;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::Inconclusive;
use crate::model::RollbackCause;
use crate::model::State;
use crate::model::Verdict;

/// Whether a gate watches now: always, or because the current bake names it.
pub(super) fn watches(header: &Header, state: &State, spec: &GateSpec) -> bool {
    header.plan.watches(state.step, spec)
}

/// The answers of the gates that watch now.
pub(super) fn answers<'a>(
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
/// answered holds it too. One that only waits is named last: beside any other the hold counts.
pub(super) fn hold_by_gate(header: &Header, state: &State, facts: &Facts) -> Option<HoldReason> {
    let waits = |spec: &GateSpec, verdict: &Verdict| {
        spec.inconclusive == Inconclusive::Wait && matches!(verdict, Verdict::Inconclusive(_))
    };
    let mut held = answers(header, state, facts).filter(|(spec, reading)| {
        match (&reading.verdict, spec.mode, spec.inconclusive) {
            (_, GateMode::ObserveOnly, _)
            | (Verdict::Pass, _, _)
            | (Verdict::Inconclusive(_), _, Inconclusive::Continue) => false,
            (Verdict::Fail(_) | Verdict::Inconclusive(_), _, _) => true,
        }
    });
    let silent = || {
        header.plan.gates.iter().find(|spec| {
            let asked = spec.acts() && watches(header, state, spec);
            asked && !facts.gates.iter().any(|reading| reading.gate == spec.id)
        })
    };
    let mut waiting = None;
    let counting = held.find(|(spec, reading)| {
        let only_waits = waits(spec, &reading.verdict);
        waiting = waiting.or_else(|| only_waits.then_some(*spec));
        !only_waits
    });
    let counting = counting.map(|(spec, _)| spec).or_else(silent);
    let counted = counting.map(|spec| HoldReason::Gate { gate: spec.id.clone() });
    counted.or_else(|| waiting.map(|spec| HoldReason::GateWaits { gate: spec.id.clone() }))
}

/// Whether a gate that watches now has not answered since the last decision that changed something
/// (rule 5). What a gate said in a bake that is over is no evidence and is not waited for.
pub(super) fn is_unread(header: &Header, state: &State, facts: &Facts) -> bool {
    answers(header, state, facts).any(|(spec, reading)| spec.acts() && !reading.current)
}
