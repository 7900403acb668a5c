//! Requests about everything but services and task sets.

use super::super::super::sim::ApiError;
use super::super::super::sim::EcsCall;
use super::super::super::sim::Settings;
use super::super::page;
use super::super::params::Params;
use super::ids;

/// What such a request calls; none where the operation is not known.
pub(super) fn read(operation: &str, params: Params<'_>) -> Option<Result<EcsCall, ApiError>> {
    Some(match operation {
        "CreateCluster" => create_cluster(params),
        "DescribeClusters" => describe_clusters(params),
        "ListClusters" => check(params).map(|()| EcsCall::ListClusters),
        "DeleteCluster" => delete_cluster(params),
        "RegisterTaskDefinition" => {
            Ok(EcsCall::RegisterTaskDefinition { document: Settings::new(params.value()) })
        }
        "DeregisterTaskDefinition" => {
            definition(params).map(|definition| EcsCall::DeregisterTaskDefinition { definition })
        }
        "DescribeTaskDefinition" => {
            definition(params).map(|definition| EcsCall::DescribeTaskDefinition { definition })
        }
        "ListTaskDefinitions" => list_definitions(params),
        "ListTaskDefinitionFamilies" => list_families(params),
        "ListServices" => list_services(params),
        "ListTasks" => list_tasks(params),
        "DescribeTasks" => describe_tasks(params),
        "StopTask" => stop_task(params),
        "ListServiceDeployments" => list_deployments(params),
        "DescribeServiceDeployments" => ids::some(params, "serviceDeploymentArns", 20)
            .map(|arns| EcsCall::DescribeServiceDeployments { arns }),
        "DescribeServiceRevisions" => ids::some(params, "serviceRevisionArns", 20)
            .map(|arns| EcsCall::DescribeServiceRevisions { arns }),
        "StopServiceDeployment" => stop_deployment(params),
        "TagResource" => tag(params),
        "UntagResource" => untag(params),
        "ListTagsForResource" => resource(params).map(|arn| EcsCall::ListTagsForResource { arn }),
        _ => return None,
    })
}

fn check(params: Params<'_>) -> Result<(), ApiError> {
    page::check_page(params, "maxResults", "nextToken", 100)
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

fn create_cluster(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let name = params.text("clusterName")?.unwrap_or("default").to_owned();
    Ok(EcsCall::CreateCluster { name, settings: Settings::new(params.value()) })
}

fn describe_clusters(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let mut names: Vec<String> =
        params.texts("clusters")?.into_iter().map(|name| ids::last(name).to_owned()).collect();
    if names.is_empty() {
        names.push("default".to_owned());
    }
    Ok(EcsCall::DescribeClusters { names })
}

fn delete_cluster(params: Params<'_>) -> Result<EcsCall, ApiError> {
    Ok(EcsCall::DeleteCluster { name: ids::last(params.required("cluster")?).to_owned() })
}

fn definition(params: Params<'_>) -> Result<String, ApiError> {
    Ok(params.required("taskDefinition")?.to_owned())
}

fn list_definitions(params: Params<'_>) -> Result<EcsCall, ApiError> {
    check(params)?;
    let active = match params.text("status")? {
        None | Some("ACTIVE") => true,
        Some("INACTIVE") => false,
        Some(other) => return Err(ApiError::invalid(format!("Unknown status {other}."))),
    };
    let descending = params.text("sort")? == Some("DESC");
    Ok(EcsCall::ListTaskDefinitions {
        family: owned(params.text("familyPrefix")?),
        active,
        descending,
    })
}

fn list_families(params: Params<'_>) -> Result<EcsCall, ApiError> {
    check(params)?;
    let active = match params.text("status")? {
        None | Some("ALL") => None,
        Some("ACTIVE") => Some(true),
        Some("INACTIVE") => Some(false),
        Some(other) => return Err(ApiError::invalid(format!("Unknown status {other}."))),
    };
    Ok(EcsCall::ListTaskDefinitionFamilies { prefix: owned(params.text("familyPrefix")?), active })
}

fn list_services(params: Params<'_>) -> Result<EcsCall, ApiError> {
    check(params)?;
    let launch_type = owned(params.text("launchType")?);
    Ok(EcsCall::ListServices { cluster: ids::cluster(params)?.to_owned(), launch_type })
}

fn list_tasks(params: Params<'_>) -> Result<EcsCall, ApiError> {
    check(params)?;
    let started_by = owned(params.text("startedBy")?);
    let service = params.text("serviceName")?.map(|name| ids::last(name).to_owned());
    let family = owned(params.text("family")?);
    if started_by.is_some() && (service.is_some() || family.is_some()) {
        return Err(ApiError::invalid("startedBy cannot be combined with another filter."));
    }
    let stopped = match params.text("desiredStatus")? {
        None | Some("RUNNING" | "PENDING") => false,
        Some("STOPPED") => true,
        Some(other) => return Err(ApiError::invalid(format!("Unknown desiredStatus {other}."))),
    };
    let cluster = ids::cluster(params)?.to_owned();
    Ok(EcsCall::ListTasks { cluster, service, family, started_by, stopped })
}

fn describe_tasks(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let tasks = ids::some(params, "tasks", 100)?;
    Ok(EcsCall::DescribeTasks { cluster: ids::cluster(params)?.to_owned(), tasks })
}

fn stop_task(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let task = params.required("task")?.to_owned();
    let reason = owned(params.text("reason")?);
    Ok(EcsCall::StopTask { cluster: ids::cluster(params)?.to_owned(), task, reason })
}

fn list_deployments(params: Params<'_>) -> Result<EcsCall, ApiError> {
    check(params)?;
    let created = params.map("createdAt");
    let bound = |name| created.map(|it| it.time(name)).transpose().map(Option::flatten);
    Ok(EcsCall::ListServiceDeployments {
        service: ids::service(params, "service")?,
        statuses: params.texts("status")?.into_iter().map(str::to_owned).collect(),
        after: bound("after")?,
        before: bound("before")?,
    })
}

fn stop_deployment(params: Params<'_>) -> Result<EcsCall, ApiError> {
    match params.text("stopType")? {
        None | Some("ROLLBACK") => {}
        Some(other) => {
            return Err(ApiError::invalid(format!("The stop type {other} is not supported.")));
        }
    }
    Ok(EcsCall::StopServiceDeployment { arn: params.required("serviceDeploymentArn")?.to_owned() })
}

fn resource(params: Params<'_>) -> Result<String, ApiError> {
    Ok(params.required("resourceArn")?.to_owned())
}

fn tag(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let tags = Settings::new(params.value()).tags();
    Ok(EcsCall::TagResource { arn: resource(params)?, tags })
}

fn untag(params: Params<'_>) -> Result<EcsCall, ApiError> {
    let keys = params.texts("tagKeys")?.into_iter().map(str::to_owned).collect();
    Ok(EcsCall::UntagResource { arn: resource(params)?, keys })
}
