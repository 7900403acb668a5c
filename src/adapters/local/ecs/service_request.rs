//! Requests about services and task sets.

use super::super::super::sim::ApiError;
use super::super::super::sim::Call;
use super::super::super::sim::Controller;
use super::super::super::sim::EcsCall;
use super::super::super::sim::ScalePercent;
use super::super::super::sim::Settings;
use super::super::params::Params;
use super::ids;
use crate::model::TargetGroupArn;
use crate::model::TaskSetId;

/// What a request about services or task sets calls; none where it is about something else.
pub(super) fn read(operation: &str, params: Params<'_>) -> Option<Result<Call, ApiError>> {
    Some(match operation {
        "CreateService" => create_service(params).map(Call::Ecs),
        "UpdateService" => update_service(params),
        "DeleteService" => delete_service(params),
        "DescribeServices" => describe_services(params),
        "CreateTaskSet" => create_task_set(params),
        "UpdateTaskSet" => update_task_set(params),
        "DeleteTaskSet" => delete_task_set(params),
        "DescribeTaskSets" => describe_task_sets(params),
        "UpdateServicePrimaryTaskSet" => set_primary(params),
        _ => return None,
    })
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn create_service(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let service = ids::service(params, "serviceName")?;
    let controller =
        params.map("deploymentController").map(|it| it.required("type")).transpose()?;
    let controller = match controller {
        None | Some("ECS") => Controller::Ecs,
        Some("EXTERNAL") => Controller::External,
        Some("CODE_DEPLOY") => Controller::CodeDeploy,
        Some(other) => {
            return Err(ApiError::invalid(format!("Unknown deployment controller {other}.")));
        }
    };
    let task_definition = owned(params.text("taskDefinition")?);
    Ok(EcsCall::CreateService {
        service,
        controller,
        desired_count: params.count("desiredCount")?.unwrap_or(0),
        task_definition,
        client_token: owned(params.text("clientToken")?),
        settings: Settings::new(params.value()),
    })
}

fn update_service(params: Params<'_>) -> Result<Call, ApiError> {
    if params.map("deploymentController").is_some() {
        return Err(ApiError::refused(
            "UnsupportedFeatureException",
            "The simulated ECS does not change a service's deployment controller.",
        ));
    }
    let configuration = params.map("deploymentConfiguration");
    let percent = |name| configuration.map(|it| it.count(name)).transpose().map(Option::flatten);
    Ok(Call::UpdateService {
        service: ids::service(params, "service")?,
        desired_count: params.count("desiredCount")?,
        task_definition: owned(params.text("taskDefinition")?),
        force: params.truth("forceNewDeployment")?.unwrap_or(false),
        minimum_healthy_percent: percent("minimumHealthyPercent")?,
        maximum_percent: percent("maximumPercent")?,
        settings: Settings::new(params.value()),
    })
}

fn delete_service(params: Params<'_>) -> Result<Call, ApiError> {
    let force = params.truth("force")?.unwrap_or(false);
    Ok(Call::DeleteService { service: ids::service(params, "service")?, force })
}

fn describe_services(params: Params<'_>) -> Result<Call, ApiError> {
    let names = ids::some(params, "services", 10)?;
    let services = names.iter().map(|name| ids::named(params, name)).collect::<Result<_, _>>()?;
    Ok(Call::DescribeServices { services })
}

fn scale(params: Params<'_>) -> Result<Option<ScalePercent>, ApiError> {
    let Some(scale) = params.map("scale") else { return Ok(None) };
    if scale.text("unit")?.is_some_and(|unit| unit != "PERCENT") {
        return Err(ApiError::invalid("The scale's unit must be PERCENT."));
    }
    let value = scale.float("value")?.unwrap_or(0.0);
    let out_of_range = || ApiError::invalid("The scale's value must be between 0 and 100.");
    millionths(value).and_then(ScalePercent::millionths).ok_or_else(out_of_range).map(Some)
}

/// Percents in whole millionths; none where there are no such percents.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the bounds are checked; ECS keeps no more than six decimals"
)]
fn millionths(percent: f64) -> Option<u64> {
    (0.0..=100.0).contains(&percent).then(|| (percent * 1_000_000.0).round() as u64)
}

fn create_task_set(params: Params<'_>) -> Result<Call, ApiError> {
    let balancers = params.maps("loadBalancers");
    let group = balancers.first().map(|it| it.text("targetGroupArn")).transpose()?.flatten();
    let group: Option<TargetGroupArn> = group
        .map(str::parse)
        .transpose()
        .map_err(|error: crate::model::InvalidArn| ApiError::invalid(error.to_string()))?;
    let token = params.text("clientToken")?;
    if token.is_some_and(|token| token.len() > 36) {
        return Err(ApiError::invalid("clientToken is longer than 36 characters."));
    }
    Ok(Call::CreateTaskSet {
        service: ids::service(params, "service")?,
        task_definition: params.required("taskDefinition")?.to_owned(),
        external_id: owned(params.text("externalId")?),
        target_group: group,
        scale: scale(params)?.unwrap_or(ScalePercent::ZERO),
        client_token: owned(token),
        settings: Settings::new(params.value()),
    })
}

/// The task set that a member names, by id or ARN.
fn task_set(params: Params<'_>, member: &str) -> Result<TaskSetId, ApiError> {
    let named = params.required(member)?;
    let id = format!("ecs-svc/{}", ids::last(named));
    TaskSetId::new(id).map_err(|error| ApiError::invalid(error.to_string()))
}

fn update_task_set(params: Params<'_>) -> Result<Call, ApiError> {
    let scale = scale(params)?.ok_or_else(|| ApiError::invalid("scale must be given"))?;
    let (service, task_set) = (ids::service(params, "service")?, task_set(params, "taskSet")?);
    Ok(Call::UpdateTaskSet { service, task_set, scale })
}

fn delete_task_set(params: Params<'_>) -> Result<Call, ApiError> {
    let (service, task_set) = (ids::service(params, "service")?, task_set(params, "taskSet")?);
    let force = params.truth("force")?.unwrap_or(false);
    Ok(Call::DeleteTaskSet { service, task_set, force })
}

fn describe_task_sets(params: Params<'_>) -> Result<Call, ApiError> {
    let task_sets = params.texts("taskSets")?.into_iter().map(str::to_owned).collect();
    Ok(Call::DescribeTaskSets { service: ids::service(params, "service")?, task_sets })
}

fn set_primary(params: Params<'_>) -> Result<Call, ApiError> {
    let service = ids::service(params, "service")?;
    let primary = task_set(params, "primaryTaskSet")?;
    Ok(Call::UpdateServicePrimaryTaskSet { service, primary })
}
