//! Safe to leave (design, section 3; reliability S3, F-32): when everybody who drives is dead, enough
//! healthy capacity serves the weights that are set.

use cutover::model::Role;

use crate::case::CandidateCase;
use crate::case::Case;
use crate::history::History;
use crate::invariants::Violation;
use crate::mishap::ActionCase;

/// Whether the case takes healthy tasks away by itself, whatever we do.
fn is_rough(case: &Case) -> bool {
    let doomed = !matches!(
        case.world.candidate,
        CandidateCase::Healthy | CandidateCase::Erring(_) | CandidateCase::Slow(_)
    );
    let harmless = |action: &ActionCase| {
        matches!(
            action,
            ActionCase::SetAlarm(..)
                | ActionCase::DeleteAlarm(_)
                | ActionCase::EditAlarm(_)
                | ActionCase::AlarmEvaluationError(..)
                | ActionCase::WallClockJump(_)
        )
    };
    doomed || !case.actions.iter().all(|(_, action)| harmless(action))
}

/// Checks a case in which nobody takes over after the last crash.
pub(crate) fn check(case: &Case, history: &History) -> Result<(), Violation> {
    let deserted = history.ended.is_none() && case.is_abandoned() && !history.crashes.is_empty();
    let terms = &history.terms;
    let unbounded = terms.roll.is_some_and(|(minimum, _)| minimum == 0);
    if !deserted || is_rough(case) || !terms.router || terms.first || terms.delegated || unbounded {
        return Ok(());
    }
    let now = history.truth();
    for role in [Role::Stable, Role::Candidate] {
        let weight = now.control(role);
        // a weight cannot express a third: one of three tasks has 333 or 334 per mille
        let owed = if terms.roll.is_some() { weight.saturating_sub(1) } else { weight };
        let needed = history.terms.needed(owed.into(), now.desired);
        let healthy = now.role(role).healthy;
        if healthy < needed {
            return Err(Violation {
                rule: "safe to leave: healthy capacity serves the weights that are set",
                what: format!(
                    "{role} has {weight} per mille and {healthy} of {needed} healthy targets"
                ),
                at: history.now,
            });
        }
    }
    Ok(())
}
