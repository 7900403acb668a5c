//! Clusters, task definitions, lists and tags as ECS writes them.

use super::super::super::sim::ClusterDescription;
use super::super::super::sim::Definition;
use super::super::super::sim::EcsAnswer;
use super::super::node::Node;
use super::super::page;
use super::super::page::Page;
use super::super::params::Params;
use super::deployment_answer;
use super::ids;
use super::words;

/// An answer about anything but services, task sets and tasks.
pub(super) fn write(operation: &str, params: Params<'_>, answer: &EcsAnswer) -> Node {
    match answer {
        EcsAnswer::Names(names) => names_of(operation, params, names),
        EcsAnswer::Clusters(clusters) => clusters_of(operation, params, clusters),
        EcsAnswer::Definition(definition) => definition_of(operation, params, definition),
        EcsAnswer::Tags(tags) => Node::map().with("tags", words::tags(tags)),
        EcsAnswer::ServiceDeployments(deployments) if operation == "ListServiceDeployments" => {
            let all = deployments.iter().map(deployment_answer::brief).collect();
            paged(params, "serviceDeployments", all, 20)
        }
        EcsAnswer::ServiceDeployments(deployments) => {
            let all: Vec<Node> =
                deployments.iter().map(deployment_answer::service_deployment).collect();
            let there: Vec<String> =
                deployments.iter().map(|it| it.deployment.arn(&it.service)).collect();
            described("serviceDeployments", all, missing(params, "serviceDeploymentArns", &there))
        }
        EcsAnswer::ServiceRevisions(revisions) => {
            let all: Vec<Node> =
                revisions.iter().map(deployment_answer::service_revision).collect();
            let arn = super::super::super::sim::ServiceRevision::arn;
            let there: Vec<String> =
                revisions.iter().map(|it| arn(&it.service, it.revision.number)).collect();
            described("serviceRevisions", all, missing(params, "serviceRevisionArns", &there))
        }
        EcsAnswer::Tasks(_) => Node::map(),
    }
}

fn described(name: &str, items: Vec<Node>, failures: Node) -> Node {
    Node::map().with(name, Node::List(items)).with("failures", failures)
}

fn missing(params: Params<'_>, asked: &str, there: &[String]) -> Node {
    let asked = params.texts(asked).unwrap_or_default();
    let gone = asked.into_iter().filter(|arn| !there.iter().any(|there| there == arn));
    words::missing(gone.map(str::to_owned))
}

/// One page of a list.
fn paged(params: Params<'_>, name: &str, items: Vec<Node>, unless: u32) -> Node {
    let token = params.text("nextToken").ok().flatten();
    let page = Page::cut(items, token, page::size(params, "maxResults", unless));
    Node::map().with(name, Node::List(page.items)).with_some("nextToken", page.next.map(Node::Text))
}

fn names_of(operation: &str, params: Params<'_>, names: &[String]) -> Node {
    let (member, unless) = match operation {
        "ListClusters" => ("clusterArns", 100),
        "ListServices" => ("serviceArns", 10),
        "ListTasks" => ("taskArns", 100),
        "ListTaskDefinitionFamilies" => ("families", 100),
        _ => ("taskDefinitionArns", 100),
    };
    paged(params, member, names.iter().map(Node::text).collect(), unless)
}

fn clusters_of(operation: &str, params: Params<'_>, clusters: &[ClusterDescription]) -> Node {
    if operation != "DescribeClusters" {
        return Node::map().with_some("cluster", clusters.first().map(|it| cluster(it, true)));
    }
    let tagged = words::includes(params, "TAGS");
    let asked = params.texts("clusters").unwrap_or_default();
    let found = |name: &str| clusters.iter().any(|it| it.cluster.name == ids::last(name));
    let gone = asked.into_iter().filter(|name| !found(name));
    let gone = gone.map(|name| words::arn("cluster", ids::last(name)));
    described(
        "clusters",
        clusters.iter().map(|it| cluster(it, tagged)).collect(),
        words::missing(gone),
    )
}

fn cluster(described: &ClusterDescription, tagged: bool) -> Node {
    let cluster = &described.cluster;
    let node = Node::map()
        .with("clusterArn", Node::Text(cluster.arn()))
        .with("clusterName", Node::text(&cluster.name))
        .with("status", Node::text(if cluster.active { "ACTIVE" } else { "INACTIVE" }))
        .with("registeredContainerInstancesCount", Node::Int(0))
        .with("runningTasksCount", Node::count(described.running))
        .with("pendingTasksCount", Node::count(described.pending))
        .with("activeServicesCount", Node::count(described.services))
        .with("statistics", Node::list([]))
        .with("settings", words::list(&cluster.settings, "settings"))
        .with("capacityProviders", words::list(&cluster.settings, "capacityProviders"))
        .with(
            "defaultCapacityProviderStrategy",
            words::list(&cluster.settings, "defaultCapacityProviderStrategy"),
        );
    words::echo(node, &cluster.settings, &["configuration", "serviceConnectDefaults"])
        .with_some("tags", tagged.then(|| words::tags(&described.tags)))
}

fn definition_of(operation: &str, params: Params<'_>, definition: &Definition) -> Node {
    let tagged = operation == "RegisterTaskDefinition" || words::includes(params, "TAGS");
    Node::map()
        .with("taskDefinition", document(definition))
        .with_some("tags", tagged.then(|| words::tags(&definition.tags)))
}

/// A task definition: the document as it was given, with what ECS adds.
fn document(definition: &Definition) -> Node {
    let arn = definition.revision.task_definition();
    let members = definition.document.members();
    let mut node = Node::map()
        .with("taskDefinitionArn", Node::text(arn.as_str()))
        .with("revision", Node::count(arn.revision_number()))
        .with("status", Node::text(if definition.active { "ACTIVE" } else { "INACTIVE" }))
        .with("registeredAt", words::time(definition.registered_at))
        .with_some("deregisteredAt", definition.deregistered_at.map(words::time))
        .with("registeredBy", Node::text("arn:aws:iam::123456789012:root"))
        .with(
            "compatibilities",
            Node::list(definition.compatibilities().into_iter().map(Node::Text)),
        );
    for (name, value) in members {
        node = node.with(name, Node::from(value));
    }
    for list in ["volumes", "placementConstraints"] {
        if definition.document.get(list).is_none() {
            node = node.with(list, Node::list([]));
        }
    }
    node
}
