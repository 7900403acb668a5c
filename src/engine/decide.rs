//! The decision: a pure function of the header, the state and the facts.
//!
//! It is what replay runs again. It has no clock and no memory; everything it depends on is an
//! argument, so an entry that holds the facts explains itself.

use crate::model::Decision;
use crate::model::DelegatedState;
use crate::model::Direction;
use crate::model::Ending;
use crate::model::Facts;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::HookAction;
use crate::model::HookResult;
use crate::model::Intent;
use crate::model::Leftover;
use crate::model::Observation;
use crate::model::Operator;
use crate::model::RollbackCause;
use crate::model::Stage;
use crate::model::State;
use crate::model::StopReason;

use super::anomaly::Anomaly;
use super::anomaly::anomaly;
use super::anomaly::drift;
use super::anomaly::off_course;
use super::bake::given_up;
use super::bake::unshown;
use super::describe::world_lines;
use super::lacking::lacking;
use super::lacking::unanswered;
use super::path::Next;
use super::path::next;
use super::path::pending_hook;
use super::rollback::remaining;
use super::scaling::owed;
use super::scaling::owns;
use super::verdicts::hold_by_gate;
use super::verdicts::is_unread;
use super::verdicts::rollback_by_gate;

/// Decides what happens now.
pub(super) fn decide(header: &Header, state: &State, facts: &Facts) -> Decision {
    let decision = outright(header, state, facts);
    let Decision::End { .. } = decision else { return decision };
    match unreturned(header, state, facts) {
        Some(reason) => Decision::Hold { reason },
        None => decision,
    }
}

/// What there is to wait for before an end although everything else is over, whichever end it is.
fn unreturned(header: &Header, state: &State, facts: &Facts) -> Option<HoldReason> {
    if is_out_of_patience(header, facts) || state.stage == Stage::Reconcile {
        return None;
    }
    let owes = owns(header, state, facts).then(|| owed(header, state, facts)).flatten();
    // a write that may still take effect would change what the end says
    owes.map(|_| HoldReason::Restoring).or_else(|| (!facts.settled).then_some(HoldReason::Settling))
}

/// Whether an end has been put off for as long as the way to it may take.
fn is_out_of_patience(header: &Header, facts: &Facts) -> bool {
    facts.accrued.stalled >= header.limits.rollback_deadline.saturating_mul(2)
}

/// Whether everything is over but for what was sent and may still take effect: nothing more is sent.
pub(super) fn is_over(header: &Header, state: &State, facts: &Facts) -> bool {
    matches!(outright(header, state, facts), Decision::End { .. })
}

fn outright(header: &Header, state: &State, facts: &Facts) -> Decision {
    if let Some(operator) = facts.operator {
        return by_operator(state, operator);
    }
    if let Some(decision) = by_hook(header, state, facts) {
        return decision;
    }
    if let Some(decision) = by_world(header, state, facts) {
        return decision;
    }
    match (state.direction, state.committed) {
        (Direction::Forward, false) => forward(header, state, facts),
        (Direction::Forward, true) => clean_up(header, state, facts),
        (Direction::Rollback, _) => back(header, state, facts),
    }
}

/// Turns back; before anything was changed that means to stop.
fn turn_back(state: &State, cause: RollbackCause) -> Decision {
    if state.stage != Stage::Reconcile {
        return Decision::Rollback { cause };
    }
    let reason = match cause {
        RollbackCause::Aborted | RollbackCause::Requested => StopReason::Operator,
        RollbackCause::GateFailed { .. }
        | RollbackCause::GateInconclusive { .. }
        | RollbackCause::Hook { .. }
        | RollbackCause::NotApproved
        | RollbackCause::CrashLoop { .. }
        | RollbackCause::NoProgress { .. }
        | RollbackCause::Deadline
        | RollbackCause::HeldTooLong { .. }
        | RollbackCause::CandidateGone
        | RollbackCause::Delegated { .. }
        | RollbackCause::Rejected { .. } => StopReason::Refused,
    };
    Decision::End { ending: Ending::Stopped { reason, world: vec![cause.to_string()] } }
}

fn by_operator(state: &State, operator: Operator) -> Decision {
    match operator {
        Operator::Pause => Decision::Pause,
        Operator::Continue => Decision::Continue,
        Operator::Approve => Decision::Approve,
        Operator::Promote => Decision::Promote,
        Operator::Abort => turn_back(state, RollbackCause::Aborted),
        Operator::Rollback => turn_back(state, RollbackCause::Requested),
    }
}

fn by_hook(header: &Header, state: &State, facts: &Facts) -> Option<Decision> {
    let (hook, result) = (state.hook.clone()?, facts.hook.as_ref()?);
    let default = header.plan.hooks.iter().find(|spec| spec.id == hook).map(|spec| spec.default);
    let action = match result {
        HookResult::Answered(action) => *action,
        HookResult::Failed(_) => default.unwrap_or(HookAction::Rollback),
    };
    let can_turn = state.direction == Direction::Forward && !state.committed;
    Some(match action {
        HookAction::Rollback if can_turn => turn_back(state, RollbackCause::Hook { hook }),
        HookAction::Rollback | HookAction::Continue => Decision::HookDone { hook, action },
    })
}

/// What ends a deployment from outside: the service gone, or someone else's deployment.
fn by_world(header: &Header, state: &State, facts: &Facts) -> Option<Decision> {
    let world = facts.seen()?;
    let reason = match anomaly(header, state, facts, world)? {
        Anomaly::ServiceGone => StopReason::TargetGone,
        Anomaly::Superseded => StopReason::Superseded,
        Anomaly::CandidateGone | Anomaly::StableGone => return None,
    };
    facts
        .confirmed
        .then(|| Decision::End { ending: Ending::Stopped { reason, world: world_lines(world) } })
}

fn forward(header: &Header, state: &State, facts: &Facts) -> Decision {
    if let Some(cause) = rollback_cause(header, state, facts) {
        return turn_back(state, cause);
    }
    if let Some(reason) = standstill(header, state, facts) {
        return Decision::Hold { reason };
    }
    if state.hook.is_some() {
        return Decision::Hold { reason: HoldReason::Hook };
    }
    if let Some(hook) = pending_hook(&header.plan, state) {
        return Decision::RunHook { hook: hook.id.clone() };
    }
    let Some(world) = facts.seen() else {
        return Decision::Hold { reason: HoldReason::Blind };
    };
    if let Some(reason) = lacking(header, state, facts, world) {
        return Decision::Hold { reason };
    }
    // Rule 5: a stage is left only on evidence gathered after it was entered.
    if !facts.current || is_unread(header, state, facts) {
        return Decision::Hold { reason: HoldReason::Waiting };
    }
    match next(&header.plan, state) {
        Next::Stage { step, stage } => Decision::Enter { step, stage },
        Next::Commit | Next::End => Decision::Commit,
    }
}

/// What stops a deployment that goes forward from going on, whatever its stage.
fn standstill(header: &Header, state: &State, facts: &Facts) -> Option<HoldReason> {
    let Some(world) = facts.seen() else {
        return Some(HoldReason::Blind);
    };
    if let Some(gate) = facts.missing.first() {
        return Some(HoldReason::MissingGate { gate: gate.clone() });
    }
    if let Some(anomaly) = anomaly(header, state, facts, world) {
        let reason = HoldReason::Drift { what: anomaly.what().to_owned() };
        return Some(if facts.confirmed { reason } else { HoldReason::Settling });
    }
    if let Some(what) = drift(header, state, facts, world) {
        return Some(HoldReason::Drift { what });
    }
    if off_course(header, state, world) {
        return Some(HoldReason::Settling);
    }
    if let Some(reason) = hold_by_gate(header, state, facts) {
        return Some(reason);
    }
    if let Some(why) = &facts.stopped {
        return Some(HoldReason::Stopped { why: why.clone() });
    }
    state.paused.then_some(HoldReason::Paused)
}

fn rollback_cause(header: &Header, state: &State, facts: &Facts) -> Option<RollbackCause> {
    let limits = &header.limits;
    if facts.overdue {
        return Some(RollbackCause::Deadline);
    }
    if let Some(why) = &facts.rejected {
        return Some(RollbackCause::Rejected { why: why.clone() });
    }
    let by_gate = rollback_by_gate(header, state, facts);
    if let Some(cause) = by_gate.or_else(|| given_up(header, state, facts)) {
        return Some(cause);
    }
    if let Some(world) = facts.seen() {
        if let Some(cause) = crash_loop(header, world) {
            return Some(cause);
        }
        let gone = anomaly(header, state, facts, world) == Some(Anomaly::CandidateGone);
        if gone && facts.confirmed {
            return Some(RollbackCause::CandidateGone);
        }
        if let Some(reason) = platform_gave_up(header, world) {
            return Some(RollbackCause::Delegated { reason });
        }
    }
    if unanswered(header, state, facts) == Some(HookAction::Rollback) {
        return Some(RollbackCause::NotApproved);
    }
    let held_out = facts.accrued.held >= limits.hold_limit;
    let stands = || standstill(header, state, facts).or_else(|| unshown(header, state, facts));
    if let Some(reason) = held_out.then(stands).flatten() {
        return Some(RollbackCause::HeldTooLong { reason: reason.to_string() });
    }
    (facts.accrued.stalled >= limits.progress_deadline).then(|| {
        let lacks = facts.seen().and_then(|world| lacking(header, state, facts, world));
        let waiting = match lacks {
            Some(HoldReason::NoRoom { arithmetic }) => arithmetic,
            Some(reason) => format!("{}: {reason}", state.stage),
            None => state.stage.to_string(),
        };
        RollbackCause::NoProgress { waiting }
    })
}

fn crash_loop(header: &Header, world: &Observation) -> Option<RollbackCause> {
    let candidate = world.fleet.candidate.as_ref()?;
    let threshold = header.limits.crash_loop.threshold(world.fleet.desired);
    (candidate.failed >= threshold).then(|| RollbackCause::CrashLoop {
        failed: candidate.failed,
        threshold,
        reason: candidate.failures.first().map_or_else(String::new, ToString::to_string),
    })
}

fn platform_gave_up(header: &Header, world: &Observation) -> Option<String> {
    let delegated = world.fleet.delegated.as_ref()?;
    match &delegated.state {
        DelegatedState::Failed { reason } if delegated.revision == header.subject.candidate => {
            Some(reason.clone())
        }
        DelegatedState::RolledBack { reason } => Some(reason.clone()),
        DelegatedState::Failed { .. } | DelegatedState::InProgress | DelegatedState::Completed => {
            None
        }
    }
}

fn clean_up(header: &Header, state: &State, facts: &Facts) -> Decision {
    if let Some(hook) = pending_hook(&header.plan, state).filter(|_| state.hook.is_none()) {
        return Decision::RunHook { hook: hook.id.clone() };
    }
    let Some(world) = facts.seen() else {
        return end_with_leftovers(header, facts, HoldReason::Blind);
    };
    let gone = anomaly(header, state, facts, world) == Some(Anomaly::CandidateGone);
    if gone && facts.confirmed {
        let ending = Ending::Stopped { reason: StopReason::TargetGone, world: world_lines(world) };
        return Decision::End { ending };
    }
    if let Some(what) = drift(header, state, facts, world) {
        return end_with_leftovers(header, facts, HoldReason::Drift { what });
    }
    match lacking(header, state, facts, world) {
        _ if gone || off_course(header, state, world) => {
            end_with_leftovers(header, facts, HoldReason::Settling)
        }
        Some(reason) => end_with_leftovers(header, facts, reason),
        None if state.hook.is_none() && facts.current => {
            Decision::End { ending: Ending::Successful { leftovers: Vec::new() } }
        }
        None => Decision::Hold { reason: HoldReason::Waiting },
    }
}

/// Holds, and when that has taken too long, ends with what is left. Where the candidate no longer has
/// the traffic because of someone else, that is not called a success.
fn end_with_leftovers(header: &Header, facts: &Facts, reason: HoldReason) -> Decision {
    if facts.accrued.stalled < header.limits.rollback_deadline {
        return Decision::Hold { reason };
    }
    let ending = match (&reason, &facts.observation) {
        (HoldReason::Drift { .. }, Some(world)) => {
            Ending::Stopped { reason: StopReason::Superseded, world: world_lines(world) }
        }
        (_, world) => {
            let stable = world.as_ref().and_then(|world| world.fleet.stable.as_ref());
            let what = stable.map_or_else(
                || "the service's primary task set".to_owned(),
                |stable| format!("task set {}", stable.task_set),
            );
            let why = format!("{reason}; see to it by hand");
            Ending::Successful { leftovers: vec![Leftover::new(what, why)] }
        }
    };
    Decision::End { ending }
}

fn back(header: &Header, state: &State, facts: &Facts) -> Decision {
    let lacks = match facts.seen() {
        None => Some(HoldReason::Blind),
        Some(world) => lacking(header, state, facts, world),
    };
    let hook = pending_hook(&header.plan, state);
    let reason = match (lacks, hook) {
        (None, Some(hook)) if state.hook.is_none() => {
            return Decision::RunHook { hook: hook.id.clone() };
        }
        (None, None) if state.hook.is_none() && facts.current => {
            return match next(&header.plan, state) {
                Next::Stage { step, stage } => Decision::Enter { step, stage },
                Next::Commit | Next::End => {
                    Decision::End { ending: Ending::RollbackSuccessful { leftovers: Vec::new() } }
                }
            };
        }
        (Some(reason), _) => reason,
        (None, _) => HoldReason::Waiting,
    };
    if facts.accrued.stalled < header.limits.rollback_deadline {
        return Decision::Hold { reason };
    }
    give_up(header, facts, reason)
}

/// A rollback that makes no more progress: with traffic back on stable only a leftover remains.
fn give_up(header: &Header, facts: &Facts, reason: HoldReason) -> Decision {
    let ending = match remaining(header, facts).as_slice() {
        // Everything seems done and has only to be seen to stay so, which takes its time.
        [] if reason == HoldReason::Settling && !is_out_of_patience(header, facts) => {
            return Decision::Hold { reason };
        }
        [] => {
            Ending::RollbackFailed { remaining: vec![format!("to see that it is done: {reason}")] }
        }
        [Intent::Retire { role }] => {
            let why = "not removed in time; remove it by hand";
            let leftovers = vec![Leftover::new(format!("the {role}'s tasks"), why)];
            Ending::RollbackSuccessful { leftovers }
        }
        remaining => {
            let remaining = remaining.iter().map(ToString::to_string).collect();
            Ending::RollbackFailed { remaining }
        }
    };
    Decision::End { ending }
}
