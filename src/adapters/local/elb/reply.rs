//! Answers of Elastic Load Balancing.

use serde_json::Value;

use super::super::super::sim::Answer;
use super::super::super::sim::ElbAnswer;
use super::super::node::Node;
use super::super::params::Params;
use super::attributes::list;
use crate::model::Timestamp;

/// What a request that the world answered so is answered with.
pub(crate) fn node(operation: &str, params: Params<'_>, answer: &Answer) -> Node {
    let Answer::Elb(answer) = answer else { return Node::map() };
    let described = operation.starts_with("Describe");
    match answer {
        ElbAnswer::LoadBalancers(items) => {
            page("LoadBalancers", items.iter().map(balancer).collect(), params)
        }
        ElbAnswer::TargetGroups(items) => {
            page("TargetGroups", items.iter().map(Node::from).collect(), params)
        }
        ElbAnswer::Listeners(items) => {
            page("Listeners", items.iter().map(Node::from).collect(), params)
        }
        ElbAnswer::Rules(items) => page("Rules", items.iter().map(Node::from).collect(), params),
        ElbAnswer::TargetHealth(items) => {
            Node::map().with("TargetHealthDescriptions", Node::list(items.iter().map(Node::from)))
        }
        ElbAnswer::Attributes(pairs) => Node::map().with("Attributes", list(pairs)),
        ElbAnswer::Tags(items) if described => {
            let items = items.iter().map(|(arn, tags)| {
                Node::map().with("ResourceArn", Node::text(arn)).with("Tags", list(tags))
            });
            Node::map().with("TagDescriptions", Node::list(items))
        }
        _ => Node::map(),
    }
}

/// A load balancer; its time is no number.
fn balancer(shown: &Value) -> Node {
    let members = shown.as_object().into_iter().flatten().map(|(name, value)| {
        let time = (name == "CreatedTime").then(|| value.as_u64()).flatten();
        let node = time
            .map_or_else(|| Node::from(value), |millis| Node::Time(Timestamp::from_millis(millis)));
        (name.clone(), node)
    });
    Node::Map(members.collect())
}

/// One page of a list. The marker is the number of items before it.
fn page(name: &str, items: Vec<Node>, params: Params<'_>) -> Node {
    let size = params.count("PageSize").ok().flatten().and_then(|size| usize::try_from(size).ok());
    let size = size.unwrap_or(400);
    let marker = params.text("Marker").ok().flatten();
    let from: usize = marker.and_then(|marker| marker.parse().ok()).unwrap_or(0);
    let more = items.len() > from.saturating_add(size);
    let page = Node::list(items.into_iter().skip(from).take(size));
    let next = more.then(|| Node::text((from + size).to_string()));
    Node::map().with(name, page).with_some("NextMarker", next)
}
