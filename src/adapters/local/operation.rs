//! The operations that are modelled.

use super::super::sim;
use super::super::sim::ApiError;
use super::api::Api;
use super::autoscaling;
use super::cloudwatch;
use super::ecs;
use super::elb;
use super::node::Node;
use super::params::Params;
use crate::ports::ErrorClass;

/// The names of an API's operations.
pub(super) const fn names(api: Api) -> &'static [&'static str] {
    match api {
        Api::Ecs => ecs::OPERATIONS,
        Api::Elb => elb::OPERATIONS,
        Api::AutoScaling => autoscaling::OPERATIONS,
        Api::CloudWatch => cloudwatch::OPERATIONS,
    }
}

/// The call that a request stands for.
///
/// # Errors
///
/// An operation that is not modelled, or parameters that do not fit.
pub(super) fn call(api: Api, name: &str, params: Params<'_>) -> Result<sim::Call, ApiError> {
    if !names(api).contains(&name) {
        return Err(unknown(api.prefix(), name, names(api)));
    }
    match api {
        Api::Ecs => ecs::call(name, params),
        Api::Elb => elb::call(name, params),
        Api::AutoScaling => autoscaling::call(name, params),
        Api::CloudWatch => cloudwatch::call(name, params),
    }
}

/// What an answer looks like to the one who sent this request.
pub(super) fn node(api: Api, name: &str, params: Params<'_>, answer: &sim::Answer) -> Node {
    match api {
        Api::Ecs => ecs::node(name, params, answer),
        Api::Elb => elb::node(name, params, answer),
        Api::AutoScaling => autoscaling::node(name, params, answer),
        Api::CloudWatch => cloudwatch::node(name, params, answer),
    }
}

/// The error for an operation that is not modelled. It names it, and those that are.
pub(super) fn unknown(service: &str, name: &str, modelled: &[&str]) -> ApiError {
    let known = if modelled.is_empty() {
        let services: Vec<&str> = Api::ALL.into_iter().map(Api::prefix).collect();
        format!("It models operations of {}.", services.join(", "))
    } else {
        format!("Of {service} it models {}.", modelled.join(", "))
    };
    let message = format!("{service}:{name} is not modelled by this local cloud. {known}");
    ApiError { code: "UnknownOperationException", message, class: ErrorClass::Invalid }
}
