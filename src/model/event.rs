//! What happens, for whoever watches.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::command::Intent;
use super::command::Outcome;
use super::decision::HoldReason;
use super::decision::RollbackCause;
use super::drain::Drain;
use super::grounds::Grounds;
use super::grounds::Measure;
use super::hook_spec::HookKey;
use super::hook_spec::HookResult;
use super::id::DeploymentId;
use super::id::GateId;
use super::proof::Proof;
use super::record::GateReading;
use super::record::Operator;
use super::role::Direction;
use super::role::Role;
use super::shared::Shared;
use super::stage::Stage;
use super::status::Ending;
use super::status::Status;
use super::time::Timestamp;
use super::time::as_millis;
use super::verdict::Verdict;
use super::weight::Weight;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Event {
    /// When, by the wall clock.
    pub at: Timestamp,
    /// In which deployment.
    pub deployment: DeploymentId,
    /// What.
    #[serde(flatten)]
    pub kind: EventKind,
}

impl Event {
    /// One thing that happened.
    pub const fn new(at: Timestamp, deployment: DeploymentId, kind: EventKind) -> Self {
        Self { at, deployment, kind }
    }
}

/// What happened. As JSON, `event` names the kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A new deployment began.
    Started,
    /// Another process took a deployment up again.
    Resumed,
    /// A stage was entered.
    Stage {
        /// Which way.
        direction: Direction,
        /// The step's index.
        step: usize,
        /// The stage.
        stage: Stage,
    },
    /// Something visible changed: counts, weights, accrued times, what it waits for.
    Progress(Shared<Progress>),
    /// A gate's answer changed.
    Gate {
        /// Which.
        gate: GateId,
        /// Its answer.
        verdict: Verdict,
    },
    /// Nothing goes on, for a new reason.
    Holding {
        /// Why.
        reason: HoldReason,
    },
    /// A bake is over that compared the candidate with stable: before its time, since that was shown to be
    /// safe, or with insufficient evidence.
    BakeEnded {
        /// The step's index.
        step: usize,
        /// How much of it was watched.
        #[serde(with = "as_millis")]
        watched: Duration,
        /// How much it was to be.
        #[serde(with = "as_millis")]
        bake: Duration,
        /// What the gates that compare show, by the one that is furthest from safe.
        proof: Proof,
    },
    /// A write is sent.
    Writing {
        /// What.
        intent: Intent,
    },
    /// A write was answered.
    Written {
        /// What.
        intent: Intent,
        /// What is known of it.
        outcome: Outcome,
    },
    /// A hook is called.
    HookCalled {
        /// Which run.
        key: HookKey,
    },
    /// A hook answered.
    HookAnswered {
        /// Which run.
        key: HookKey,
        /// What.
        result: HookResult,
    },
    /// A look failed, for another reason than the one before.
    Blind {
        /// What the world could not be read for.
        why: String,
    },
    /// What is known of the requests that still reach the side that is to be removed changed.
    Drain {
        /// Which side.
        role: Role,
        /// What is known.
        requests: Drain,
    },
    /// Someone else changed what is ours to set.
    Drift {
        /// What differs.
        what: String,
    },
    /// An operator's request was taken.
    Accepted {
        /// Which.
        request: Operator,
    },
    /// An operator's request was refused.
    Refused {
        /// Which.
        request: Operator,
        /// Why, and what to do instead.
        why: String,
    },
    /// The deployment turned back.
    RollbackStarted {
        /// Why.
        cause: RollbackCause,
    },
    /// The point of no return.
    Committed,
    /// It ended. Always the last one.
    Finished {
        /// In ECS's words.
        status: Status,
        /// How.
        ending: Ending,
        /// Why it turned back, if it did.
        cause: Option<RollbackCause>,
    },
}

/// Where a deployment is, complete enough to draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// In ECS's words.
    pub status: Status,
    /// Forward or back.
    pub direction: Direction,
    /// The step's index.
    pub step: usize,
    /// How many steps there are.
    pub steps: usize,
    /// The stage.
    pub stage: Stage,
    /// The candidate's weight as read back; none without a load balancer or while rules disagree.
    pub weight: Option<Weight>,
    /// Desired tasks now.
    pub desired: u32,
    /// Stable's tasks.
    pub stable: RoleProgress,
    /// The candidate's tasks.
    pub candidate: RoleProgress,
    /// Watched time of the current bake.
    #[serde(with = "as_millis")]
    pub baked: Duration,
    /// How much the bake needs; zero outside a bake.
    #[serde(with = "as_millis")]
    pub bake: Duration,
    /// The gates' last answers.
    pub gates: Vec<GateState>,
    /// What it waits for, and since when it cannot go on.
    pub waiting: Option<HoldReason>,
    /// What happens next when nothing goes wrong.
    pub next: String,
    /// Why it turned back, if it did.
    pub cause: Option<RollbackCause>,
}

impl Progress {
    /// Where a deployment of so many steps is before anything is known.
    pub fn unknown(status: Status, steps: usize) -> Self {
        Self {
            status,
            direction: Direction::Forward,
            step: 0,
            steps,
            stage: Stage::Reconcile,
            weight: None,
            desired: 0,
            stable: RoleProgress::default(),
            candidate: RoleProgress::default(),
            baked: Duration::ZERO,
            bake: Duration::ZERO,
            gates: Vec::new(),
            waiting: None,
            next: String::new(),
            cause: None,
        }
    }
}

/// One role's tasks, in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "three counts")]
pub struct RoleProgress {
    /// How many there should be.
    pub target: u32,
    /// How many run.
    pub running: u32,
    /// How many are healthy.
    pub healthy: u32,
}

/// A gate's last answer and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GateState {
    /// Which.
    pub gate: GateId,
    /// Its answer; none before the first.
    pub verdict: Option<Verdict>,
    /// What it shows of the candidate against stable; none where nothing is compared.
    #[serde(default)]
    pub proof: Option<Proof>,
    /// The numbers behind it, each with its bound.
    #[serde(default)]
    pub measures: Shared<Vec<Measure>>,
    /// What would change it.
    #[serde(default)]
    pub turns: Option<String>,
}

impl GateState {
    /// A gate that has not answered.
    pub fn silent(gate: GateId) -> Self {
        Self { gate, verdict: None, proof: None, measures: Shared::default(), turns: None }
    }

    /// A gate that has.
    pub fn of(reading: &GateReading) -> Self {
        let Grounds { measures, turns, .. } = &reading.grounds;
        let (gate, verdict) = (reading.gate.clone(), Some(reading.verdict.clone()));
        let proof = reading.proof;
        Self { gate, verdict, proof, measures: measures.clone(), turns: turns.clone() }
    }
}
