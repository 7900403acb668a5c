//! Why a decision was made, in sentences and numbers taken from its own facts.

use crate::model::Decision;
use crate::model::Ending;
use crate::model::Facts;
use crate::model::GateId;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::HookResult;
use crate::model::Human;
use crate::model::Inconclusive;
use crate::model::Operator;
use crate::model::RollbackCause;
use crate::model::State;
use crate::model::Verdict;

use super::bake::unshown;
use super::lacking::lacking;
use super::scaling::rescale;
use super::standing::standing;
use super::verdicts::is_unread;

/// Why this was decided in this state on these facts; sentences without full stops.
pub(super) fn because(
    header: &Header,
    state: &State,
    facts: &Facts,
    decision: &Decision,
) -> Vec<String> {
    match decision {
        Decision::Hold { reason } => held(header, state, facts, reason),
        Decision::Enter { .. } | Decision::Commit => standing(header, state, facts),
        Decision::RunHook { hook } => {
            vec![format!("hook `{hook}` is to answer at {}; nothing goes on before", state.stage)]
        }
        Decision::HookDone { hook, .. } => answered(header, facts, hook.as_str()),
        Decision::Pause | Decision::Continue | Decision::Approve | Decision::Promote => {
            vec![asked(facts)]
        }
        Decision::Rollback { cause } => turned(header, state, facts, cause),
        Decision::End { ending } => ended(header, state, facts, ending),
    }
}

fn asked(facts: &Facts) -> String {
    let what = match facts.operator {
        Some(Operator::Pause) => "pause",
        Some(Operator::Continue) => "continue",
        Some(Operator::Approve) => "approve",
        Some(Operator::Promote) => "promote",
        Some(Operator::Abort) => "abort",
        Some(Operator::Rollback) => "roll back",
        None => "go on",
    };
    match &facts.asked_by {
        Some(by) => format!("{by} asked to {what}"),
        None => format!("the process that drives it asked to {what}"),
    }
}

fn answered(header: &Header, facts: &Facts, hook: &str) -> Vec<String> {
    let spec = header.plan.hooks.iter().find(|spec| spec.id.as_str() == hook);
    match (&facts.hook, spec) {
        (Some(HookResult::Answered(action)), _) => {
            vec![format!("hook `{hook}` answered: {action}")]
        }
        (Some(HookResult::Failed(why)), Some(spec)) => {
            vec![format!("hook `{hook}` failed: {why}"), format!("its default: {}", spec.default)]
        }
        (Some(HookResult::Failed(why)), None) => vec![format!("hook `{hook}` failed: {why}")],
        (None, _) => Vec::new(),
    }
}

/// What a gate said, and what its policy makes of that.
fn gate(header: &Header, facts: &Facts, id: &GateId) -> Vec<String> {
    let Some(reading) = facts.gates.iter().find(|reading| reading.gate == *id) else {
        return vec![format!("gate `{id}` has not answered")];
    };
    let mut said = vec![format!("gate `{id}` says {}", reading.verdict)];
    let spec = header.plan.gates.iter().find(|spec| spec.id == *id);
    if let (Verdict::Inconclusive(_), Some(spec)) = (&reading.verdict, spec) {
        said.push(match spec.inconclusive {
            Inconclusive::Hold { limit } => {
                let held = Human(facts.accrued.held).whole();
                let limit = Human(limit);
                format!("while it cannot tell, nothing goes on: held {held} of {limit}")
            }
            Inconclusive::Wait => "its policy: wait for as long as it takes".to_owned(),
            Inconclusive::Rollback => "its policy: roll back when it cannot tell".to_owned(),
            Inconclusive::Continue => "its policy: go on when it cannot tell".to_owned(),
        });
    }
    said
}

fn held(header: &Header, state: &State, facts: &Facts, reason: &HoldReason) -> Vec<String> {
    match reason {
        HoldReason::Gate { gate: id } | HoldReason::GateWaits { gate: id } => {
            gate(header, facts, id)
        }
        HoldReason::Hook => {
            let hook = state.hook.as_ref().map_or("a hook", |hook| hook.as_str());
            vec![format!("hook `{hook}` has not answered; nothing is changed before it does")]
        }
        HoldReason::Paused => {
            vec!["nothing goes on before an operator asks to continue".to_owned()]
        }
        HoldReason::MissingGate { .. }
        | HoldReason::Stopped { .. }
        | HoldReason::Drift { .. }
        | HoldReason::Blind
        | HoldReason::NoRoom { .. } => Vec::new(),
        HoldReason::Waiting
        | HoldReason::Settling
        | HoldReason::Baking
        | HoldReason::Insufficient { .. }
        | HoldReason::Approval
        | HoldReason::Draining
        | HoldReason::Reached
        | HoldReason::Propagating
        | HoldReason::Restoring => {
            let mut said = standing(header, state, facts);
            said.extend(missing(header, state, facts, reason));
            said
        }
    }
}

/// What is missing beside what the stage itself wants.
fn missing(header: &Header, state: &State, facts: &Facts, reason: &HoldReason) -> Option<String> {
    let world = facts.seen()?;
    if *reason == HoldReason::Settling && !facts.settled {
        let settle = Human(header.limits.settle);
        return Some(format!("the last write may take effect late, up to {settle} after it"));
    }
    if rescale(header, state, facts, world).is_some() {
        return Some("autoscaling is not as it is to be".to_owned());
    }
    let old = !facts.current || is_unread(header, state, facts);
    (*reason == HoldReason::Waiting && old && lacking(header, state, facts, world).is_none())
        .then(|| "what was read is older than the last change: it is read again".to_owned())
}

fn turned(header: &Header, state: &State, facts: &Facts, cause: &RollbackCause) -> Vec<String> {
    let limits = &header.limits;
    match cause {
        RollbackCause::Aborted | RollbackCause::Requested => vec![asked(facts)],
        RollbackCause::GateFailed { gate: id, .. } => {
            let mut said = gate(header, facts, id);
            said.push("the gate is blocking: a failure turns the deployment back".to_owned());
            said
        }
        RollbackCause::GateInconclusive { gate: id, .. } => {
            let mut said = gate(header, facts, id);
            if unshown(header, state, facts).is_some() {
                said.extend(standing(header, state, facts));
            }
            said
        }
        RollbackCause::Hook { hook } => answered(header, facts, hook.as_str()),
        RollbackCause::NotApproved => standing(header, state, facts),
        RollbackCause::CrashLoop { .. } => crashes(header, facts),
        RollbackCause::NoProgress { .. } => {
            let (stalled, limit) =
                (Human(facts.accrued.stalled).whole(), Human(limits.progress_deadline));
            let mut said = vec![format!("no progress in {stalled}, the limit is {limit}")];
            said.extend(standing(header, state, facts));
            said
        }
        RollbackCause::Deadline => {
            let limit = limits.deadline.unwrap_or_default();
            vec![format!("planned at {}, to be over within {}", header.created, Human(limit))]
        }
        RollbackCause::HeldTooLong { .. } => {
            let (held, limit) = (Human(facts.accrued.held).whole(), Human(limits.hold_limit));
            vec![format!("held for {held}, the limit is {limit}")]
        }
        RollbackCause::CandidateGone => {
            vec!["the candidate was there and is not any more, at look after look".to_owned()]
        }
        RollbackCause::Delegated { .. } | RollbackCause::Rejected { .. } => Vec::new(),
    }
}

/// The candidate's failed tasks by kind.
fn crashes(header: &Header, facts: &Facts) -> Vec<String> {
    let Some(world) = facts.seen() else { return Vec::new() };
    let Some(candidate) = &world.fleet.candidate else { return Vec::new() };
    let desired = world.fleet.desired;
    let rule = header.limits.crash_loop;
    let (threshold, failed) = (rule.threshold(desired), candidate.failed);
    let (percent, least, most) = (rule.percent, rule.at_least, rule.at_most);
    let mut said = vec![
        format!("{failed} of the candidate's tasks failed; {threshold} are too many"),
        format!("that is {percent} % of {desired} desired, at least {least}, at most {most}"),
    ];
    for kind in &candidate.failures {
        said.push(format!("{} × {kind}", kind.count));
        said.push(format!("    {}", kind.class().look_at()));
    }
    said
}

fn ended(header: &Header, state: &State, facts: &Facts, ending: &Ending) -> Vec<String> {
    let mut said = match facts.operator {
        Some(_) => vec![asked(facts)],
        None => Vec::new(),
    };
    match ending {
        Ending::Successful { leftovers } | Ending::RollbackSuccessful { leftovers } => {
            said.extend(standing(header, state, facts));
            said.extend(leftovers.iter().map(|left| format!("left over: {left}")));
        }
        Ending::RollbackFailed { remaining } => {
            let (stalled, limit) =
                (Human(facts.accrued.stalled).whole(), Human(header.limits.rollback_deadline));
            said.push(format!("no progress in {stalled}, the limit is {limit}"));
            said.extend(remaining.iter().map(|left| format!("to be done by hand: {left}")));
        }
        Ending::Stopped { world, .. } => said.extend(world.iter().cloned()),
    }
    said
}
