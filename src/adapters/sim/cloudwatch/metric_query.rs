//! What `GetMetricData` and alarms ask for.

use super::super::api_error::ApiError;
use super::samples::is_statistic;
use crate::model::Metric;

/// Where the data of a query come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum MetricSource {
    /// A statistic of a metric (`MetricStat`).
    Statistic {
        /// The metric.
        metric: Metric,
        /// `Stat`: `Sum`, `p99` …
        statistic: String,
        /// `Period` in seconds.
        period: u32,
    },
    /// Metric math over other queries, by their ids (`Expression`).
    Expression {
        /// The formula: numbers, ids, `+ - * /`, parentheses and `FILL`.
        formula: String,
        /// `Period` in seconds; that of the queries where none is given.
        period: Option<u32>,
    },
}

/// One query (`MetricDataQuery`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "protocols build it")]
pub struct MetricQuery {
    /// `Id`.
    pub id: String,
    /// Where its data come from.
    pub source: MetricSource,
    /// `Label`.
    pub label: Option<String>,
    /// `ReturnData`.
    pub returned: bool,
}

impl MetricQuery {
    /// Its period in seconds; none where it is that of other queries.
    pub(super) const fn period(&self) -> Option<u32> {
        match &self.source {
            MetricSource::Statistic { period, .. } => Some(*period),
            MetricSource::Expression { period, .. } => *period,
        }
    }

    /// Checks what a query says of itself.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if !self.id.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(invalid(format!(
                "The id '{}' must begin with a lower-case letter",
                self.id
            )));
        }
        if let Some(period) = self.period() {
            check_period(period)?;
        }
        match &self.source {
            MetricSource::Statistic { statistic, .. } if !is_statistic(statistic) => {
                Err(invalid(format!("The statistic '{statistic}' is not modelled")))
            }
            _ => Ok(()),
        }
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::refused("InvalidParameterValue", message)
}

/// Periods are 10, 20 or 30 seconds, or whole minutes.
pub(super) fn check_period(seconds: u32) -> Result<(), ApiError> {
    if matches!(seconds, 1 | 5 | 10 | 20 | 30) || (seconds > 0 && seconds.is_multiple_of(60)) {
        return Ok(());
    }
    Err(invalid(format!("The period {seconds} is neither 10, 20 or 30 nor a multiple of 60")))
}

/// A period in minutes.
pub(super) fn minutes(seconds: u32) -> u64 {
    u64::from(seconds.div_ceil(60).max(1))
}
