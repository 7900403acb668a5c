//! Requests to CloudWatch as calls to the world.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use super::super::super::sim::AlarmFilter;
use super::super::super::sim::ApiError;
use super::super::super::sim::Call;
use super::super::super::sim::CloudWatchCall;
use super::super::params::Params;
use super::metric_request;
use super::typed::typed;
use crate::model::AlarmName;
use crate::ports::AlarmState;

/// Names in one call.
const MOST_NAMES: usize = 100;

/// The call that a request asks for.
///
/// # Errors
///
/// `ValidationError` for parameters that are missing or of a wrong type, `InvalidAction` for an
/// operation that is not modelled.
pub(in crate::adapters::local) fn call(
    operation: &str,
    params: Params<'_>,
) -> Result<Call, ApiError> {
    let value = typed(params.value());
    let read = read(operation, Params::new(&value));
    read.map(Call::CloudWatch).map_err(|error| match error.code {
        "InvalidParameterException" => ApiError::validation(error.message),
        _ => error,
    })
}

fn read(operation: &str, params: Params<'_>) -> Result<CloudWatchCall, ApiError> {
    check_paging(params)?;
    match operation {
        "PutMetricAlarm" => Ok(CloudWatchCall::PutMetricAlarm {
            name: alarm_name(params)?,
            settings: settings(params),
            tags: tags(params)?,
        }),
        "PutCompositeAlarm" => Ok(CloudWatchCall::PutCompositeAlarm {
            name: alarm_name(params)?,
            settings: settings(params),
            tags: tags(params)?,
        }),
        "DescribeAlarms" => Ok(CloudWatchCall::DescribeAlarms { filter: filter(params)? }),
        "DescribeAlarmHistory" => history(params),
        "DeleteAlarms" => Ok(CloudWatchCall::DeleteAlarms { names: names(params)? }),
        "SetAlarmState" => Ok(CloudWatchCall::SetAlarmState {
            name: params.required("AlarmName")?.to_owned(),
            state: state(params.required("StateValue")?)?,
            reason: params.required("StateReason")?.to_owned(),
        }),
        "EnableAlarmActions" => Ok(CloudWatchCall::EnableAlarmActions { names: names(params)? }),
        "DisableAlarmActions" => Ok(CloudWatchCall::DisableAlarmActions { names: names(params)? }),
        "TagResource" => Ok(CloudWatchCall::TagResource {
            arn: params.required("ResourceARN")?.to_owned(),
            tags: tags(params)?,
        }),
        "UntagResource" => Ok(CloudWatchCall::UntagResource {
            arn: params.required("ResourceARN")?.to_owned(),
            keys: params.texts("TagKeys")?.into_iter().map(str::to_owned).collect(),
        }),
        "ListTagsForResource" => Ok(CloudWatchCall::ListTagsForResource {
            arn: params.required("ResourceARN")?.to_owned(),
        }),
        _ => metric_request::read(operation, params),
    }
}

fn alarm_name(params: Params<'_>) -> Result<AlarmName, ApiError> {
    let name = params.required("AlarmName")?;
    AlarmName::new(name).map_err(|error| ApiError::validation(error.to_string()))
}

/// The names of a list of at most 100.
fn names(params: Params<'_>) -> Result<Vec<String>, ApiError> {
    let names = params.texts("AlarmNames")?;
    if names.len() > MOST_NAMES {
        return Err(ApiError::validation("AlarmNames may hold at most 100 names"));
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

/// Everything but the tags, as it was given.
fn settings(params: Params<'_>) -> Map<String, Value> {
    let given = params.value().as_object().into_iter().flatten();
    given
        .filter(|(name, value)| *name != "Tags" && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn tags(params: Params<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let items = params.maps("Tags").into_iter();
    items
        .map(|item| {
            let value = item.text("Value")?.unwrap_or_default();
            Ok((item.required("Key")?.to_owned(), value.to_owned()))
        })
        .collect()
}

fn state(text: &str) -> Result<AlarmState, ApiError> {
    match text {
        "OK" => Ok(AlarmState::Ok),
        "ALARM" => Ok(AlarmState::Alarm),
        "INSUFFICIENT_DATA" => Ok(AlarmState::InsufficientData),
        _ => Err(ApiError::validation(format!("'{text}' is no state of an alarm"))),
    }
}

/// Whether metric and composite alarms are wanted; metric alarms only where nothing is said.
fn types(params: Params<'_>) -> Result<(bool, bool), ApiError> {
    let types = params.texts("AlarmTypes")?;
    Ok((types.is_empty() || types.contains(&"MetricAlarm"), types.contains(&"CompositeAlarm")))
}

fn filter(params: Params<'_>) -> Result<AlarmFilter, ApiError> {
    let text = |name: &str| Ok::<_, ApiError>(params.text(name)?.map(str::to_owned));
    let (metric, composite) = types(params)?;
    let filter = AlarmFilter {
        names: names(params)?,
        prefix: text("AlarmNamePrefix")?,
        action_prefix: text("ActionPrefix")?,
        state: params.text("StateValue")?.map(state).transpose()?,
        children_of: text("ChildrenOfAlarmName")?,
        parents_of: text("ParentsOfAlarmName")?,
        metric,
        composite,
    };
    if filter.prefix.is_some() && !filter.names.is_empty() {
        return Err(ApiError::validation("AlarmNames and AlarmNamePrefix exclude each other"));
    }
    let family = filter.children_of.is_some() || filter.parents_of.is_some();
    // a family has members of both types
    Ok(AlarmFilter { metric: metric || family, composite: composite || family, ..filter })
}

fn history(params: Params<'_>) -> Result<CloudWatchCall, ApiError> {
    let (metric, composite) = types(params)?;
    let name = params.text("AlarmName")?.map(str::to_owned);
    // of what else an alarm's history holds nothing is kept
    let updates = params.text("HistoryItemType")?.is_none_or(|of| of == "StateUpdate");
    Ok(CloudWatchCall::DescribeAlarmHistory {
        name,
        metric: metric && updates,
        composite: composite && updates,
        since: params.time("StartDate")?,
        until: params.time("EndDate")?,
        newest_first: params.text("ScanBy")? != Some("TimestampAscending"),
    })
}

fn check_paging(params: Params<'_>) -> Result<(), ApiError> {
    if params.count("MaxRecords")?.is_some_and(|size| !(1..=100).contains(&size)) {
        return Err(ApiError::validation("MaxRecords must be between 1 and 100"));
    }
    if params.text("NextToken")?.is_some_and(|token| token.parse::<usize>().is_err()) {
        return Err(ApiError::refused("InvalidNextToken", "The next token is not valid"));
    }
    Ok(())
}
