//! Requests to Elastic Load Balancing as calls to the world.

use serde_json::Map;
use serde_json::Value;

use super::super::super::sim::ApiError;
use super::super::super::sim::Call;
use super::super::super::sim::ElbCall;
use super::super::super::sim::TargetId;
use super::super::params::Params;
use super::attributes::pairs;
use super::typed::typed;

const BALANCER: &[&str] = &[
    "CustomerOwnedIpv4Pool",
    "IpAddressType",
    "Scheme",
    "SecurityGroups",
    "SubnetMappings",
    "Subnets",
    "Type",
];

const HEALTH: &[&str] = &[
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "UnhealthyThresholdCount",
];

const GROUP: &[&str] =
    &["IpAddressType", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId"];

const LISTENER: &[&str] =
    &["AlpnPolicy", "Certificates", "MutualAuthentication", "Port", "Protocol", "SslPolicy"];

/// The call that a request asks for.
///
/// # Errors
///
/// `ValidationError` for parameters that are missing or of a wrong type, `InvalidAction` for an
/// operation that is not modelled.
pub(crate) fn call(operation: &str, params: Params<'_>) -> Result<Call, ApiError> {
    let value = typed(params.value());
    let read = read(operation, Params::new(&value));
    read.map(Call::Elb).map_err(|error| match error.code {
        "InvalidParameterException" => ApiError::validation(error.message),
        _ => error,
    })
}

fn read(operation: &str, params: Params<'_>) -> Result<ElbCall, ApiError> {
    check_paging(params)?;
    let text = |name: &str| params.required(name).map(str::to_owned);
    match operation {
        "AddTags" => Ok(ElbCall::AddTags {
            arns: list(params, "ResourceArns")?,
            tags: pairs(params, "Tags")?,
        }),
        "RemoveTags" => Ok(ElbCall::RemoveTags {
            arns: list(params, "ResourceArns")?,
            keys: list(params, "TagKeys")?,
        }),
        "DescribeTags" => Ok(ElbCall::DescribeTags { arns: list(params, "ResourceArns")? }),
        "RegisterTargets" => Ok(ElbCall::RegisterTargets {
            target_group: text("TargetGroupArn")?,
            targets: targets(params)?,
        }),
        "DeregisterTargets" => Ok(ElbCall::DeregisterTargets {
            target_group: text("TargetGroupArn")?,
            targets: targets(params)?,
        }),
        "DescribeTargetHealth" => Ok(ElbCall::DescribeTargetHealth {
            target_group: text("TargetGroupArn")?,
            targets: targets(params)?,
        }),
        _ if operation.contains("LoadBalancer") => balancer(operation, params),
        _ if operation.contains("TargetGroup") => group(operation, params),
        _ if operation.contains("Listener") => listener(operation, params),
        _ => rule(operation, params),
    }
}

fn balancer(operation: &str, params: Params<'_>) -> Result<ElbCall, ApiError> {
    let load_balancer = || params.required("LoadBalancerArn").map(str::to_owned);
    match operation {
        "CreateLoadBalancer" => Ok(ElbCall::CreateLoadBalancer {
            name: params.required("Name")?.to_owned(),
            settings: settings(params, &[BALANCER]),
            tags: pairs(params, "Tags")?,
        }),
        "DescribeLoadBalancers" => Ok(ElbCall::DescribeLoadBalancers {
            arns: list(params, "LoadBalancerArns")?,
            names: list(params, "Names")?,
        }),
        "DeleteLoadBalancer" => Ok(ElbCall::DeleteLoadBalancer { load_balancer: load_balancer()? }),
        "DescribeLoadBalancerAttributes" => {
            Ok(ElbCall::DescribeLoadBalancerAttributes { load_balancer: load_balancer()? })
        }
        "ModifyLoadBalancerAttributes" => Ok(ElbCall::ModifyLoadBalancerAttributes {
            load_balancer: load_balancer()?,
            attributes: pairs(params, "Attributes")?,
        }),
        _ => Err(unknown(operation)),
    }
}

fn group(operation: &str, params: Params<'_>) -> Result<ElbCall, ApiError> {
    let target_group = || params.required("TargetGroupArn").map(str::to_owned);
    match operation {
        "CreateTargetGroup" => Ok(ElbCall::CreateTargetGroup {
            name: params.required("Name")?.to_owned(),
            settings: settings(params, &[GROUP, HEALTH]),
            tags: pairs(params, "Tags")?,
        }),
        "DescribeTargetGroups" => Ok(ElbCall::DescribeTargetGroups {
            load_balancer: params.text("LoadBalancerArn")?.map(str::to_owned),
            arns: list(params, "TargetGroupArns")?,
            names: list(params, "Names")?,
        }),
        "ModifyTargetGroup" => Ok(ElbCall::ModifyTargetGroup {
            target_group: target_group()?,
            settings: settings(params, &[HEALTH]),
        }),
        "DeleteTargetGroup" => Ok(ElbCall::DeleteTargetGroup { target_group: target_group()? }),
        "DescribeTargetGroupAttributes" => {
            Ok(ElbCall::DescribeTargetGroupAttributes { target_group: target_group()? })
        }
        "ModifyTargetGroupAttributes" => Ok(ElbCall::ModifyTargetGroupAttributes {
            target_group: target_group()?,
            attributes: pairs(params, "Attributes")?,
        }),
        _ => Err(unknown(operation)),
    }
}

fn listener(operation: &str, params: Params<'_>) -> Result<ElbCall, ApiError> {
    let listener = || params.required("ListenerArn").map(str::to_owned);
    match operation {
        "CreateListener" => Ok(ElbCall::CreateListener {
            load_balancer: params.required("LoadBalancerArn")?.to_owned(),
            settings: settings(params, &[LISTENER]),
            actions: documents(params, "DefaultActions")
                .ok_or_else(|| missing("DefaultActions"))?,
            tags: pairs(params, "Tags")?,
        }),
        "DescribeListeners" => {
            let load_balancer = params.text("LoadBalancerArn")?.map(str::to_owned);
            let arns = list(params, "ListenerArns")?;
            if load_balancer.is_none() && arns.is_empty() {
                return Err(missing("LoadBalancerArn or ListenerArns"));
            }
            Ok(ElbCall::DescribeListeners { load_balancer, arns })
        }
        "ModifyListener" => Ok(ElbCall::ModifyListener {
            listener: listener()?,
            settings: settings(params, &[LISTENER]),
            actions: documents(params, "DefaultActions"),
        }),
        "DeleteListener" => Ok(ElbCall::DeleteListener { listener: listener()? }),
        _ => Err(unknown(operation)),
    }
}

fn rule(operation: &str, params: Params<'_>) -> Result<ElbCall, ApiError> {
    let rule = || params.required("RuleArn").map(str::to_owned);
    match operation {
        "CreateRule" => Ok(ElbCall::CreateRule {
            listener: params.required("ListenerArn")?.to_owned(),
            priority: params.count("Priority")?.ok_or_else(|| missing("Priority"))?,
            conditions: documents(params, "Conditions").ok_or_else(|| missing("Conditions"))?,
            actions: documents(params, "Actions").ok_or_else(|| missing("Actions"))?,
            tags: pairs(params, "Tags")?,
        }),
        "DescribeRules" => {
            let listener = params.text("ListenerArn")?.map(str::to_owned);
            let arns = list(params, "RuleArns")?;
            if listener.is_none() == arns.is_empty() {
                return Err(missing("either ListenerArn or RuleArns"));
            }
            Ok(ElbCall::DescribeRules { listener, arns })
        }
        "ModifyRule" => Ok(ElbCall::ModifyRule {
            rule: rule()?,
            conditions: documents(params, "Conditions"),
            actions: documents(params, "Actions"),
        }),
        "DeleteRule" => Ok(ElbCall::DeleteRule { rule: rule()? }),
        "SetRulePriorities" => {
            let given = params.maps("RulePriorities").into_iter().map(|item| {
                let priority = item.count("Priority")?.ok_or_else(|| missing("Priority"))?;
                Ok((item.required("RuleArn")?.to_owned(), priority))
            });
            Ok(ElbCall::SetRulePriorities { priorities: given.collect::<Result<_, ApiError>>()? })
        }
        _ => Err(unknown(operation)),
    }
}

fn unknown(operation: &str) -> ApiError {
    let what = format!("elasticloadbalancing:{operation} is not modelled in the local cloud");
    ApiError::refused("InvalidAction", what)
}

fn missing(name: &str) -> ApiError {
    ApiError::validation(format!("{name} must be specified"))
}

/// The texts of a list.
fn list(params: Params<'_>, name: &str) -> Result<Vec<String>, ApiError> {
    Ok(params.texts(name)?.into_iter().map(str::to_owned).collect())
}

/// The structures of a list as they were given; none where it is missing.
fn documents(params: Params<'_>, name: &str) -> Option<Vec<Value>> {
    params.value().get(name).and_then(Value::as_array).cloned()
}

/// These members as they were given.
fn settings(params: Params<'_>, members: &[&[&str]]) -> Map<String, Value> {
    let known = |name: &String| members.iter().any(|members| members.contains(&name.as_str()));
    let given = params.value().as_object().into_iter().flatten();
    given
        .filter(|(name, value)| known(name) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn targets(params: Params<'_>) -> Result<Vec<TargetId>, ApiError> {
    let items = params.maps("Targets").into_iter();
    items
        .map(|item| Ok(TargetId { id: item.required("Id")?.to_owned(), port: item.count("Port")? }))
        .collect()
}

fn check_paging(params: Params<'_>) -> Result<(), ApiError> {
    if params.count("PageSize")?.is_some_and(|size| !(1..=400).contains(&size)) {
        return Err(ApiError::validation("PageSize must be between 1 and 400"));
    }
    if params.text("Marker")?.is_some_and(|marker| marker.parse::<usize>().is_err()) {
        return Err(ApiError::validation("Marker is not valid"));
    }
    Ok(())
}
