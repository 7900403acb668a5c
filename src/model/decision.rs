//! What the engine decided: the only thing that is journaled.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::hook_spec::HookAction;
use super::id::GateId;
use super::id::HookId;
use super::stage::Stage;
use super::status::Ending;

/// One decision. Replaying a record makes each again from its recorded facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "the state must apply every kind")]
pub enum Decision {
    /// Nothing can go on, and why. Equal ones in a row collapse.
    Hold {
        /// Why.
        reason: HoldReason,
    },
    /// Go to this stage of this step.
    Enter {
        /// The step's index.
        step: usize,
        /// The stage.
        stage: Stage,
    },
    /// Run a hook; recorded before the call.
    RunHook {
        /// Which.
        hook: HookId,
    },
    /// Take a hook's answer.
    HookDone {
        /// Which.
        hook: HookId,
        /// What counts as its answer.
        action: HookAction,
    },
    /// Stop advancing until told to continue.
    Pause,
    /// Advance again.
    Continue,
    /// Take the approval that the current step waits for.
    Approve,
    /// Skip the bakes and approvals that are left (never the gates).
    Promote,
    /// Turn back, for good.
    Rollback {
        /// Why.
        cause: RollbackCause,
    },
    /// The point of no return: from here only forward.
    Commit,
    /// Nothing is left to do.
    End {
        /// How it ended.
        ending: Ending,
    },
}

/// Why nothing goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HoldReason {
    /// The world has not reached what this stage wants.
    Waiting,
    /// A bake is under way.
    Baking,
    /// A bake has run its time, and a gate shows neither harm nor safety.
    Insufficient {
        /// Which.
        gate: GateId,
    },
    /// A person is needed.
    Approval,
    /// A hook runs at this stage; nothing is changed before it answers.
    Hook,
    /// An operator paused it.
    Paused,
    /// Every deployment is stopped for a while.
    Stopped {
        /// By whom, when and why.
        why: String,
    },
    /// A gate cannot tell, or may hold only and says fail.
    Gate {
        /// Which.
        gate: GateId,
    },
    /// A gate waits, however long it takes.
    GateWaits {
        /// Which.
        gate: GateId,
    },
    /// A custom gate is not registered in this process (`MissingGate`). Rollback stays possible.
    MissingGate {
        /// Which.
        gate: GateId,
    },
    /// Someone else changed what is ours to set.
    Drift {
        /// What differs.
        what: String,
    },
    /// The world cannot be read.
    Blind,
    /// An earlier write may still take effect.
    Settling,
    /// Both bounds of a roll leave no room at the desired count of now.
    NoRoom {
        /// The arithmetic.
        arithmetic: String,
    },
    /// Traffic may still reach what is to be removed.
    Draining,
    /// Requests still reach what is to be removed, for longer than can be expected.
    Reached,
    /// The load balancer may still follow the weights from before.
    Propagating,
    /// It is over but for autoscaling, which is given back before the end.
    Restoring,
}

impl fmt::Display for HoldReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting => f.write_str("waiting for the world to reach what this stage wants"),
            Self::Baking => f.write_str("baking while the gates watch"),
            Self::Insufficient { gate } => write!(
                f,
                "insufficient evidence: gate `{gate}` shows neither harm nor safety, so the bake goes on"
            ),
            Self::Approval => f.write_str("waiting for an approval"),
            Self::Hook => f.write_str("waiting for a hook's answer"),
            Self::Paused => f.write_str("paused by an operator"),
            Self::Stopped { why } => write!(f, "every deployment is {why}"),
            Self::Gate { gate } => write!(f, "gate `{gate}` does not pass"),
            Self::GateWaits { gate } => {
                write!(f, "gate `{gate}` waits; that counts against no limit")
            }
            Self::MissingGate { gate } => {
                write!(f, "gate `{gate}` is not registered in this process; register it and resume")
            }
            Self::Drift { what } => write!(f, "someone else changed {what}"),
            Self::Blind => f.write_str("the world cannot be read"),
            Self::Settling => f.write_str("an earlier write may still take effect"),
            Self::NoRoom { arithmetic } => write!(f, "the roll has no room: {arithmetic}"),
            Self::Draining => f.write_str("traffic may still reach what is to be removed"),
            Self::Reached => f.write_str("requests still reach what is to be removed"),
            Self::Propagating => f.write_str("the load balancer may still follow the old weights"),
            Self::Restoring => f.write_str("giving autoscaling back before the end"),
        }
    }
}

/// Why a deployment turned back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RollbackCause {
    /// An operator aborted it.
    Aborted,
    /// An operator asked for a rollback.
    Requested,
    /// A gate failed.
    GateFailed {
        /// Which.
        gate: GateId,
        /// What it said.
        why: String,
    },
    /// A gate could not tell for too long, or its policy is to roll back.
    GateInconclusive {
        /// Which.
        gate: GateId,
        /// What it said.
        why: String,
    },
    /// A hook said so, or failed and its default says so.
    Hook {
        /// Which.
        hook: HookId,
    },
    /// Nobody approved in time and the default is to roll back.
    NotApproved,
    /// The candidate's tasks keep dying.
    CrashLoop {
        /// How many died.
        failed: u32,
        /// How many are too many.
        threshold: u32,
        /// The most frequent reason.
        reason: String,
    },
    /// A step made no progress for too long.
    NoProgress {
        /// What it waited for.
        waiting: String,
    },
    /// The overall deadline passed.
    Deadline,
    /// It held for too long.
    HeldTooLong {
        /// Why it held.
        reason: String,
    },
    /// The candidate was removed by someone else.
    CandidateGone,
    /// The platform that was delegated to gave up.
    Delegated {
        /// What it said.
        reason: String,
    },
    /// A write was refused for good.
    Rejected {
        /// What was refused and how.
        why: String,
    },
}

impl fmt::Display for RollbackCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aborted => f.write_str("an operator aborted it"),
            Self::Requested => f.write_str("an operator asked for a rollback"),
            Self::GateFailed { gate, why } => write!(f, "gate `{gate}` failed: {why}"),
            Self::GateInconclusive { gate, why } => {
                write!(f, "gate `{gate}` could not tell for too long: {why}")
            }
            Self::Hook { hook } => write!(f, "hook `{hook}` said to roll back"),
            Self::NotApproved => f.write_str("nobody approved in time"),
            Self::CrashLoop { failed, threshold, reason } => {
                write!(f, "{failed} tasks died ({threshold} are too many): {reason}")
            }
            Self::NoProgress { waiting } => write!(f, "no progress for too long: {waiting}"),
            Self::Deadline => f.write_str("the overall deadline passed"),
            Self::HeldTooLong { reason } => write!(f, "held for too long: {reason}"),
            Self::CandidateGone => f.write_str("someone else removed the candidate"),
            Self::Delegated { reason } => write!(f, "ECS's own rolling update gave up: {reason}"),
            Self::Rejected { why } => write!(f, "a write was refused for good: {why}"),
        }
    }
}
