//! Which ECS operations there are, and where each is read and answered.

use super::super::super::sim::Answer;
use super::super::super::sim::ApiError;
use super::super::super::sim::Call;
use super::super::node::Node;
use super::super::params::Params;
use super::account_answer;
use super::account_request;
use super::service_answer;
use super::service_request;
use super::task_answer;

/// Every operation of ECS that is simulated.
pub(crate) const OPERATIONS: &[&str] = &[
    "CreateCluster",
    "CreateService",
    "CreateTaskSet",
    "DeleteCluster",
    "DeleteService",
    "DeleteTaskSet",
    "DeregisterTaskDefinition",
    "DescribeClusters",
    "DescribeServiceDeployments",
    "DescribeServiceRevisions",
    "DescribeServices",
    "DescribeTaskDefinition",
    "DescribeTaskSets",
    "DescribeTasks",
    "ListClusters",
    "ListServiceDeployments",
    "ListServices",
    "ListTagsForResource",
    "ListTaskDefinitionFamilies",
    "ListTaskDefinitions",
    "ListTasks",
    "RegisterTaskDefinition",
    "StopServiceDeployment",
    "StopTask",
    "TagResource",
    "UntagResource",
    "UpdateService",
    "UpdateServicePrimaryTaskSet",
    "UpdateTaskSet",
];

/// What a request calls.
///
/// # Errors
///
/// A parameter that is missing or of the wrong shape, or an operation that is not in [`OPERATIONS`].
pub(crate) fn call(operation: &str, params: Params<'_>) -> Result<Call, ApiError> {
    if let Some(call) = service_request::read(operation, params) {
        return call;
    }
    if let Some(call) = account_request::read(operation, params) {
        return call.map(Call::Ecs);
    }
    Err(ApiError::refused(
        "UnsupportedFeatureException",
        format!("The simulated ECS does not know the operation {operation}."),
    ))
}

/// How an answer is written.
pub(crate) fn node(operation: &str, params: Params<'_>, answer: &Answer) -> Node {
    match answer {
        Answer::Services(services) => service_answer::services(operation, params, services),
        Answer::TaskSets(sets) => service_answer::task_sets(operation, params, sets),
        Answer::Ecs(answer) => match operation {
            "DescribeTasks" | "StopTask" => task_answer::tasks(operation, params, answer),
            _ => account_answer::write(operation, params, answer),
        },
        _ => match (operation, params.text("serviceDeploymentArn")) {
            ("StopServiceDeployment", Ok(Some(arn))) => {
                Node::map().with("serviceDeploymentArn", Node::text(arn))
            }
            _ => Node::map(),
        },
    }
}
