//! What each operation needs of IAM.

use super::super::sdk::Operation;

/// What a statement is about. IAM knows resources for some actions only; the rest need `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reach {
    /// Everything: the action knows no resources.
    Everything,
    /// Everything in the cluster, by a condition.
    Cluster,
    /// The service, and its pair.
    Services,
    /// The services' task sets.
    TaskSets,
    /// The services and their deployments.
    ServiceDeployments,
    /// The services and their revisions.
    ServiceRevisions,
    /// The cluster's tasks.
    Tasks,
    /// The cluster's container instances.
    Instances,
    /// The revisions of the family.
    Family,
    /// The listener rules.
    Rules,
    /// The listeners whose default actions are meant.
    Listeners,
    /// Both.
    RulesAndListeners,
    /// The alarms.
    Alarms,
    /// The scalable targets of services' desired counts, by a condition: their names are made up by AWS.
    ScalableTargets,
}

/// When a deployment needs an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// Always.
    Always,
    /// With task sets.
    TaskSets,
    /// With services that ECS keeps: a pair, or one in place.
    Services,
    /// With one service in place.
    InPlace,
    /// Where tasks run on instances and share their addresses.
    Instances,
    /// Where a revision is to be registered.
    Registration,
    /// Behind a load balancer.
    Balanced,
    /// Where traffic is weighted by rules or default actions.
    Routed,
    /// Where traffic is weighted by rules.
    Rules,
    /// Where traffic is weighted by default actions.
    Listeners,
    /// With alarms.
    Alarms,
    /// Where gates read metrics, or requests are counted before a side is removed.
    Metrics,
    /// Where it is to be known whether autoscaling is there.
    Scaling,
    /// Where autoscaling is held.
    HeldScaling,
}

/// What an operation acts on, and when it is called.
pub(super) const fn access(operation: Operation) -> (Reach, Need) {
    match operation {
        Operation::DescribeServices => (Reach::Services, Need::Always),
        Operation::DescribeTaskSets
        | Operation::CreateTaskSet
        | Operation::UpdateTaskSet
        | Operation::DeleteTaskSet => (Reach::TaskSets, Need::TaskSets),
        Operation::UpdateServicePrimaryTaskSet => (Reach::Services, Need::TaskSets),
        Operation::UpdateService => (Reach::Services, Need::Services),
        Operation::ListServiceDeployments => (Reach::Services, Need::InPlace),
        Operation::DescribeServiceDeployments => (Reach::ServiceDeployments, Need::InPlace),
        Operation::DescribeServiceRevisions => (Reach::ServiceRevisions, Need::InPlace),
        Operation::ListTasks => (Reach::Cluster, Need::Always),
        Operation::DescribeTasks => (Reach::Tasks, Need::Always),
        Operation::DescribeContainerInstances => (Reach::Instances, Need::Instances),
        Operation::DescribeTaskDefinition => (Reach::Everything, Need::Always),
        Operation::ListTaskDefinitions => (Reach::Everything, Need::Registration),
        Operation::RegisterTaskDefinition => (Reach::Family, Need::Registration),
        Operation::DescribeTargetGroups
        | Operation::DescribeTargetGroupAttributes
        | Operation::DescribeTargetHealth => (Reach::Everything, Need::Balanced),
        Operation::DescribeListeners | Operation::DescribeRules | Operation::DescribeTags => {
            (Reach::Everything, Need::Routed)
        }
        Operation::ModifyRule => (Reach::Rules, Need::Rules),
        Operation::ModifyListener => (Reach::Listeners, Need::Listeners),
        Operation::AddTags => (Reach::RulesAndListeners, Need::Routed),
        // with less than everything composite alarms are not answered
        Operation::DescribeAlarms => (Reach::Everything, Need::Alarms),
        Operation::DescribeAlarmHistory => (Reach::Alarms, Need::Alarms),
        // it has no resources to name
        Operation::GetMetricData => (Reach::Everything, Need::Metrics),
        Operation::DescribeScalableTargets => (Reach::Everything, Need::Scaling),
        Operation::RegisterScalableTarget => (Reach::ScalableTargets, Need::HeldScaling),
    }
}
