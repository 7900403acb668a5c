//! Calls to ECS that only those make who build or look into an account.

use super::call_kind::CallKind;
use super::scenario::Controller;
use super::settings::Settings;
use crate::model::ServiceId;
use crate::model::Timestamp;

/// A call to ECS that only those make who build or look into an account. Lists are answered whole;
/// whoever speaks the protocol cuts pages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are the parameters of the same name")]
#[non_exhaustive]
pub enum EcsCall {
    /// Creates a cluster, or answers with the one of that name.
    CreateCluster { name: String, settings: Settings },
    /// These clusters; one that is not there is left out.
    DescribeClusters { names: Vec<String> },
    /// The ARNs of all clusters.
    ListClusters,
    /// Deletes a cluster that holds nothing.
    DeleteCluster { name: String },
    /// Registers the next revision of a family.
    RegisterTaskDefinition { document: Settings },
    /// Makes a revision `INACTIVE`.
    DeregisterTaskDefinition { definition: String },
    /// One revision; the newest active one where only a family is named.
    DescribeTaskDefinition { definition: String },
    /// The ARNs of revisions.
    ListTaskDefinitions { family: Option<String>, active: bool, descending: bool },
    /// The families that begin so, and have an active revision or none.
    ListTaskDefinitionFamilies { prefix: Option<String>, active: Option<bool> },
    /// Creates a service; everything else is in its settings.
    CreateService {
        service: ServiceId,
        controller: Controller,
        desired_count: u32,
        task_definition: Option<String>,
        client_token: Option<String>,
        settings: Settings,
    },
    /// The ARNs of a cluster's services that are not gone.
    ListServices { cluster: String, launch_type: Option<String> },
    /// The ARNs of a cluster's tasks: those meant to run, or those stopped in the last hour.
    ListTasks {
        cluster: String,
        service: Option<String>,
        family: Option<String>,
        started_by: Option<String>,
        stopped: bool,
    },
    /// These tasks, by ARN or id; one that is not there is left out.
    DescribeTasks { cluster: String, tasks: Vec<String> },
    /// Stops a task.
    StopTask { cluster: String, task: String, reason: Option<String> },
    /// A service's deployments with one of these statuses (all where none is given), newest first.
    ListServiceDeployments {
        service: ServiceId,
        statuses: Vec<String>,
        after: Option<Timestamp>,
        before: Option<Timestamp>,
    },
    /// These service deployments; one that is not there is left out.
    DescribeServiceDeployments { arns: Vec<String> },
    /// These service revisions; one that is not there is left out.
    DescribeServiceRevisions { arns: Vec<String> },
    /// Stops a service deployment by going back.
    StopServiceDeployment { arn: String },
    /// Adds tags to a resource.
    TagResource { arn: String, tags: Vec<(String, String)> },
    /// Takes tags from a resource.
    UntagResource { arn: String, keys: Vec<String> },
    /// A resource's tags.
    ListTagsForResource { arn: String },
}

impl EcsCall {
    /// Which operation it is.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::CreateCluster { .. } => CallKind::CreateCluster,
            Self::DescribeClusters { .. } => CallKind::DescribeClusters,
            Self::ListClusters => CallKind::ListClusters,
            Self::DeleteCluster { .. } => CallKind::DeleteCluster,
            Self::RegisterTaskDefinition { .. } => CallKind::RegisterTaskDefinition,
            Self::DeregisterTaskDefinition { .. } => CallKind::DeregisterTaskDefinition,
            Self::DescribeTaskDefinition { .. } => CallKind::DescribeTaskDefinition,
            Self::ListTaskDefinitions { .. } => CallKind::ListTaskDefinitions,
            Self::ListTaskDefinitionFamilies { .. } => CallKind::ListTaskDefinitionFamilies,
            Self::CreateService { .. } => CallKind::CreateService,
            Self::ListServices { .. } => CallKind::ListServices,
            Self::ListTasks { .. } => CallKind::ListTasks,
            Self::DescribeTasks { .. } => CallKind::DescribeTasks,
            Self::StopTask { .. } => CallKind::StopTask,
            Self::ListServiceDeployments { .. } => CallKind::ListServiceDeployments,
            Self::DescribeServiceDeployments { .. } => CallKind::DescribeServiceDeployments,
            Self::DescribeServiceRevisions { .. } => CallKind::DescribeServiceRevisions,
            Self::StopServiceDeployment { .. } => CallKind::StopServiceDeployment,
            Self::TagResource { .. } => CallKind::TagResource,
            Self::UntagResource { .. } => CallKind::UntagResource,
            Self::ListTagsForResource { .. } => CallKind::ListTagsForResource,
        }
    }
}
