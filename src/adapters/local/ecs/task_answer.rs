//! Tasks as ECS writes them.

use serde_json::Value;

use super::super::super::sim::EcsAnswer;
use super::super::super::sim::StoppedTask;
use super::super::super::sim::TaskDetail;
use super::super::super::sim::TaskState;
use super::super::node::Node;
use super::super::params::Params;
use super::ids;
use super::words;

/// An answer that holds tasks.
pub(super) fn tasks(operation: &str, params: Params<'_>, answer: &EcsAnswer) -> Node {
    let EcsAnswer::Tasks(tasks) = answer else { return Node::map() };
    if operation == "StopTask" {
        return Node::map().with_some("task", tasks.first().map(|detail| task(detail, true)));
    }
    let tagged = words::includes(params, "TAGS");
    let asked = params.texts("tasks").unwrap_or_default();
    let cluster = ids::cluster(params).unwrap_or("default");
    let there: Vec<String> = tasks.iter().map(|detail| detail.task.arn(cluster)).collect();
    let arns = asked.into_iter().map(|name| {
        let path = format!("{cluster}/{name}");
        if name.starts_with("arn:") { name.to_owned() } else { words::arn("task", &path) }
    });
    let gone = arns.filter(|arn| !there.contains(arn));
    Node::map()
        .with("tasks", Node::list(tasks.iter().map(|detail| task(detail, tagged))))
        .with("failures", words::missing(gone))
}

/// The identifier of a task's network interface.
fn attachment(detail: &TaskDetail) -> String {
    format!("00000000-0000-4000-9000-{:012x}", detail.task.number)
}

fn last_status(detail: &TaskDetail) -> &'static str {
    match (&detail.stopped, detail.task.state) {
        (Some(_), _) => "STOPPED",
        (None, TaskState::Provisioning) => "PROVISIONING",
        (None, TaskState::Pending) => "PENDING",
        (None, TaskState::Deactivating) => "DEACTIVATING",
        (None, _) => "RUNNING",
    }
}

/// What the containers' own checks say.
fn health(detail: &TaskDetail) -> &'static str {
    let runs = detail.task.running_since.is_some() && detail.stopped.is_none();
    match (detail.checked && runs, detail.task.broken) {
        (false, _) => "UNKNOWN",
        (true, true) => "UNHEALTHY",
        (true, false) => "HEALTHY",
    }
}

fn task(detail: &TaskDetail, tagged: bool) -> Node {
    let (task, document) = (&detail.task, &detail.definition.document);
    let cluster = &detail.service.cluster;
    let going = detail.stopped.is_some() || !task.is_live();
    let own = detail.definition.revision.task_definition();
    let node = Node::map()
        .with("taskArn", Node::Text(task.arn(cluster)))
        .with("clusterArn", words::cluster_arn(&detail.service))
        .with("taskDefinitionArn", Node::text(own.as_str()))
        .with("group", Node::Text(format!("service:{}", detail.service.service)))
        .with("startedBy", Node::text(detail.set.as_str()))
        .with("lastStatus", Node::text(last_status(detail)))
        .with("desiredStatus", Node::text(if going { "STOPPED" } else { "RUNNING" }))
        .with("healthStatus", Node::text(health(detail)))
        .with("availabilityZone", Node::text(task.availability_zone()))
        .with("connectivity", Node::text("CONNECTED"))
        .with("createdAt", words::time(task.created_at))
        .with_some("startedAt", task.running_since.map(words::time))
        .with("version", Node::Int(1))
        .with("attachments", Node::list([interface(detail)]))
        .with(
            "containers",
            Node::list(detail.definition.containers().map(|it| container(detail, it))),
        );
    let node = words::echo(node, document, &["cpu", "memory", "ephemeralStorage"]);
    let node = words::echo(node, &detail.settings, &["launchType", "platformVersion"]);
    ending(node, detail).with_some("tags", tagged.then(|| words::tags(&detail.tags)))
}

fn ending(node: Node, detail: &TaskDetail) -> Node {
    let Some(stopped) = &detail.stopped else { return node };
    node.with("stopCode", Node::text(stopped.cause.code()))
        .with("stoppedReason", Node::Text(stopped.reason()))
        .with("stoppingAt", words::time(stopped.at))
        .with("stoppedAt", words::time(stopped.at))
}

fn interface(detail: &TaskDetail) -> Node {
    let pair = |name: &str, value: String| {
        Node::map().with("name", Node::text(name)).with("value", Node::Text(value))
    };
    let task = &detail.task;
    let status = match last_status(detail) {
        "PROVISIONING" => "PRECREATED",
        "STOPPED" => "DELETED",
        _ => "ATTACHED",
    };
    let details = [
        pair("subnetId", subnet(detail)),
        pair("networkInterfaceId", format!("eni-{:017x}", task.number)),
        pair("privateIPv4Address", task.address().to_string()),
    ];
    Node::map()
        .with("id", Node::Text(attachment(detail)))
        .with("type", Node::text("ElasticNetworkInterface"))
        .with("status", Node::text(status))
        .with("details", Node::list(details))
}

/// The subnet of a task's zone: the service's subnets in turn.
fn subnet(detail: &TaskDetail) -> String {
    let network = detail.settings.get("networkConfiguration");
    let subnets = network.and_then(|it| it.get("awsvpcConfiguration")?.get("subnets")?.as_array());
    let given = subnets.filter(|subnets| !subnets.is_empty());
    let chosen = given.and_then(|subnets| {
        let index = usize::from(detail.task.zone).checked_rem(subnets.len())?;
        subnets.get(index)?.as_str()
    });
    chosen.map_or_else(|| format!("subnet-0{}", detail.task.zone), str::to_owned)
}

fn container(detail: &TaskDetail, given: &Value) -> Node {
    let text = |name| given.get(name).and_then(Value::as_str).unwrap_or_default();
    let task = &detail.task;
    let cluster = &detail.service.cluster;
    let id = format!("{}/{}", task.arn(cluster).rsplit('/').next().unwrap_or(""), text("name"));
    let address = Node::map()
        .with("attachmentId", Node::Text(attachment(detail)))
        .with("privateIpv4Address", Node::Text(task.address().to_string()));
    let essential = given.get("essential").and_then(Value::as_bool).unwrap_or(true);
    let stopped = detail.stopped.as_ref();
    let code = stopped.filter(|_| essential).and_then(StoppedTask::exit_code);
    let pull = stopped.filter(|stopped| stopped.exit_code().is_none());
    let status = match last_status(detail) {
        "PROVISIONING" | "PENDING" => "PENDING",
        "STOPPED" => "STOPPED",
        _ => "RUNNING",
    };
    Node::map()
        .with("containerArn", Node::Text(words::arn("container", &format!("{cluster}/{id}"))))
        .with("taskArn", Node::Text(task.arn(cluster)))
        .with("name", Node::text(text("name")))
        .with("image", Node::text(text("image")))
        .with("lastStatus", Node::text(status))
        .with("healthStatus", Node::text(health(detail)))
        .with_some("exitCode", code.map(Node::Int))
        .with_some("reason", pull.map(|stopped| Node::Text(stopped.reason())))
        .with("networkBindings", Node::list([]))
        .with("networkInterfaces", Node::list([address]))
}
