//! Services and task sets as ECS writes them.

use super::super::super::sim::Controller;
use super::super::super::sim::Service;
use super::super::super::sim::ServiceDescription;
use super::super::super::sim::ServiceEvent;
use super::super::super::sim::TaskSetDescription;
use super::super::node::Node;
use super::super::params::Params;
use super::deployment_answer;
use super::ids;
use super::words;
use crate::model::Revision;
use crate::model::ServiceState;

/// What a task set says of how its tasks run; with `EXTERNAL` the service says it after its primary.
const MIRRORED: &[&str] =
    &["networkConfiguration", "launchType", "capacityProviderStrategy", "platformVersion"];

/// Members that a service gives back as they were given.
const ECHOED: &[&str] =
    &["deploymentConfiguration", "healthCheckGracePeriodSeconds", "availabilityZoneRebalancing"];

/// An answer that holds services.
pub(super) fn services(
    operation: &str,
    params: Params<'_>,
    services: &[ServiceDescription],
) -> Node {
    if operation != "DescribeServices" {
        let service = services.first().map(|described| service(described, true));
        return Node::map().with_some("service", service);
    }
    let tagged = words::includes(params, "TAGS");
    let asked = params.texts("services").unwrap_or_default();
    let asked = asked.into_iter().filter_map(|name| ids::named(params, name).ok());
    let gone = asked.filter(|id| !services.iter().any(|found| found.service.id == *id));
    let gone: Vec<String> = gone.map(|id| words::arn("service", &id.to_string())).collect();
    Node::map()
        .with("services", Node::list(services.iter().map(|described| service(described, tagged))))
        .with("failures", words::missing(gone.into_iter()))
}

fn service(described: &ServiceDescription, tagged: bool) -> Node {
    let service = &*described.service;
    let status = match described.status {
        ServiceState::Active => "ACTIVE",
        ServiceState::Draining => "DRAINING",
        ServiceState::Gone => "INACTIVE",
    };
    let controller = match described.controller {
        Controller::External => "EXTERNAL",
        Controller::CodeDeploy => "CODE_DEPLOY",
        _ => "ECS",
    };
    let sum = |count: fn(&TaskSetDescription) -> u32| {
        Node::count(described.task_sets.iter().map(count).sum::<u32>())
    };
    let node = Node::map()
        .with("serviceArn", Node::Text(service.arn()))
        .with("serviceName", Node::text(&service.id.service))
        .with("clusterArn", words::cluster_arn(&service.id))
        .with("status", Node::text(status))
        .with("desiredCount", Node::count(described.desired))
        .with("runningCount", sum(|set| set.running))
        .with("pendingCount", sum(|set| set.pending))
        .with("schedulingStrategy", Node::text("REPLICA"))
        .with("deploymentController", Node::map().with("type", Node::text(controller)))
        .with("createdAt", words::time(service.created_at))
        .with("placementConstraints", words::list(&service.settings, "placementConstraints"))
        .with("placementStrategy", words::list(&service.settings, "placementStrategy"))
        .with("enableECSManagedTags", truth(service, "enableECSManagedTags"))
        .with("enableExecuteCommand", truth(service, "enableExecuteCommand"))
        .with("events", Node::list(service.events.iter().rev().map(event)));
    let tags_from = service.settings.get("propagateTags").map(Node::from);
    let node = words::echo(node, &service.settings, ECHOED)
        .with("propagateTags", tags_from.unwrap_or_else(|| Node::text("NONE")))
        .with_some("roleArn", service.settings.get("role").map(Node::from));
    let node = if described.controller == Controller::Ecs {
        of_deployments(node, described)
    } else {
        of_task_sets(node, described)
    };
    node.with_some("tags", tagged.then(|| words::tags(&described.tags)))
}

fn truth(service: &Service, name: &str) -> Node {
    Node::Bool(service.settings.get(name).and_then(serde_json::Value::as_bool).unwrap_or(false))
}

fn event(event: &ServiceEvent) -> Node {
    Node::map()
        .with("id", Node::Text(format!("00000000-0000-4000-8000-{:012x}", event.number)))
        .with("createdAt", words::time(event.at))
        .with("message", Node::text(&*event.message))
}

/// What a service with the `ECS` controller says.
fn of_deployments(node: Node, described: &ServiceDescription) -> Node {
    let service = &*described.service;
    let definition = service.primary_revision().map(Revision::task_definition);
    let node = node
        .with("loadBalancers", words::list(&service.settings, "loadBalancers"))
        .with("serviceRegistries", words::list(&service.settings, "serviceRegistries"))
        .with_some("taskDefinition", definition.map(|arn| Node::text(arn.as_str())))
        .with("deployments", deployment_answer::deployments(described))
        .with("taskSets", Node::list([]));
    let node = words::echo(node, &service.settings, MIRRORED);
    deployment_answer::current(node, described)
}

/// What a service with task sets says: much of it after its primary task set.
fn of_task_sets(node: Node, described: &ServiceDescription) -> Node {
    let primary = described.task_sets.iter().find(|set| set.primary);
    let settings = primary.map(|set| set.settings.clone()).unwrap_or_default();
    let definition = primary.map(|set| set.revision.task_definition());
    let node = node
        .with("loadBalancers", words::list(&settings, "loadBalancers"))
        .with("serviceRegistries", words::list(&settings, "serviceRegistries"))
        .with_some("taskDefinition", definition.map(|arn| Node::text(arn.as_str())))
        .with("deployments", Node::list([]))
        .with("taskSets", Node::list(described.task_sets.iter().map(|set| task_set(set, true))));
    words::echo(node, &settings, MIRRORED)
}

/// An answer that holds task sets.
pub(super) fn task_sets(operation: &str, params: Params<'_>, sets: &[TaskSetDescription]) -> Node {
    if operation != "DescribeTaskSets" {
        return Node::map().with_some("taskSet", sets.first().map(|set| task_set(set, true)));
    }
    let tagged = words::includes(params, "TAGS");
    let asked = params.texts("taskSets").unwrap_or_default();
    let found = |name: &str| sets.iter().any(|set| set.id.as_str() == name || set.arn() == name);
    let gone = asked.into_iter().filter(|name| !found(name)).map(str::to_owned);
    Node::map()
        .with("taskSets", Node::list(sets.iter().map(|set| task_set(set, tagged))))
        .with("failures", words::missing(gone))
}

fn task_set(set: &TaskSetDescription, tagged: bool) -> Node {
    let status = match (set.draining, set.primary) {
        (true, _) => "DRAINING",
        (false, true) => "PRIMARY",
        (false, false) => "ACTIVE",
    };
    let steady = if set.steady { "STEADY_STATE" } else { "STABILIZING" };
    let scale = Node::map()
        .with("value", Node::Float(percent(set.scale.as_millionths())))
        .with("unit", Node::text("PERCENT"));
    let node = Node::map()
        .with("id", Node::text(set.id.as_str()))
        .with("taskSetArn", Node::Text(set.arn()))
        .with("serviceArn", words::service_arn(&set.service.id))
        .with("clusterArn", words::cluster_arn(&set.service.id))
        .with_some("externalId", set.external_id.as_ref().map(Node::text))
        .with("status", Node::text(status))
        .with("taskDefinition", Node::text(set.revision.task_definition().as_str()))
        .with("computedDesiredCount", Node::count(set.computed))
        .with("pendingCount", Node::count(set.pending))
        .with("runningCount", Node::count(set.running))
        .with("createdAt", words::time(set.created_at))
        .with("updatedAt", words::time(set.updated_at))
        .with("loadBalancers", words::list(&set.settings, "loadBalancers"))
        .with("serviceRegistries", words::list(&set.settings, "serviceRegistries"))
        .with("scale", scale)
        .with("stabilityStatus", Node::text(steady))
        .with("stabilityStatusAt", words::time(set.at));
    words::echo(node, &set.settings, MIRRORED)
        .with_some("tags", tagged.then(|| words::tags(&set.tags)))
}

/// Millionths of a percent as percents.
fn percent(millionths: u64) -> f64 {
    f64::from(u32::try_from(millionths).unwrap_or(u32::MAX)) / 1_000_000.0
}
