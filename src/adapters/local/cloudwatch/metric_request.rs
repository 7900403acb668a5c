//! Requests about metrics.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::super::sim::ApiError;
use super::super::super::sim::CloudWatchCall;
use super::super::super::sim::Datum;
use super::super::super::sim::MetricQuery;
use super::super::super::sim::MetricSource;
use super::super::super::sim::Real;
use super::super::params::Params;
use crate::model::Metric;
use crate::model::Timestamp;

fn missing(name: &str) -> ApiError {
    ApiError::validation(format!("{name} must be given"))
}

/// The call that a request about metrics asks for.
pub(super) fn read(operation: &str, params: Params<'_>) -> Result<CloudWatchCall, ApiError> {
    match operation {
        "PutMetricData" => {
            let namespace = params.required("Namespace")?;
            let data = params.maps("MetricData").into_iter();
            let data = data.map(|item| datum(namespace, item)).collect::<Result<_, _>>()?;
            Ok(CloudWatchCall::PutMetricData { data })
        }
        "GetMetricData" => {
            let queries = params.maps("MetricDataQueries").into_iter().map(query);
            Ok(CloudWatchCall::GetMetricData {
                queries: queries.collect::<Result<_, _>>()?,
                since: time(params, "StartTime")?,
                until: time(params, "EndTime")?,
                newest_first: params.text("ScanBy")? != Some("TimestampAscending"),
            })
        }
        "GetMetricStatistics" => {
            let mut statistics = params.texts("Statistics")?;
            statistics.extend(params.texts("ExtendedStatistics")?);
            if statistics.is_empty() {
                return Err(missing("Statistics or ExtendedStatistics"));
            }
            Ok(CloudWatchCall::GetMetricStatistics {
                metric: metric(params.required("Namespace")?, params)?,
                statistics: statistics.into_iter().map(str::to_owned).collect(),
                period: params.count("Period")?.ok_or_else(|| missing("Period"))?,
                since: time(params, "StartTime")?,
                until: time(params, "EndTime")?,
            })
        }
        "ListMetrics" => {
            let dimensions = params.maps("Dimensions").into_iter().map(|of| {
                Ok((of.required("Name")?.to_owned(), of.text("Value")?.map(str::to_owned)))
            });
            Ok(CloudWatchCall::ListMetrics {
                namespace: params.text("Namespace")?.map(str::to_owned),
                name: params.text("MetricName")?.map(str::to_owned),
                dimensions: dimensions.collect::<Result<_, ApiError>>()?,
            })
        }
        _ => Err(ApiError::refused(
            "InvalidAction",
            format!("cloudwatch:{operation} is not modelled in the local cloud"),
        )),
    }
}

fn time(params: Params<'_>, name: &str) -> Result<Timestamp, ApiError> {
    params.time(name)?.ok_or_else(|| missing(name))
}

fn metric(namespace: &str, params: Params<'_>) -> Result<Metric, ApiError> {
    let dimensions = params.maps("Dimensions").into_iter();
    let dimensions: BTreeMap<String, String> = dimensions
        .map(|of| Ok((of.required("Name")?.to_owned(), of.required("Value")?.to_owned())))
        .collect::<Result<_, ApiError>>()?;
    let name = params.required("MetricName")?.to_owned();
    Ok(Metric { namespace: namespace.to_owned(), name, dimensions })
}

fn query(params: Params<'_>) -> Result<MetricQuery, ApiError> {
    let period = |params: Params<'_>| params.count("Period");
    let source = match (params.text("Expression")?, params.map("MetricStat")) {
        (Some(formula), None) => {
            MetricSource::Expression { formula: formula.to_owned(), period: period(params)? }
        }
        (None, Some(of)) => {
            let named = of.map("Metric").ok_or_else(|| missing("Metric"))?;
            MetricSource::Statistic {
                metric: metric(named.required("Namespace")?, named)?,
                statistic: of.required("Stat")?.to_owned(),
                period: period(of)?.ok_or_else(|| missing("Period"))?,
            }
        }
        _ => return Err(missing("Either Expression or MetricStat")),
    };
    Ok(MetricQuery {
        id: params.required("Id")?.to_owned(),
        source,
        label: params.text("Label")?.map(str::to_owned),
        returned: params.truth("ReturnData")?.unwrap_or(true),
    })
}

/// The numbers of a list.
fn floats(params: Params<'_>, name: &str) -> Result<Vec<f64>, ApiError> {
    let items = params.value().get(name).and_then(Value::as_array).into_iter().flatten();
    let number = |item: &Value| item.as_f64().or_else(|| item.as_str()?.parse().ok());
    items.map(|item| number(item).ok_or_else(|| missing(&format!("A number in {name}")))).collect()
}

fn datum(namespace: &str, params: Params<'_>) -> Result<Datum, ApiError> {
    let values = floats(params, "Values")?;
    let values = if let Some(value) = params.float("Value")? {
        vec![(value, 1.0)]
    } else if let Some(set) = params.map("StatisticValues") {
        let of = |name: &str| Ok::<_, ApiError>(set.float(name)?.unwrap_or_default());
        summary(of("SampleCount")?, of("Sum")?, of("Minimum")?, of("Maximum")?)
    } else if values.is_empty() {
        return Err(missing("Value, Values or StatisticValues"));
    } else {
        let counts = floats(params, "Counts")?.into_iter().chain(std::iter::repeat(1.0));
        values.into_iter().zip(counts).collect()
    };
    if values.iter().any(|(value, count)| !value.is_finite() || !count.is_finite()) {
        return Err(ApiError::refused("InvalidParameterValue", "A value must be a finite number"));
    }
    Ok(Datum {
        metric: metric(namespace, params)?,
        at: params.time("Timestamp")?,
        values: values.into_iter().map(|(value, count)| (Real(value), Real(count))).collect(),
    })
}

/// Values that have these statistics.
fn summary(count: f64, sum: f64, least: f64, most: f64) -> Vec<(f64, f64)> {
    if count <= 2.0 {
        return vec![(sum / count.max(1.0), count)];
    }
    let others = count - 2.0;
    vec![(least, 1.0), ((sum - least - most) / others, others), (most, 1.0)]
}
