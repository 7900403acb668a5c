//! Metric data, with AWS's own time of the answer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::config::ConfigBag;
use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::Metric as SdkMetric;
use aws_sdk_cloudwatch::types::MetricDataQuery;
use aws_sdk_cloudwatch::types::MetricDataResult;
use aws_sdk_cloudwatch::types::MetricStat;
use aws_sdk_cloudwatch::types::ScanBy;
use aws_sdk_cloudwatch::types::StatusCode;
use aws_sdk_cloudwatch::types::builders::DimensionBuilder;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::super::sdk::Calls;
use super::super::sdk::Operation;
use super::alarm::timestamp;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricSource;
use crate::model::Timestamp;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::MetricData;
use crate::ports::MetricSeries;
use crate::ports::MetricWindow;

/// How many queries `GetMetricData` takes.
const MOST: usize = 500;

/// When AWS gave its answer, by its own `Date` header.
#[derive(Debug, Clone, Default)]
struct Answered(Arc<Mutex<Option<Timestamp>>>);

#[dyn_dispatch_hint]
impl Intercept for Answered {
    fn name(&self) -> &'static str {
        "Answered"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|date| DateTime::from_str(date, Format::HttpDate).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = date.as_ref().map(timestamp);
        Ok(())
    }
}

impl Answered {
    fn at(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The data of these queries, all pages of them.
pub(super) async fn read(
    client: &Client,
    calls: &Calls,
    queries: &[MetricQuery],
    window: MetricWindow,
) -> Result<MetricData, CallError> {
    let mut data = MetricData { at: Timestamp::from_millis(u64::MAX), series: Vec::new() };
    for batch in batches(queries) {
        let (at, mut found) = batch_of(client, calls, &batch, window).await?;
        data.at = data.at.min(at);
        for query in batch.iter().filter(|query| query.returned) {
            data.series.push(found.remove(&query.id).unwrap_or_else(|| MetricSeries {
                id: query.id.clone(),
                incomplete: Some("there is no result for it".to_owned()),
                points: Vec::new(),
            }));
        }
    }
    Ok(data)
}

/// The queries of each call. A formula goes with what it is made from, so where there are more than
/// one call takes, formulas are not cut off from their parts.
fn batches(queries: &[MetricQuery]) -> Vec<Vec<MetricQuery>> {
    let mut batches: Vec<Vec<MetricQuery>> = Vec::new();
    for query in queries.iter().filter(|query| query.returned) {
        let mut needed = Vec::new();
        collect(queries, query, &mut needed);
        let more = |batch: &Vec<MetricQuery>| {
            batch.len() + needed.iter().filter(|query| !batch.contains(query)).count()
        };
        if batches.last().is_none_or(|batch| more(batch) > MOST) {
            batches.push(Vec::new());
        }
        let Some(batch) = batches.last_mut() else { continue };
        for query in needed {
            if !batch.contains(&query) {
                batch.push(query);
            }
        }
    }
    batches
}

/// A query and everything that it is made from.
fn collect(queries: &[MetricQuery], query: &MetricQuery, found: &mut Vec<MetricQuery>) {
    if found.iter().any(|known| known.id == query.id) {
        return;
    }
    found.push(query.clone());
    if let MetricSource::Expression { formula } = &query.source {
        let words = formula.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
        for word in words {
            for part in queries.iter().filter(|part| part.id == word) {
                collect(queries, part, found);
            }
        }
    }
}

async fn batch_of(
    client: &Client,
    calls: &Calls,
    batch: &[MetricQuery],
    window: MetricWindow,
) -> Result<(Timestamp, BTreeMap<String, MetricSeries>), CallError> {
    let queries: Vec<MetricDataQuery> = batch.iter().map(sdk_query).collect();
    let answered = Answered::default();
    let mut found = BTreeMap::new();
    let (mut next, mut first) = (None, None);
    loop {
        let ask = || {
            let ask = client.get_metric_data().set_metric_data_queries(Some(queries.clone()));
            let ask = ask.start_time(date(window.from)).end_time(date(window.to));
            let ask = ask.scan_by(ScanBy::TimestampAscending).set_next_token(next.clone());
            ask.customize().interceptor(answered.clone()).send()
        };
        let page = calls.read(Operation::GetMetricData, ask).await?;
        // the first page is the oldest
        first = first.or_else(|| answered.at());
        for result in page.metric_data_results() {
            add(&mut found, result);
        }
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    let undated = || {
        let why = "the answer has no date, so its periods have no age";
        CallError::new(Operation::GetMetricData.name(), ErrorClass::Ambiguous, why)
    };
    Ok((first.ok_or_else(undated)?, found))
}

/// Adds what a page says of a query. Its last page says whether that is all.
fn add(found: &mut BTreeMap<String, MetricSeries>, result: &MetricDataResult) {
    let Some(id) = result.id() else { return };
    let series = found.entry(id.to_owned()).or_insert_with(|| MetricSeries {
        id: id.to_owned(),
        incomplete: None,
        points: Vec::new(),
    });
    let points = result.timestamps().iter().zip(result.values());
    series.points.extend(points.map(|(at, value)| (timestamp(at), *value)));
    let whole = matches!(result.status_code(), Some(StatusCode::Complete));
    series.incomplete = (!whole).then(|| {
        let code = result.status_code().map_or("no status", StatusCode::as_str);
        let said = result.messages().iter().filter_map(|message| message.value());
        said.fold(code.to_owned(), |all, said| format!("{all}: {said}"))
    });
}

fn sdk_query(query: &MetricQuery) -> MetricDataQuery {
    let seconds = i32::try_from(query.period.as_secs()).unwrap_or(i32::MAX);
    let built = MetricDataQuery::builder().id(&query.id).return_data(query.returned);
    match &query.source {
        MetricSource::Statistic { metric, statistic } => {
            let stat = MetricStat::builder().metric(sdk_metric(metric)).period(seconds);
            built.metric_stat(stat.stat(statistic).build())
        }
        MetricSource::Expression { formula } => built.expression(formula).period(seconds),
    }
    .build()
}

fn sdk_metric(metric: &Metric) -> SdkMetric {
    let dimensions = metric.dimensions.iter();
    let dimensions = dimensions.map(|(name, value)| Dimension::builder().name(name).value(value));
    SdkMetric::builder()
        .namespace(&metric.namespace)
        .metric_name(&metric.name)
        .set_dimensions(Some(dimensions.map(DimensionBuilder::build).collect()))
        .build()
}

fn date(at: Timestamp) -> DateTime {
    DateTime::from_millis(i64::try_from(at.as_millis()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn query(id: &str, source: MetricSource, returned: bool) -> MetricQuery {
        MetricQuery { id: id.to_owned(), source, period: Duration::from_mins(1), returned }
    }

    fn statistic(id: &str, returned: bool) -> MetricQuery {
        let metric = Metric::of_balancer("RequestCount", "app/web/1", None);
        query(id, MetricSource::Statistic { metric, statistic: "Sum".to_owned() }, returned)
    }

    #[test]
    fn a_formula_is_asked_with_its_parts_and_no_call_has_too_many_queries() {
        let mut queries = Vec::new();
        for n in 0..200 {
            queries.push(statistic(&format!("a{n}"), false));
            queries.push(statistic(&format!("b{n}"), false));
            let formula = format!("100*a{n}/FILL(b{n}, 0)");
            queries.push(query(&format!("e{n}"), MetricSource::Expression { formula }, true));
        }
        let batches = batches(&queries);
        assert_eq!(batches.len(), 2);
        for batch in &batches {
            assert!(batch.len() <= MOST);
            for query in batch.iter().filter(|query| query.returned) {
                let number = query.id.trim_start_matches('e');
                for part in [format!("a{number}"), format!("b{number}")] {
                    assert!(batch.iter().any(|query| query.id == part), "{part}");
                }
            }
        }
        let asked = batches.iter().flatten().filter(|query| query.returned).count();
        assert_eq!(asked, 200);
    }

    #[test]
    fn only_complete_says_that_it_is_all() {
        let mut found = BTreeMap::new();
        let page = |status| MetricDataResult::builder().id("a").status_code(status).build();
        add(&mut found, &page(StatusCode::PartialData));
        assert!(found.get("a").unwrap().incomplete.is_some());
        add(&mut found, &page(StatusCode::Complete));
        assert_eq!(found.get("a").unwrap().incomplete, None);
        add(&mut found, &MetricDataResult::builder().id("b").build());
        assert!(found.get("b").unwrap().incomplete.is_some());
    }
}
