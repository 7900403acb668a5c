//! What a metric alarm watches and when it fires.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::alarm_spec::MissingData;
use super::super::api_error::ApiError;
use super::metric_query::MetricQuery;
use super::metric_query::MetricSource;
use super::metric_query::check_period;
use super::metric_query::minutes;
use crate::model::Metric;

const DAY: u64 = 86_400;

/// How a datum is compared with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What a metric alarm watches and when it fires.
#[derive(Debug, Clone)]
pub(crate) struct MetricAlarm {
    /// The queries.
    pub(crate) queries: Vec<MetricQuery>,
    /// The id of the query that is compared.
    pub(crate) watched: String,
    /// The length of a period in minutes.
    pub(crate) minutes: u64,
    /// `EvaluationPeriods`: N.
    pub(crate) periods: u32,
    /// `DatapointsToAlarm`: M.
    pub(crate) datapoints: u32,
    /// `TreatMissingData`.
    pub(crate) missing: MissingData,
    comparison: Comparison,
    threshold: f64,
}

fn wrong(message: impl Into<String>) -> ApiError {
    ApiError::validation(message)
}

fn text<'a>(settings: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    settings.get(name).and_then(Value::as_str)
}

fn count(settings: &Map<String, Value>, name: &str) -> Option<u32> {
    settings.get(name).and_then(Value::as_u64).and_then(|count| u32::try_from(count).ok())
}

impl MetricAlarm {
    /// Fills in what CloudWatch does, and checks everything.
    pub(crate) fn completed(given: &Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
        let mut settings = given.clone();
        settings.entry("ActionsEnabled").or_insert(json!(true));
        for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
            settings.entry(list).or_insert_with(|| json!([]));
        }
        if !settings.contains_key("Metrics") {
            settings.entry("Dimensions").or_insert_with(|| json!([]));
        }
        for member in ["ThresholdMetricId", "EvaluationCriteria", "EvaluationInterval"] {
            if settings.contains_key(member) {
                return Err(wrong(format!("{member} is not modelled in the local cloud")));
            }
        }
        Self::of(&settings)?;
        Ok(settings)
    }

    /// What these settings mean.
    pub(crate) fn of(settings: &Map<String, Value>) -> Result<Self, ApiError> {
        let (queries, watched) = queries(settings)?;
        let periods = count(settings, "EvaluationPeriods").filter(|periods| *periods > 0);
        let periods = periods.ok_or_else(|| wrong("EvaluationPeriods must be at least 1"))?;
        let datapoints = count(settings, "DatapointsToAlarm").unwrap_or(periods);
        if !(1..=periods).contains(&datapoints) {
            return Err(wrong("DatapointsToAlarm must be between 1 and EvaluationPeriods"));
        }
        let comparison = match text(settings, "ComparisonOperator") {
            Some("GreaterThanThreshold") => Comparison::Greater,
            Some("GreaterThanOrEqualToThreshold") => Comparison::GreaterOrEqual,
            Some("LessThanThreshold") => Comparison::Less,
            Some("LessThanOrEqualToThreshold") => Comparison::LessOrEqual,
            _ => return Err(wrong("ComparisonOperator must be given and is not for anomalies")),
        };
        let missing = match text(settings, "TreatMissingData") {
            None | Some("missing") => MissingData::Missing,
            Some("breaching") => MissingData::Breaching,
            Some("notBreaching") => MissingData::NotBreaching,
            Some("ignore") => MissingData::Ignore,
            Some(_) => return Err(wrong("TreatMissingData is not valid")),
        };
        let threshold = settings.get("Threshold").and_then(Value::as_f64);
        let threshold = threshold.ok_or_else(|| wrong("Threshold must be given"))?;
        let period = queries.iter().filter_map(MetricQuery::period).max().unwrap_or(60);
        let watched_for = u64::from(period) * u64::from(periods);
        if watched_for > if period < 3600 { DAY } else { 7 * DAY } {
            return Err(wrong(
                "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must \
                 be <= 86400), or a week where the period is an hour or more",
            ));
        }
        let minutes = minutes(period);
        Ok(Self { queries, watched, minutes, periods, datapoints, missing, comparison, threshold })
    }

    /// Whether a datum is beyond the threshold.
    pub(crate) fn breaches(&self, datum: f64) -> bool {
        match self.comparison {
            Comparison::Greater => datum > self.threshold,
            Comparison::GreaterOrEqual => datum >= self.threshold,
            Comparison::Less => datum < self.threshold,
            Comparison::LessOrEqual => datum <= self.threshold,
        }
    }

    /// The target groups among the dimensions of its metrics.
    pub(crate) fn target_groups(&self) -> BTreeSet<String> {
        let groups = self.queries.iter().filter_map(|query| match &query.source {
            MetricSource::Statistic { metric, .. } => metric.dimensions.get("TargetGroup").cloned(),
            MetricSource::Expression { .. } => None,
        });
        groups.collect()
    }

    /// The Application Load Balancers that it watches; none where it watches anything else besides.
    pub(crate) fn balancers(&self) -> BTreeSet<String> {
        let statistics = self.queries.iter().filter_map(|query| match &query.source {
            MetricSource::Statistic { metric, .. } => Some(metric),
            MetricSource::Expression { .. } => None,
        });
        let balancer = |metric: &Metric| {
            let is_balancer = metric.namespace == "AWS/ApplicationELB";
            is_balancer.then(|| metric.dimensions.get("LoadBalancer").cloned()).flatten()
        };
        statistics.map(balancer).collect::<Option<_>>().unwrap_or_default()
    }

    /// Whether any of its metrics is AWS's own and hence published late.
    pub(crate) fn is_late(&self) -> bool {
        self.queries.iter().any(|query| match &query.source {
            MetricSource::Statistic { metric, .. } => metric.namespace.starts_with("AWS/"),
            MetricSource::Expression { .. } => false,
        })
    }
}

fn queries(settings: &Map<String, Value>) -> Result<(Vec<MetricQuery>, String), ApiError> {
    if let Some(metrics) = settings.get("Metrics").and_then(Value::as_array) {
        let queries: Vec<MetricQuery> = metrics.iter().map(query).collect::<Result<_, _>>()?;
        let mut returned = queries.iter().filter(|query| query.returned);
        let (Some(watched), None) = (returned.next(), returned.next()) else {
            return Err(wrong("Exactly one of the metrics must return data"));
        };
        let watched = watched.id.clone();
        return Ok((queries, watched));
    }
    let period = count(settings, "Period").ok_or_else(|| wrong("Period must be given"))?;
    let statistic = text(settings, "Statistic").or_else(|| text(settings, "ExtendedStatistic"));
    let query = MetricQuery {
        id: "m1".to_owned(),
        source: MetricSource::Statistic {
            metric: metric(settings)?,
            statistic: statistic.ok_or_else(|| wrong("Statistic must be given"))?.to_owned(),
            period,
        },
        label: None,
        returned: true,
    };
    check_period(period)?;
    query.check()?;
    Ok((vec![query], "m1".to_owned()))
}

/// The metric that these parameters name.
fn metric(settings: &Map<String, Value>) -> Result<Metric, ApiError> {
    let named = |name: &str| {
        text(settings, name)
            .map(str::to_owned)
            .ok_or_else(|| wrong(format!("{name} must be given")))
    };
    let dimensions = settings.get("Dimensions").and_then(Value::as_array).into_iter().flatten();
    let dimensions: BTreeMap<String, String> = dimensions
        .filter_map(|of| Some((of["Name"].as_str()?.to_owned(), of["Value"].as_str()?.to_owned())))
        .collect();
    Ok(Metric { namespace: named("Namespace")?, name: named("MetricName")?, dimensions })
}

/// One query of an alarm.
fn query(given: &Value) -> Result<MetricQuery, ApiError> {
    let none = Map::new();
    let of = |name: &str| given[name].as_object().unwrap_or(&none);
    let query = given.as_object().unwrap_or(&none);
    let statistic = of("MetricStat");
    let source = if let Some(formula) = text(query, "Expression") {
        MetricSource::Expression { formula: formula.to_owned(), period: count(query, "Period") }
    } else {
        let named = statistic.get("Metric").and_then(Value::as_object).unwrap_or(&none);
        MetricSource::Statistic {
            metric: metric(named)?,
            statistic: text(statistic, "Stat").unwrap_or_default().to_owned(),
            period: count(statistic, "Period").unwrap_or(0),
        }
    };
    let query = MetricQuery {
        id: text(query, "Id").unwrap_or_default().to_owned(),
        source,
        label: text(query, "Label").map(str::to_owned),
        returned: given["ReturnData"].as_bool().unwrap_or(true),
    };
    query.check()?;
    Ok(query)
}
