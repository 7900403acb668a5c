//! Reads of metrics.

use std::sync::Arc;

use super::super::api_error::ApiError;
use super::super::world::World;
use super::cloud_watch_answer::CloudWatchAnswer;
use super::cloud_watch_answer::MetricResult;
use super::expression::Series;
use super::expression::work_out;
use super::known_metrics::MINUTE_MS;
use super::metric_query::MetricQuery;
use super::metric_query::MetricSource;
use super::metric_query::check_period;
use super::metric_query::minutes;
use super::real::Real;
use super::samples::Samples;
use super::samples::is_statistic;
use crate::model::Metric;
use crate::model::Timestamp;

/// Queries of one call.
const MOST_QUERIES: usize = 500;
/// Periods of one statistic in one call.
const MOST_PERIODS: u64 = 100_800;
/// How deep formulas may be nested.
const DEEPEST: usize = 16;

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::refused("InvalidParameterValue", message)
}

fn time(minute: u64) -> Timestamp {
    Timestamp::from_millis(minute * MINUTE_MS)
}

impl World {
    /// What is shown of the samples of every period that begins within `from..to`, in minutes since 1970,
    /// oldest first.
    fn periods<T>(
        &self,
        metric: &Metric,
        (from, to): (u64, u64),
        every: u64,
        shown: impl Fn(&Samples) -> Option<T>,
    ) -> Vec<(u64, T)> {
        let Some(source) = self.source(metric) else { return Vec::new() };
        let whole = (from / every * every, to.div_ceil(every) * every);
        let (from, to) = self.within(&source, whole);
        let mut samples = Samples::default();
        let periods = (from / every..to.div_ceil(every)).filter_map(|nth| {
            let at = nth * every;
            samples.clear();
            for minute in from.max(at)..to.min(at + every) {
                self.add_samples(&source, minute, &mut samples);
            }
            let datum = if samples.is_empty() { None } else { shown(&samples) };
            datum.map(|datum| (at, datum))
        });
        periods.collect()
    }

    /// The data of a statistic within `from..to`, in minutes since 1970.
    fn statistic(
        &self,
        (metric, statistic, period): (&Metric, &str, u32),
        range: (u64, u64),
    ) -> Vec<(u64, f64)> {
        self.periods(metric, range, minutes(period), |samples| samples.statistic(statistic))
    }

    /// The data of a query within `from..to`, in minutes since 1970.
    pub(crate) fn series(
        &self,
        queries: &[MetricQuery],
        id: &str,
        range: (u64, u64),
    ) -> Result<Series, ApiError> {
        self.nested_series(queries, id, range, 0)
    }

    fn nested_series(
        &self,
        queries: &[MetricQuery],
        id: &str,
        range: (u64, u64),
        depth: usize,
    ) -> Result<Series, ApiError> {
        let query = queries.iter().find(|query| query.id == id);
        let query = query.ok_or_else(|| {
            ApiError::validation(format!("Error in expression: there is no metric '{id}'"))
        })?;
        if depth > DEEPEST {
            return Err(ApiError::validation("Error in expression: it depends on itself"));
        }
        match &query.source {
            MetricSource::Statistic { metric, statistic, period } => {
                let data = self.statistic((metric, statistic, *period), range);
                Ok(data.into_iter().collect())
            }
            MetricSource::Expression { formula, .. } => {
                let every = minutes(period_of(queries, query));
                let (from, to) = range;
                let times: Vec<u64> =
                    (from / every..to.div_ceil(every)).map(|at| at * every).collect();
                let mut lookup = |id: &str| self.nested_series(queries, id, range, depth + 1);
                work_out(formula, &times, &mut lookup)
            }
        }
    }

    pub(super) fn get_metric_data(
        &self,
        queries: &Arc<[MetricQuery]>,
        (since, until): (Timestamp, Timestamp),
        newest_first: bool,
    ) -> Result<CloudWatchAnswer, ApiError> {
        if queries.is_empty() || queries.len() > MOST_QUERIES {
            return Err(ApiError::validation("1 to 500 MetricDataQueries must be given"));
        }
        for query in &**queries {
            query.check()?;
            if queries.iter().filter(|other| other.id == query.id).count() > 1 {
                return Err(ApiError::validation(format!("The id '{}' is not unique", query.id)));
            }
        }
        let range = range(since, until)?;
        let mut results = Vec::with_capacity(queries.len());
        for (place, query) in queries.iter().enumerate().filter(|(_, query)| query.returned) {
            let series = match &query.source {
                MetricSource::Statistic { metric, statistic, period } => {
                    self.statistic((metric, statistic, *period), range)
                }
                MetricSource::Expression { .. } => {
                    self.series(queries, &query.id, range)?.into_iter().collect()
                }
            };
            let mut data: Vec<(Timestamp, Real)> =
                series.into_iter().map(|(at, value)| (time(at), Real(value))).collect();
            if newest_first {
                data.reverse();
            }
            results.push(MetricResult { queries: Arc::clone(queries), place, data });
        }
        Ok(CloudWatchAnswer::Data(results))
    }

    pub(super) fn get_metric_statistics(
        &self,
        metric: &Metric,
        statistics: &[String],
        period: u32,
        (since, until): (Timestamp, Timestamp),
    ) -> Result<CloudWatchAnswer, ApiError> {
        check_period(period)?;
        if let Some(unknown) = statistics.iter().find(|name| !is_statistic(name)) {
            return Err(invalid(format!("The statistic '{unknown}' is not modelled")));
        }
        let all = self.periods(metric, range(since, until)?, minutes(period), |samples| {
            let named = |name: &String| Some((name.clone(), Real(samples.statistic(name)?)));
            Some(statistics.iter().filter_map(named).collect())
        });
        let points = all.into_iter().map(|(at, values)| (time(at), values));
        Ok(CloudWatchAnswer::Statistics(points.collect()))
    }
}

/// The period of a formula: its own, or the longest of the queries.
fn period_of(queries: &[MetricQuery], query: &MetricQuery) -> u32 {
    let longest = || queries.iter().filter_map(MetricQuery::period).max();
    query.period().or_else(longest).unwrap_or(60)
}

/// Minutes since 1970, the last not included.
fn range(since: Timestamp, until: Timestamp) -> Result<(u64, u64), ApiError> {
    if since >= until {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let (from, to) = (since.as_millis() / MINUTE_MS, until.as_millis().div_ceil(MINUTE_MS));
    if to - from > MOST_PERIODS {
        return Err(invalid("You have requested more than 100,800 datapoints"));
    }
    Ok((from, to))
}
