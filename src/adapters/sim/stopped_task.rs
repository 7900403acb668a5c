//! A task that stopped.

use std::time::Duration;

use super::settings::Settings;
use super::task::StopCause;
use super::task::Task;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::TargetGroupArn;
use crate::model::TaskSetId;

/// A task that stopped; it can be described for an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoppedTask {
    /// The task as it was.
    pub task: Task,
    /// Its task set or deployment.
    pub set: TaskSetId,
    /// What it ran.
    pub revision: Revision,
    /// `launchType` and so on.
    pub settings: Settings,
    /// Why it stopped.
    pub cause: StopCause,
    /// What whoever stopped it gave as a reason.
    pub given: Option<String>,
    /// The target group whose checks it failed.
    pub group: Option<TargetGroupArn>,
    /// When.
    pub at: Elapsed,
}

impl StoppedTask {
    /// How long ECS goes on describing it.
    pub const KEPT: Duration = Duration::from_hours(1);

    /// ECS's `stoppedReason`.
    pub fn reason(&self) -> String {
        match (self.cause, &self.given, &self.group) {
            (StopCause::Stopped, Some(given), _) => given.clone(),
            (StopCause::FailedHealthChecks, _, Some(group)) => {
                format!("Task failed ELB health checks in (target-group {group})")
            }
            (StopCause::ScaledIn, ..) => {
                format!("Scaling activity initiated by (deployment {})", self.set)
            }
            (cause, ..) => cause.reason().to_owned(),
        }
    }

    /// The exit code of its containers; none where they never ran.
    pub const fn exit_code(&self) -> Option<i64> {
        self.cause.exit_code()
    }
}
