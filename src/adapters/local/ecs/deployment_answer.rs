//! Deployments, service deployments and service revisions as ECS writes them.

use super::super::super::sim::DeploymentStatus;
use super::super::super::sim::Service;
use super::super::super::sim::ServiceDeployment;
use super::super::super::sim::ServiceDeploymentDescription;
use super::super::super::sim::ServiceDescription;
use super::super::super::sim::ServiceRevision;
use super::super::super::sim::ServiceRevisionDescription;
use super::super::super::sim::TaskSetDescription;
use super::super::node::Node;
use super::words;
use crate::model::ServiceId;

/// How a deployment runs its tasks, as it was given.
const ECHOED: &[&str] =
    &["networkConfiguration", "launchType", "capacityProviderStrategy", "platformVersion"];

/// `deployments`: the primary one first, then the newest.
pub(super) fn deployments(described: &ServiceDescription) -> Node {
    let mut sets: Vec<&TaskSetDescription> = described.task_sets.iter().collect();
    sets.sort_by_key(|set| (!set.primary, std::cmp::Reverse(set.number)));
    Node::list(sets.into_iter().map(|set| deployment(&described.service, set)))
}

fn deployment(service: &Service, set: &TaskSetDescription) -> Node {
    let (state, reason) = progress(service, set);
    let node = Node::map()
        .with("id", Node::text(set.id.as_str()))
        .with("status", Node::text(if set.primary { "PRIMARY" } else { "ACTIVE" }))
        .with("taskDefinition", Node::text(set.revision.task_definition().as_str()))
        .with("desiredCount", Node::count(wanted(service, set)))
        .with("pendingCount", Node::count(set.pending))
        .with("runningCount", Node::count(set.running))
        .with("failedTasks", Node::count(set.failed))
        .with("createdAt", words::time(set.created_at))
        .with("updatedAt", words::time(set.updated_at))
        .with("rolloutState", Node::text(state))
        .with("rolloutStateReason", Node::Text(reason));
    words::echo(node, &set.settings, ECHOED)
}

/// What a deployment is to reach: the primary one everything, another what is left to it now.
fn wanted(service: &Service, set: &TaskSetDescription) -> u32 {
    if set.primary { service.desired } else { set.computed }
}

/// ECS's state of a deployment, and its reason.
fn progress(service: &Service, set: &TaskSetDescription) -> (&'static str, String) {
    let id = &set.id;
    let done = ("COMPLETED", format!("ECS deployment {id} completed."));
    let Some(deployment) = service.deployment_of(set.number) else { return done };
    let ongoing = ("IN_PROGRESS", format!("ECS deployment {id} in progress."));
    if deployment.set != set.number {
        // it is the way back
        return if deployment.status == DeploymentStatus::RollbackSuccessful {
            done
        } else {
            ongoing
        };
    }
    match (deployment.failed, &deployment.way_back, deployment.status) {
        (true, Some(back), _) => {
            let to = service.sets.iter().find(|set| set.number == back.set);
            let to = to.map(|set| set.id.to_string()).unwrap_or_default();
            let who = if back.reason.contains("circuit breaker") {
                "ECS deployment circuit breaker"
            } else {
                "ECS deployment stopped"
            };
            ("FAILED", format!("{who}: rolling back to deploymentId {to}."))
        }
        (true, None, _) => {
            ("FAILED", "ECS deployment circuit breaker: tasks failed to start.".to_owned())
        }
        (false, _, DeploymentStatus::Successful) => done,
        (false, ..) => ongoing,
    }
}

/// The newest service deployment and the service revisions that have tasks.
pub(super) fn current(node: Node, described: &ServiceDescription) -> Node {
    let service = &*described.service;
    let newest = service.deployments.last();
    let mut numbers: Vec<u32> = service.sets.iter().map(|set| set.service_revision).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let revisions = numbers.into_iter().map(|number| {
        let sets = || service.sets.iter().filter(move |set| set.service_revision == number);
        let counts = [
            sets().map(|set| set.computed).sum(),
            sets().map(super::super::super::sim::TaskSet::running).sum(),
            sets().map(super::super::super::sim::TaskSet::pending).sum(),
        ];
        summary(&service.id, number, counts)
    });
    node.with_some("currentServiceDeployment", newest.map(|it| Node::Text(it.arn(&service.id))))
        .with("currentServiceRevisions", Node::list(revisions))
}

fn summary(service: &ServiceId, number: u32, [requested, running, pending]: [u32; 3]) -> Node {
    Node::map()
        .with("arn", Node::Text(ServiceRevision::arn(service, number)))
        .with("requestedTaskCount", Node::count(requested))
        .with("runningTaskCount", Node::count(running))
        .with("pendingTaskCount", Node::count(pending))
}

/// A service deployment in a list of them.
pub(super) fn brief(described: &ServiceDeploymentDescription) -> Node {
    let deployment = &described.deployment;
    let target = ServiceRevision::arn(&described.service, deployment.target);
    common(described).with("targetServiceRevisionArn", Node::Text(target))
}

/// What a service deployment's short and long form have in common.
fn common(described: &ServiceDeploymentDescription) -> Node {
    let (service, deployment) = (&described.service, &described.deployment);
    let reason = Some(&deployment.reason).filter(|reason| !reason.is_empty());
    Node::map()
        .with("serviceDeploymentArn", Node::Text(deployment.arn(service)))
        .with("serviceArn", words::service_arn(service))
        .with("clusterArn", words::cluster_arn(service))
        .with("createdAt", words::time(deployment.created_at))
        .with("startedAt", words::time(deployment.created_at))
        .with_some("finishedAt", deployment.finished_at.map(words::time))
        .with("status", Node::text(deployment.status.name()))
        .with_some("statusReason", reason.map(Node::text))
}

/// A service deployment in full.
pub(super) fn service_deployment(described: &ServiceDeploymentDescription) -> Node {
    let (service, deployment) = (&described.service, &described.deployment);
    let revision = |number: u32| {
        let counts = described.counts.iter().find(|(of, _)| *of == number);
        summary(service, number, counts.map(|(_, counts)| *counts).unwrap_or_default())
    };
    let stopped = Some(deployment).filter(|it| it.status == DeploymentStatus::Stopped);
    let configuration = Node::Map(
        deployment
            .configuration
            .members()
            .map(|(name, value)| (name.to_owned(), Node::from(value)))
            .collect(),
    );
    let back = deployment.way_back.as_ref().map(|back| {
        Node::map()
            .with("reason", Node::text(&back.reason))
            .with("startedAt", words::time(back.started_at))
            .with("serviceRevisionArn", Node::Text(ServiceRevision::arn(service, back.revision)))
    });
    common(described)
        .with_some("stoppedAt", stopped.and_then(|it| it.finished_at).map(words::time))
        .with("updatedAt", words::time(deployment.updated_at))
        .with(
            "sourceServiceRevisions",
            Node::list(deployment.sources.iter().map(|number| revision(*number))),
        )
        .with("targetServiceRevision", revision(deployment.target))
        .with("deploymentConfiguration", configuration)
        .with_some("rollback", back)
        .with("deploymentCircuitBreaker", breaker(deployment))
        .with("alarms", Node::map().with("status", Node::text("DISABLED")))
}

fn breaker(deployment: &ServiceDeployment) -> Node {
    let configured = deployment.configuration.get("deploymentCircuitBreaker");
    let enabled = configured.and_then(|it| it.get("enable")).and_then(serde_json::Value::as_bool);
    let status = match (enabled == Some(true), deployment.failed) {
        (false, _) => "DISABLED",
        (true, true) => "TRIGGERED",
        (true, false) if deployment.status.is_running() => "MONITORING",
        (true, false) => "MONITORING_COMPLETE",
    };
    Node::map()
        .with("status", Node::text(status))
        .with("failureCount", Node::count(deployment.failures))
        .with("threshold", Node::count(deployment.threshold))
}

/// A service revision.
pub(super) fn service_revision(described: &ServiceRevisionDescription) -> Node {
    let (service, revision) = (&described.service, &described.revision);
    let images = described.images.iter().map(|(name, image)| {
        Node::map().with("containerName", Node::text(name)).with("image", Node::text(image))
    });
    let node = Node::map()
        .with("serviceRevisionArn", Node::Text(ServiceRevision::arn(service, revision.number)))
        .with("serviceArn", words::service_arn(service))
        .with("clusterArn", words::cluster_arn(service))
        .with("taskDefinition", Node::text(revision.revision.task_definition().as_str()))
        .with("loadBalancers", words::list(&revision.settings, "loadBalancers"))
        .with("serviceRegistries", words::list(&revision.settings, "serviceRegistries"))
        .with("containerImages", Node::list(images))
        .with("guardDutyEnabled", Node::Bool(false))
        .with("createdAt", words::time(revision.created_at));
    words::echo(node, &revision.settings, ECHOED)
}
