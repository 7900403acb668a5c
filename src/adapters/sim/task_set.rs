//! Task sets.

use std::time::Duration;

use super::names;
use super::settings::Settings;
use super::task::StopCause;
use super::task::Task;
use super::task::TaskState;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ScalePercent;
use crate::model::ServiceId;
use crate::model::TaskSetId;

/// A task set with its tasks, or one deployment of the `ECS` controller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskSet {
    /// Its number, unique in the world.
    pub number: u32,
    /// Its id, `ecs-svc/…`.
    pub id: TaskSetId,
    /// The caller's own name for it.
    pub external_id: Option<String>,
    /// What its tasks run.
    pub revision: Revision,
    /// Its scale.
    pub scale: ScalePercent,
    /// `computedDesiredCount`.
    pub computed: u32,
    /// Its target group, an index into [`State::groups`](super::State).
    pub group: Option<usize>,
    /// `containerPort`: where its tasks' targets listen.
    pub port: u16,
    /// Whether it is being deleted.
    pub draining: bool,
    /// Its tasks that have not stopped.
    pub tasks: Vec<Task>,
    /// Its stopped tasks by cause, with their number.
    pub stopped: Vec<(StopCause, u32)>,
    /// When it was created.
    pub created_at: Elapsed,
    /// When a call last changed it.
    pub updated_at: Elapsed,
    /// What its creator gave beside (`networkConfiguration`, `launchType` and so on).
    pub settings: Settings,
    /// The service revision that it carries: the number of the first deployment that did.
    pub service_revision: u32,
    /// Index of its revision in [`State::revisions`](super::State).
    pub(super) behaviour: usize,
    /// Tasks that failed since one last became healthy.
    pub(super) consecutive_failures: u32,
    /// No task is launched before this time: the scheduler backs off from a crash loop.
    pub(super) launch_after: Elapsed,
    /// When the scheduler looks again because it could not launch.
    pub(super) retry_at: Elapsed,
    /// Whether the scheduler is due to look at it.
    pub(super) scheduled: bool,
}

impl TaskSet {
    /// How long a task without a load balancer runs until a rolling update counts it as healthy.
    pub(super) const PROVEN: Duration = Duration::from_secs(40);

    /// Its ARN, as a task set of this service.
    pub fn arn(&self, service: &ServiceId) -> String {
        names::task_set_arn(service, &self.id)
    }

    /// `STEADY_STATE`: as many tasks run as should, none starts, and all are healthy.
    pub fn is_steady(&self) -> bool {
        self.running() == self.computed && self.pending() == 0 && self.healthy() == self.computed
    }

    /// Tasks that failed since one last became healthy (`failedTasks`).
    pub const fn failed_in_a_row(&self) -> u32 {
        self.consecutive_failures
    }

    /// Tasks that run.
    pub fn running(&self) -> u32 {
        self.count(|task| task.state == TaskState::Running)
    }

    /// Tasks that start.
    pub fn pending(&self) -> u32 {
        self.count(|task| matches!(task.state, TaskState::Provisioning | TaskState::Pending))
    }

    /// Tasks that are meant to go on.
    pub fn live(&self) -> u32 {
        self.count(Task::is_live)
    }

    /// Tasks with a healthy target; without a load balancer, those that run and are not broken.
    pub fn healthy(&self) -> u32 {
        if self.group.is_some() {
            self.count(Task::is_healthy_target)
        } else {
            self.count(|task| task.state == TaskState::Running && !task.broken)
        }
    }

    /// Tasks that a rolling update counts as healthy: without a load balancer only those that have run
    /// for [`Self::PROVEN`].
    pub(super) fn proven(&self, now: Elapsed) -> u32 {
        if self.group.is_some() {
            return self.healthy();
        }
        self.count(|task| {
            let since = task.running_since.filter(|_| task.state == TaskState::Running);
            !task.broken && since.is_some_and(|since| now.since(since) >= Self::PROVEN)
        })
    }

    /// Whether a task without a load balancer begins to count at this very moment.
    pub(super) fn has_just_proven(&self, now: Elapsed) -> bool {
        let since =
            |task: &Task| task.running_since.is_some_and(|it| it.after(Self::PROVEN) == now);
        self.group.is_none() && self.tasks.iter().any(|task| since(task) && !task.broken)
    }

    /// Tasks that stopped by their own or their revision's fault.
    pub fn failed(&self) -> u32 {
        self.stopped.iter().filter(|(cause, _)| cause.is_failure()).map(|(_, count)| count).sum()
    }

    /// Goes on under another number, as a new deployment of the same revision.
    pub(super) fn begin_again(&mut self, number: u32, now: Elapsed) {
        self.number = number;
        self.id = names::task_set(number);
        (self.created_at, self.updated_at) = (now, now);
        self.consecutive_failures = 0;
        (self.launch_after, self.retry_at) = (Elapsed::default(), Elapsed::default());
        // what the agenda holds for it names the old number
        self.scheduled = false;
    }

    fn count(&self, which: impl Fn(&Task) -> bool) -> u32 {
        self.tasks.iter().map(|task| u32::from(which(task))).sum()
    }
}
