//! Application Auto Scaling: requests to calls, answers to nodes.

use super::super::sim::Answer;
use super::super::sim::ApiError;
use super::super::sim::Call;
use super::super::sim::RegisteredTarget;
use super::super::sim::ScalingCall;
use super::super::sim::World;
use super::node::Node;
use super::page;
use super::page::Page;
use super::params::Params;
use crate::model::ServiceId;
use crate::model::Timestamp;

/// Every operation of Application Auto Scaling that is simulated.
pub(crate) const OPERATIONS: &[&str] =
    &["DeregisterScalableTarget", "DescribeScalableTargets", "RegisterScalableTarget"];

fn validation(message: &str) -> ApiError {
    ApiError::refused("ValidationException", message)
}

/// What a request calls.
///
/// # Errors
///
/// A parameter that is missing or of the wrong shape, another namespace or dimension than that of ECS
/// services, or an operation that is not in [`OPERATIONS`].
pub(crate) fn call(operation: &str, params: Params<'_>) -> Result<Call, ApiError> {
    let call = match operation {
        "RegisterScalableTarget" => register(params)?,
        "DescribeScalableTargets" => describe(params)?,
        "DeregisterScalableTarget" => {
            ScalingCall::DeregisterScalableTarget { service: service(params)? }
        }
        _ => {
            return Err(validation(&format!(
                "The simulated Application Auto Scaling does not know the operation {operation}."
            )));
        }
    };
    Ok(Call::Scaling(call))
}

fn check_namespace(params: Params<'_>) -> Result<(), ApiError> {
    let namespace = given(params, "ServiceNamespace")?;
    let dimension = params.text("ScalableDimension")?.unwrap_or(DIMENSION);
    if namespace == "ecs" && dimension == DIMENSION {
        return Ok(());
    }
    Err(validation(&format!(
        "Unsupported service namespace, resource type or scalable dimension: {namespace}, {dimension}"
    )))
}

const DIMENSION: &str = "ecs:service:DesiredCount";

fn given<'a>(params: Params<'a>, name: &str) -> Result<&'a str, ApiError> {
    params.text(name)?.ok_or_else(|| validation(&format!("{name} must be given")))
}

fn resource(id: &str) -> Result<ServiceId, ApiError> {
    let parts: Vec<&str> = id.split('/').collect();
    let wrong = || validation(&format!("Invalid resource ID: {id}"));
    let ["service", cluster, service] = parts.as_slice() else { return Err(wrong()) };
    ServiceId::new(*cluster, *service).map_err(|_| wrong())
}

fn service(params: Params<'_>) -> Result<ServiceId, ApiError> {
    check_namespace(params)?;
    given(params, "ScalableDimension")?;
    resource(given(params, "ResourceId")?)
}

fn register(params: Params<'_>) -> Result<ScalingCall, ApiError> {
    let suspended = params.map("SuspendedState");
    let member = |name| suspended.map(|it| it.truth(name)).transpose().map(Option::flatten);
    Ok(ScalingCall::RegisterScalableTarget {
        service: service(params)?,
        minimum: params.count("MinCapacity")?,
        maximum: params.count("MaxCapacity")?,
        role: params.text("RoleARN")?.map(str::to_owned),
        scale_in_suspended: member("DynamicScalingInSuspended")?,
        scale_out_suspended: member("DynamicScalingOutSuspended")?,
        scheduled_suspended: member("ScheduledScalingSuspended")?,
    })
}

fn describe(params: Params<'_>) -> Result<ScalingCall, ApiError> {
    check_namespace(params)?;
    page::check_page(params, "MaxResults", "NextToken", 50)?;
    let ids = params.texts("ResourceIds")?;
    let services = ids.into_iter().map(resource).collect::<Result<_, _>>()?;
    Ok(ScalingCall::DescribeScalableTargets { services })
}

/// How an answer is written.
pub(crate) fn node(operation: &str, params: Params<'_>, answer: &Answer) -> Node {
    let Answer::ScalableTargets(targets) = answer else { return Node::map() };
    if operation == "RegisterScalableTarget" {
        let arn = targets.first().map(|target| Node::Text(target.arn()));
        return Node::map().with_some("ScalableTargetARN", arn);
    }
    let token = params.text("NextToken").ok().flatten();
    let all = targets.iter().map(target).collect();
    let page = Page::cut(all, token, page::size(params, "MaxResults", 50));
    Node::map()
        .with("ScalableTargets", Node::List(page.items))
        .with_some("NextToken", page.next.map(Node::Text))
}

fn target(known: &RegisteredTarget) -> Node {
    let target = &known.target;
    let suspended = target.suspended;
    let state = Node::map()
        .with("DynamicScalingInSuspended", Node::Bool(suspended.scale_in))
        .with("DynamicScalingOutSuspended", Node::Bool(suspended.scale_out))
        .with("ScheduledScalingSuspended", Node::Bool(suspended.scheduled));
    let role = known.role.as_deref().unwrap_or(ROLE);
    let created = World::BEGINS.as_millis().saturating_add(known.created_at.as_millis());
    Node::map()
        .with("ServiceNamespace", Node::text("ecs"))
        .with("ResourceId", Node::Text(known.resource()))
        .with("ScalableDimension", Node::text(DIMENSION))
        .with("MinCapacity", Node::count(target.minimum))
        .with("MaxCapacity", Node::count(target.maximum))
        .with("RoleARN", Node::text(role))
        .with("CreationTime", Node::Time(Timestamp::from_millis(created)))
        .with("SuspendedState", state)
        .with("ScalableTargetARN", Node::Text(known.arn()))
}

/// The role that AWS makes for it.
const ROLE: &str = "arn:aws:iam::123456789012:role/aws-service-role/\
                    ecs.application-autoscaling.amazonaws.com/\
                    AWSServiceRoleForApplicationAutoScaling_ECSService";
