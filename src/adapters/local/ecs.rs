//! Interim.

use super::super::sim::Answer;
use super::super::sim::ApiError;
use super::super::sim::Call;
use super::node::Node;
use super::params::Params;
use crate::model::ServiceId;

pub(super) const OPERATIONS: &[&str] = &["DescribeServices", "UpdateService"];

pub(super) fn call(operation: &str, params: Params<'_>) -> Result<Call, ApiError> {
    let id = |name: &str| {
        ServiceId::new(params.required("cluster")?, name)
            .map_err(|error| ApiError::invalid(error.to_string()))
    };
    if operation == "DescribeServices" {
        let services = params.texts("services")?;
        let first = services.first().ok_or_else(|| ApiError::invalid("services"))?;
        return Ok(Call::DescribeServices { services: vec![id(first)?] });
    }
    Ok(Call::UpdateService {
        service: id(params.required("service")?)?,
        desired_count: params.count("desiredCount")?,
        task_definition: None,
        force: false,
        settings: super::super::sim::Settings::new(params.value()),
        minimum_healthy_percent: None,
        maximum_percent: None,
    })
}

pub(super) fn node(operation: &str, _: Params<'_>, answer: &Answer) -> Node {
    let Answer::Services(services) = answer else { return Node::map() };
    let services = services.iter().map(|service| {
        Node::map()
            .with("serviceName", Node::text("web"))
            .with("desiredCount", Node::count(service.desired))
    });
    let list: Vec<Node> = services.collect();
    if operation == "DescribeServices" {
        return Node::map().with("services", Node::list(list)).with("failures", Node::list([]));
    }
    Node::map().with_some("service", list.into_iter().next())
}
