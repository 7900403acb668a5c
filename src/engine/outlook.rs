//! What would change where a deployment stands: the times that run, and what each ends with.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::model::Direction;
use crate::model::Facts;
use crate::model::GateMode;
use crate::model::Header;
use crate::model::Human;
use crate::model::Inconclusive;
use crate::model::State;
use crate::model::Step;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::model::as_millis;

use super::describe::what_next;
use super::verdicts::watches;

/// A time that runs: how much of it is used, and what its end brings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Allowance {
    /// Of what, in a few words.
    pub what: String,
    /// How much has been used.
    #[serde(rename = "used_ms", with = "as_millis")]
    pub used: Duration,
    /// How much there is.
    #[serde(rename = "limit_ms", with = "as_millis")]
    pub limit: Duration,
    /// What happens then.
    pub then: String,
}

impl Allowance {
    fn new(what: &str, used: Duration, limit: Duration, then: impl Into<String>) -> Self {
        Self { what: what.to_owned(), used, limit, then: then.into() }
    }

    /// How much is left.
    pub const fn left(&self) -> Duration {
        self.limit.saturating_sub(self.used)
    }
}

impl std::fmt::Display for Allowance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (used, left) = (Human(self.used).whole(), Human(self.left()).whole());
        let limit = Human(self.limit);
        write!(f, "{}: {used} of {limit} used, {left} left, then {}", self.what, self.then)
    }
}

/// What would change where a deployment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outlook {
    /// The times that run now.
    pub allowances: Vec<Allowance>,
    /// What would change a gate's answer, for each gate that watches.
    pub turns: Vec<String>,
    /// What happens next when nothing goes wrong.
    pub next: String,
}

/// What would change where a deployment stands, as it was at its last decision, at `last`.
pub fn outlook(header: &Header, state: &State, facts: &Facts, last: Timestamp) -> Outlook {
    let next = what_next(header, state);
    if state.ending.is_some() {
        return Outlook { allowances: Vec::new(), turns: Vec::new(), next };
    }
    let forward = state.direction == Direction::Forward && !state.committed;
    let watching = header.plan.gates.iter().filter(|spec| forward && watches(header, state, spec));
    let turns = watching.filter_map(|spec| {
        let reading = facts.gates.iter().find(|reading| reading.gate == spec.id)?;
        let turns = reading.grounds.turns.as_ref()?;
        Some(format!("gate `{}`: {turns}", spec.id))
    });
    let turns = turns.collect();
    let allowances = if forward {
        ahead(header, state, facts, last)
    } else {
        let (stalled, limit) = (facts.accrued.stalled, header.limits.rollback_deadline);
        let then = "it ends, and what remains is listed";
        vec![Allowance::new("time without progress", stalled, limit, then)]
    };
    Outlook { allowances, turns, next }
}

fn ahead(header: &Header, state: &State, facts: &Facts, last: Timestamp) -> Vec<Allowance> {
    let (limits, accrued) = (&header.limits, &facts.accrued);
    let mut times = Vec::new();
    match header.plan.steps.get(state.step) {
        Some(Step::Bake { duration, .. }) if !state.promoted => {
            times.push(Allowance::new("bake", accrued.bake, *duration, "the step is over"));
        }
        Some(Step::Approval { timeout, default }) if !state.promoted && !state.approved => {
            times.push(Allowance::new("approval", accrued.bake, *timeout, default.to_string()));
        }
        Some(
            Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Bake { .. }
            | Step::Approval { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. },
        )
        | None => {}
    }
    let back = "it rolls back";
    times.push(Allowance::new("hold limit", accrued.held, limits.hold_limit, back));
    for spec in &header.plan.gates {
        let reading = facts.gates.iter().find(|reading| reading.gate == spec.id);
        let unsure =
            reading.is_some_and(|reading| matches!(reading.verdict, Verdict::Inconclusive(_)));
        if let (Inconclusive::Hold { limit }, GateMode::Blocking) = (spec.inconclusive, spec.mode)
            && limit != limits.hold_limit
            && unsure
            && watches(header, state, spec)
        {
            let what = format!("hold limit of gate `{}`", spec.id);
            times.push(Allowance::new(&what, accrued.held, limit, back));
        }
    }
    let (stalled, limit) = (accrued.stalled, limits.progress_deadline);
    times.push(Allowance::new("time without progress", stalled, limit, back));
    if let Some(limit) = limits.deadline {
        let used = last.since(header.created);
        times.push(Allowance::new("deadline of the whole deployment", used, limit, back));
    }
    times
}
