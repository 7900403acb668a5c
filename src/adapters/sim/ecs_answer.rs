//! What ECS answers to those who build or look into an account.

use super::cluster::ClusterDescription;
use super::definition::Definition;
use super::service_deployment::ServiceDeploymentDescription;
use super::service_deployment::ServiceRevisionDescription;
use super::settings::Settings;
use super::stopped_task::StoppedTask;
use super::task::Task;
use crate::model::ServiceId;
use crate::model::TaskSetId;

/// What ECS answers to an [`EcsCall`](super::EcsCall).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EcsAnswer {
    /// ARNs, or families.
    Names(Vec<String>),
    /// Clusters.
    Clusters(Vec<ClusterDescription>),
    /// A revision of a task definition.
    Definition(Box<Definition>),
    /// Tasks, stopped ones too.
    Tasks(Vec<TaskDetail>),
    /// Service deployments.
    ServiceDeployments(Vec<ServiceDeploymentDescription>),
    /// Service revisions.
    ServiceRevisions(Vec<ServiceRevisionDescription>),
    /// Tags.
    Tags(Vec<(String, String)>),
}

impl EcsAnswer {
    /// Takes the last item away.
    pub(super) fn drop_last(&mut self) {
        match self {
            Self::Names(items) => drop(items.pop()),
            Self::Clusters(items) => drop(items.pop()),
            Self::Tasks(items) => drop(items.pop()),
            Self::ServiceDeployments(items) => drop(items.pop()),
            Self::ServiceRevisions(items) => drop(items.pop()),
            Self::Tags(items) => drop(items.pop()),
            Self::Definition(_) => {}
        }
    }
}

/// A task with what it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskDetail {
    /// The task.
    pub task: Task,
    /// Its end, if it stopped.
    pub stopped: Option<StoppedTask>,
    /// Its service.
    pub service: ServiceId,
    /// Its task set or deployment (`startedBy`).
    pub set: TaskSetId,
    /// What it runs.
    pub definition: Definition,
    /// `launchType` and so on.
    pub settings: Settings,
    /// Whether a container has a check of its own.
    pub checked: bool,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}
