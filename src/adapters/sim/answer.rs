//! What AWS answers.

use std::time::Duration;

use super::cloudwatch::CloudWatchAnswer;
use super::ecs_answer::EcsAnswer;
use super::elb::ElbAnswer;
use super::names::task_set_arn;
use super::rolling::RollingState;
use super::scalable_target::RegisteredTarget;
use super::scenario::Controller;
use super::service::Service;
use super::settings::Settings;
use super::task::StopCause;
use super::task::TargetHealth;
use super::task::TaskState;
use crate::model::Elapsed;
use crate::model::ListenerRuleArn;
use crate::model::Revision;
use crate::model::ScalePercent;
use crate::model::ServiceState;
use crate::model::Shared;
use crate::model::TargetGroupArn;
use crate::model::TaskSetId;
use crate::model::Timestamp;
use crate::ports::AlarmReading;
use crate::ports::AlarmTransition;

/// What AWS answers to a [`Call`](super::Call).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// Services; one that is not there is left out.
    Services(Vec<ServiceDescription>),
    /// Task sets.
    TaskSets(Vec<TaskSetDescription>),
    /// Tasks that have not stopped.
    Tasks(Vec<TaskDescription>),
    /// Stopped tasks, tallied by task set and cause.
    StoppedTasks(Vec<StoppedTally>),
    /// The targets of a group.
    Targets(Vec<TargetDescription>),
    /// Rules; one that is not there is left out.
    Rules(Vec<RuleDescription>),
    /// Alarms; one that is not there is left out.
    Alarms(Vec<AlarmReading>),
    /// Changes of state, oldest first.
    AlarmHistory(Vec<AlarmTransition>),
    /// Beginnings of minutes, each with its value.
    MetricData(Vec<(Timestamp, u64)>),
    /// What Elastic Load Balancing answers to other clients.
    Elb(ElbAnswer),
    /// What CloudWatch answers to other clients.
    CloudWatch(CloudWatchAnswer),
    /// Whatever else ECS answers.
    Ecs(EcsAnswer),
    /// Scalable targets.
    ScalableTargets(Vec<RegisteredTarget>),
    /// Done; nothing more to say.
    Done,
}

impl Answer {
    /// The same without its last item.
    pub(crate) fn without_last(mut self) -> Self {
        match &mut self {
            Self::Services(items) => {
                // a service lacks its last task set rather than being absent
                if let Some(service) = items.last_mut() {
                    service.task_sets.pop();
                }
            }
            Self::TaskSets(items) => drop(items.pop()),
            Self::Tasks(items) => drop(items.pop()),
            Self::StoppedTasks(items) => drop(items.pop()),
            Self::Targets(items) => drop(items.pop()),
            Self::Rules(items) => drop(items.pop()),
            Self::Alarms(items) => drop(items.pop()),
            Self::AlarmHistory(items) => drop(items.pop()),
            Self::MetricData(items) => drop(items.pop()),
            Self::Elb(answer) => answer.drop_last(),
            Self::CloudWatch(answer) => answer.drop_last(),
            Self::Ecs(answer) => answer.drop_last(),
            Self::ScalableTargets(items) => drop(items.pop()),
            Self::Done => {}
        }
        self
    }
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceDescription {
    /// Its status.
    pub status: ServiceState,
    /// Its controller.
    pub controller: Controller,
    /// `desiredCount`.
    pub desired: u32,
    /// Its task sets (`EXTERNAL`) or deployments (`ECS`), oldest first.
    pub task_sets: Vec<TaskSetDescription>,
    /// Everything else.
    pub service: Shared<Service>,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

/// A task set, or a deployment of the `ECS` controller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskSetDescription {
    /// Its service.
    pub service: Shared<Service>,
    /// Its number; its tasks say it too (`startedBy`).
    pub number: u32,
    /// Its id.
    pub id: TaskSetId,
    /// `externalId`.
    pub external_id: Option<String>,
    /// What it runs.
    pub revision: Revision,
    /// Its scale.
    pub scale: ScalePercent,
    /// `computedDesiredCount`.
    pub computed: u32,
    /// Whether it is `PRIMARY`.
    pub primary: bool,
    /// Whether it is `DRAINING`.
    pub draining: bool,
    /// `pendingCount`.
    pub pending: u32,
    /// `runningCount`.
    pub running: u32,
    /// Its target group.
    pub target_group: Option<TargetGroupArn>,
    /// `rolloutState`, with the `ECS` controller.
    pub rolling_state: Option<RollingState>,
    /// Whether `stabilityStatus` is `STEADY_STATE`.
    pub steady: bool,
    /// When this was read (`stabilityStatusAt`).
    pub at: Elapsed,
    /// `createdAt`.
    pub created_at: Elapsed,
    /// `updatedAt`.
    pub updated_at: Elapsed,
    /// `failedTasks`, of a deployment.
    pub failed: u32,
    /// What its creator gave beside.
    pub settings: Settings,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}

impl TaskSetDescription {
    /// Its ARN as a task set.
    pub fn arn(&self) -> String {
        task_set_arn(&self.service.id, &self.id)
    }
}

/// A task that has not stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskDescription {
    /// Its number.
    pub task: u64,
    /// Its task set's number.
    pub task_set: u32,
    /// `lastStatus`.
    pub state: TaskState,
    /// Its availability zone: 0, 1 or 2.
    pub zone: u8,
    /// Whether its container's own check passes.
    pub container_healthy: bool,
}

/// How many tasks of a set stopped for one cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoppedTally {
    /// The task set's number.
    pub task_set: u32,
    /// The cause.
    pub cause: StopCause,
    /// How many.
    pub count: u32,
}

/// A target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TargetDescription {
    /// The task behind it.
    pub task: u64,
    /// Its state.
    pub health: TargetHealth,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleDescription {
    /// Its ARN.
    pub arn: ListenerRuleArn,
    /// Whether it is for test traffic.
    pub test: bool,
    /// What it forwards to, with raw weights.
    pub forward: Vec<(TargetGroupArn, u16)>,
    /// How long a client sticks to a group; zero without stickiness.
    pub stickiness: Duration,
}
