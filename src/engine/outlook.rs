//! What would change where a deployment stands: the times that run, and what each ends with.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::model::Direction;
use crate::model::Facts;
use crate::model::GateMode;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::Human;
use crate::model::Inconclusive;
use crate::model::State;
use crate::model::Step;
use crate::model::Timestamp;
use crate::model::Verdict;
use crate::model::as_millis;

use super::accrue::Charge;
use super::accrue::charge;
use super::bake::awaited;
use super::bake::unshown;
use super::describe::what_next;
use super::verdicts::watches;

const BACK: &str = "it rolls back";
const STALLED: &str = "time without progress";

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
    /// Whether it runs while things stay as they are.
    pub runs: bool,
}

impl Allowance {
    fn new(what: &str, used: Duration, limit: Duration, then: impl Into<String>) -> Self {
        Self { what: what.to_owned(), used, limit, then: then.into(), runs: false }
    }

    fn running(mut self, runs: bool) -> Self {
        self.runs = runs;
        self
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
        write!(f, "{}: {used} of {limit} used, {left} left", self.what)?;
        if self.runs { write!(f, ", then {}", self.then) } else { f.write_str(", stands still") }
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

/// What would change where a deployment stands, as it was at its last decision: what it waits for,
/// and when that was last decided.
pub fn outlook(
    header: &Header,
    state: &State,
    facts: &Facts,
    waiting: Option<&HoldReason>,
    last: Timestamp,
) -> Outlook {
    let next = what_next(header, state);
    if state.ending.is_some() {
        return Outlook { allowances: Vec::new(), turns: Vec::new(), next };
    }
    let forward = state.direction == Direction::Forward && !state.committed;
    let watching = header.plan.gates.iter().filter(|spec| forward && watches(header, state, spec));
    let answers = watching.filter_map(|spec| {
        let reading = facts.gates.iter().find(|reading| reading.gate == spec.id)?;
        let turns = reading.grounds.turns.as_ref()?;
        let other = if reading.verdict.is_pass() { "would no longer pass" } else { "would pass" };
        Some(format!("gate `{}` {other}: {turns}", spec.id))
    });
    let early = header.plan.early_end(state.step).filter(|_| waiting == Some(&HoldReason::Baking));
    let early = early.map(|after| {
        format!("safe is shown: the bake ends early, from {} of watched time on", Human(after))
    });
    let turns = waiting.and_then(by_hand).into_iter().chain(answers).chain(early).collect();
    let charge = waiting.map(|reason| charge(state, reason));
    let stalls = charge == Some(Charge::Stalled);
    let allowances = if forward {
        // a bake stands still while a gate cannot tell
        let own = own_time(header, state, facts);
        let own = own.map(|time| time.running(charge != Some(Charge::Held)));
        let mut times: Vec<Allowance> = own.into_iter().collect();
        times.extend(hold_limits(header, state, facts, charge == Some(Charge::Held)));
        let (stalled, limit) = (facts.accrued.stalled, header.limits.progress_deadline);
        times.push(Allowance::new(STALLED, stalled, limit, BACK).running(stalls));
        times.extend(header.limits.deadline.map(|limit| {
            let used = last.since(header.created);
            Allowance::new("deadline of the whole deployment", used, limit, BACK).running(true)
        }));
        times
    } else {
        let (stalled, limit) = (facts.accrued.stalled, header.limits.rollback_deadline);
        let then = "it ends, and what remains is listed";
        vec![Allowance::new(STALLED, stalled, limit, then).running(stalls)]
    };
    Outlook { allowances, turns, next }
}

/// What somebody can do about a hold.
fn by_hand(reason: &HoldReason) -> Option<String> {
    Some(match reason {
        HoldReason::Approval => "somebody approves".to_owned(),
        HoldReason::Paused => "an operator asks to continue".to_owned(),
        HoldReason::Hook => "the hook answers, or its timeout passes".to_owned(),
        HoldReason::MissingGate { gate } => format!("a process resumes it that knows `{gate}`"),
        HoldReason::Stopped { .. } => "somebody lets every deployment go".to_owned(),
        HoldReason::Drift { .. } => "whoever changed it puts it back".to_owned(),
        HoldReason::Blind => "the world can be read again".to_owned(),
        HoldReason::NoRoom { .. } => "the desired count or the bounds change".to_owned(),
        HoldReason::Reached => "no rule and no cookie leads there any more".to_owned(),
        HoldReason::Waiting
        | HoldReason::Baking
        | HoldReason::Insufficient { .. }
        | HoldReason::Gate { .. }
        | HoldReason::GateWaits { .. }
        | HoldReason::Settling
        | HoldReason::Draining
        | HoldReason::Propagating
        | HoldReason::Restoring => return None,
    })
}

/// The time that the current step itself has: a bake, an approval.
fn own_time(header: &Header, state: &State, facts: &Facts) -> Option<Allowance> {
    let spent = facts.accrued.bake;
    match header.plan.steps.get(state.step) {
        Some(Step::Bake { duration, .. }) if !state.promoted && spent < *duration => {
            Some(Allowance::new("bake", spent, *duration, "the step is over"))
        }
        Some(Step::Bake { duration, .. }) if !state.promoted => {
            let (waited, timeout, default) = awaited(header, state, facts, *duration)?;
            let then = format!("without an approval: {default}");
            Some(Allowance::new("approval", waited, timeout, then))
        }
        Some(Step::Approval { timeout, default }) if !state.promoted && !state.approved => {
            let then = format!("without an approval: {default}");
            Some(Allowance::new("approval", spent, *timeout, then))
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
        | None => None,
    }
}

/// The limits of holds: the deployment's, and those of gates that cannot tell.
fn hold_limits(header: &Header, state: &State, facts: &Facts, holds: bool) -> Vec<Allowance> {
    let (held, most) = (facts.accrued.held, header.limits.hold_limit);
    let mut limits = vec![Allowance::new("hold", held, most, BACK).running(holds)];
    for spec in &header.plan.gates {
        let reading = facts.gates.iter().find(|reading| reading.gate == spec.id);
        let unsure =
            reading.is_some_and(|reading| matches!(reading.verdict, Verdict::Inconclusive(_)));
        let unproven = || {
            let gate = spec.id.clone();
            unshown(header, state, facts) == Some(HoldReason::Insufficient { gate })
        };
        if let (Inconclusive::Hold { limit }, GateMode::Blocking) = (spec.inconclusive, spec.mode)
            && limit != most
            && (unsure || unproven())
            && watches(header, state, spec)
        {
            let what = format!("hold for gate `{}`", spec.id);
            limits.push(Allowance::new(&what, held, limit, BACK).running(holds));
        }
    }
    limits
}
