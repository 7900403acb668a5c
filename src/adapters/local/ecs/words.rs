//! What many ECS answers have in common.

use super::super::super::sim::Settings;
use super::super::super::sim::World;
use super::super::node::Node;
use super::super::params::Params;
use crate::model::Elapsed;
use crate::model::ServiceId;
use crate::model::Timestamp;

/// A moment of the world as AWS's clock shows it.
pub(super) fn time(at: Elapsed) -> Node {
    let since = World::BEGINS.as_millis().saturating_add(at.as_millis());
    Node::Time(Timestamp::from_millis(since))
}

/// Tags as ECS writes them.
pub(super) fn tags(tags: &[(String, String)]) -> Node {
    let tag = |(key, value): &(String, String)| {
        Node::map().with("key", Node::text(key)).with("value", Node::text(value))
    };
    Node::list(tags.iter().map(tag))
}

/// Whether a request asks for this to be included.
pub(super) fn includes(params: Params<'_>, what: &str) -> bool {
    params.texts("include").is_ok_and(|asked| asked.contains(&what))
}

/// The members with these names, as they were given.
pub(super) fn echo(mut node: Node, settings: &Settings, names: &[&str]) -> Node {
    for name in names {
        node = node.with_some(name, settings.get(name).map(Node::from));
    }
    node
}

/// A list as it was given, or an empty one.
pub(super) fn list(settings: &Settings, name: &str) -> Node {
    settings.get(name).map_or_else(|| Node::list([]), Node::from)
}

/// The ARN of something that ECS names by this path.
pub(super) fn arn(kind: &str, path: &str) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:{kind}/{path}")
}

/// The ARN of a service's cluster.
pub(super) fn cluster_arn(service: &ServiceId) -> Node {
    Node::Text(arn("cluster", &service.cluster))
}

/// The ARN of a service.
pub(super) fn service_arn(service: &ServiceId) -> Node {
    Node::Text(arn("service", &service.to_string()))
}

/// `failures`: those asked for that are not there.
pub(super) fn missing(arns: impl Iterator<Item = String>) -> Node {
    Node::list(
        arns.map(|arn| {
            Node::map().with("arn", Node::Text(arn)).with("reason", Node::text("MISSING"))
        }),
    )
}
