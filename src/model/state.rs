//! Where a deployment is: what a crash must not lose and the world cannot tell.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::decision::RollbackCause;
use super::drain::Drain;
use super::id::GateId;
use super::id::HookId;
use super::id::TaskSetId;
use super::role::Direction;
use super::stage::Stage;
use super::status::Ending;
use super::status::Status;
use super::time::as_millis;
use super::verdict::GateMemory;
use super::weight::Weight;

/// Durations that only grow while somebody watches. A restart adds nothing to any of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Accrued {
    /// Watched time of the current bake.
    #[serde(with = "as_millis")]
    pub bake: Duration,
    /// Time this step held because something could not go on.
    #[serde(with = "as_millis")]
    pub held: Duration,
    /// Time since this step last made progress.
    #[serde(with = "as_millis")]
    pub stalled: Duration,
    /// How long the side that is to be removed has been read back without traffic.
    #[serde(with = "as_millis")]
    pub away: Duration,
    /// How long it has been asked meanwhile whether requests still reach it.
    #[serde(with = "as_millis", default)]
    pub asked: Duration,
    /// How long the traffic that the current stage moves has been read back where it is to be.
    #[serde(with = "as_millis", default)]
    pub shown: Duration,
}

/// Where a deployment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
#[non_exhaustive]
pub struct State {
    /// Forward or back.
    pub direction: Direction,
    /// The step's index.
    pub step: usize,
    /// The stage.
    pub stage: Stage,
    /// Why it turned back.
    pub cause: Option<RollbackCause>,
    /// Whether the point of no return is behind.
    pub committed: bool,
    /// Whether an operator paused it.
    pub paused: bool,
    /// Whether an operator asked to skip the bakes and approvals that are left.
    pub promoted: bool,
    /// Whether the current approval was given.
    pub approved: bool,
    /// The hook that runs now.
    pub hook: Option<HookId>,
    /// The hooks that have answered at this stage.
    pub hooks_done: Vec<HookId>,
    /// Accrued times.
    pub accrued: Accrued,
    /// The requests that still reach the side that is to be removed, as far as that is known.
    #[serde(default, skip_serializing_if = "Drain::is_untold")]
    pub drain: Drain,
    /// The best measure of progress that this step has reached.
    pub high_water: u32,
    /// Whether the candidate has been seen.
    pub launched: bool,
    /// What the platform calls the last deployment that was handed to it.
    pub delegation: Option<TaskSetId>,
    /// The last candidate weight that was ours and read back; drift is measured from it.
    pub weight: Weight,
    /// What gates asked to remember.
    pub memories: BTreeMap<GateId, GateMemory>,
    /// How it ended.
    pub ending: Option<Ending>,
}

impl Default for State {
    /// A deployment that has not begun.
    fn default() -> Self {
        Self {
            direction: Direction::Forward,
            step: 0,
            stage: Stage::Reconcile,
            cause: None,
            committed: false,
            paused: false,
            promoted: false,
            approved: false,
            hook: None,
            hooks_done: Vec::new(),
            accrued: Accrued::default(),
            drain: Drain::Untold,
            high_water: 0,
            launched: false,
            delegation: None,
            weight: Weight::ZERO,
            memories: BTreeMap::new(),
            ending: None,
        }
    }
}

impl State {
    /// The status an observer is told.
    pub fn status(&self) -> Status {
        match (&self.ending, self.direction, self.stage) {
            (Some(ending), _, _) => ending.status(),
            (None, Direction::Rollback, _) => Status::RollbackInProgress,
            (None, Direction::Forward, Stage::Reconcile) => Status::Pending,
            (None, Direction::Forward, _) => Status::InProgress,
        }
    }
}
