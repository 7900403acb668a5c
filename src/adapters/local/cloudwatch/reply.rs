//! Answers of CloudWatch.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::super::sim::AlarmDescription;
use super::super::super::sim::AlarmHistoryItem;
use super::super::super::sim::Answer;
use super::super::super::sim::CloudWatchAnswer;
use super::super::super::sim::MetricResult;
use super::super::super::sim::Real;
use super::super::node::Node;
use super::super::params::Params;
use crate::model::Metric;
use crate::model::Timestamp;
use crate::ports::AlarmState;

/// Data points of one page of data, at most.
const DATA_A_PAGE: u32 = 100_800;
/// Metrics of one page.
const METRICS_A_PAGE: usize = 500;

/// What a request that the world answered so is answered with.
pub(crate) fn node(operation: &str, params: Params<'_>, answer: &Answer) -> Node {
    let Answer::CloudWatch(answer) = answer else { return Node::map() };
    match answer {
        CloudWatchAnswer::Alarms(alarms) => {
            let (alarms, next) = page(alarms, records(params), params);
            let of = |composite: bool| {
                let those = alarms.iter().filter(move |alarm| alarm.composite == composite);
                Node::list(those.map(alarm))
            };
            Node::map()
                .with("CompositeAlarms", of(true))
                .with("MetricAlarms", of(false))
                .with_some("NextToken", next)
        }
        CloudWatchAnswer::History(items) => {
            let (items, next) = page(items, records(params), params);
            Node::map()
                .with("AlarmHistoryItems", Node::list(items.iter().map(history)))
                .with_some("NextToken", next)
        }
        CloudWatchAnswer::Data(results) => data(results, params),
        CloudWatchAnswer::Statistics(points) => {
            let label = params.text("MetricName").ok().flatten().unwrap_or_default();
            let points = points.iter().map(|(at, values)| point(*at, values));
            Node::map().with("Label", Node::text(label)).with("Datapoints", Node::list(points))
        }
        CloudWatchAnswer::Metrics(metrics) => {
            let (metrics, next) = page(metrics, METRICS_A_PAGE, params);
            Node::map()
                .with("Metrics", Node::list(metrics.iter().map(metric)))
                .with_some("NextToken", next)
        }
        CloudWatchAnswer::Tags(tags) if operation == "ListTagsForResource" => {
            let tags = tags.iter().map(|(key, value)| {
                Node::map().with("Key", Node::text(key)).with("Value", Node::text(value))
            });
            Node::map().with("Tags", Node::list(tags))
        }
        _ => Node::map(),
    }
}

fn records(params: Params<'_>) -> usize {
    let records = params.count("MaxRecords").ok().flatten();
    records.and_then(|records| usize::try_from(records).ok()).unwrap_or(100)
}

/// One page of a list, and the token of the next: the number of items before it.
fn page<'a, T>(items: &'a [T], size: usize, params: Params<'_>) -> (&'a [T], Option<Node>) {
    let token = params.text("NextToken").ok().flatten();
    let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let rest = items.get(from..).unwrap_or_default();
    let next = (rest.len() > size).then(|| Node::text((from + size).to_string()));
    (rest.get(..size).unwrap_or(rest), next)
}

const fn word(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Ok => "OK",
        AlarmState::Alarm => "ALARM",
        AlarmState::InsufficientData => "INSUFFICIENT_DATA",
    }
}

fn alarm(alarm: &AlarmDescription) -> Node {
    let mut node = Node::Map(
        alarm.settings.iter().map(|(name, value)| (name.clone(), Node::from(value))).collect(),
    );
    if !alarm.settings.contains_key("AlarmName") {
        node = node.with("AlarmName", Node::text(&alarm.name));
    }
    node.with("AlarmArn", Node::text(&alarm.arn))
        .with("AlarmConfigurationUpdatedTimestamp", Node::Time(alarm.configured_at))
        .with("StateValue", Node::text(word(alarm.state)))
        .with("StateReason", Node::text(&alarm.reason))
        .with("StateUpdatedTimestamp", Node::Time(alarm.updated_at))
        .with("StateTransitionedTimestamp", Node::Time(alarm.transitioned_at))
        .with_some("EvaluationState", alarm.evaluation.map(Node::text))
}

fn history(item: &AlarmHistoryItem) -> Node {
    let state = |(state, reason): &(AlarmState, String)| json!({ "stateValue": word(*state), "stateReason": reason });
    let data =
        json!({ "version": "1.0", "oldState": state(&item.old), "newState": state(&item.new) });
    let summary = format!("Alarm updated from {} to {}", word(item.old.0), word(item.new.0));
    let kind = if item.composite { "CompositeAlarm" } else { "MetricAlarm" };
    Node::map()
        .with("AlarmName", Node::text(&item.name))
        .with("AlarmType", Node::text(kind))
        .with("Timestamp", Node::Time(item.at))
        .with("HistoryItemType", Node::text("StateUpdate"))
        .with("HistorySummary", Node::text(summary))
        .with("HistoryData", Node::text(data.to_string()))
}

/// One page of data: so many data points, whichever metrics they are of.
fn data(results: &[MetricResult], params: Params<'_>) -> Node {
    let asked = params.count("MaxDatapoints").ok().flatten().unwrap_or(DATA_A_PAGE);
    let size = usize::try_from(asked.clamp(1, DATA_A_PAGE)).unwrap_or(usize::MAX);
    let token = params.text("NextToken").ok().flatten();
    let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let to = from.saturating_add(size);
    let (mut before, mut shown) = (0, Vec::new());
    for result in results {
        let count = result.data.len();
        let first = from.saturating_sub(before).min(count);
        let end = to.saturating_sub(before).min(count);
        let points = result.data.get(first..end).unwrap_or_default();
        // a metric without data is told of once
        if !points.is_empty() || (count == 0 && from == 0) {
            shown.push(metric_data(result, points, end == count));
        }
        before += count;
    }
    let next = (before > to).then(|| Node::text(to.to_string()));
    Node::map().with("MetricDataResults", Node::List(shown)).with_some("NextToken", next)
}

fn metric_data(result: &MetricResult, points: &[(Timestamp, Real)], complete: bool) -> Node {
    let status = if complete { "Complete" } else { "PartialData" };
    Node::map()
        .with("Id", Node::text(result.id()))
        .with("Label", Node::text(result.label()))
        .with("Timestamps", Node::list(points.iter().map(|(at, _)| Node::Time(*at))))
        .with("Values", Node::list(points.iter().map(|(_, value)| Node::Float(value.0))))
        .with("StatusCode", Node::text(status))
}

fn point(at: Timestamp, values: &BTreeMap<String, Real>) -> Node {
    let mut node = Node::map().with("Timestamp", Node::Time(at));
    let mut extended = Vec::new();
    for (name, value) in values {
        let value = Node::Float(value.0);
        if name.starts_with('p') {
            extended.push((name.clone(), value));
        } else {
            node = node.with(name, value);
        }
    }
    let extended = (!extended.is_empty()).then_some(Node::Map(extended));
    node.with_some("ExtendedStatistics", extended).with("Unit", Node::text("None"))
}

fn metric(metric: &Metric) -> Node {
    let dimensions = metric.dimensions.iter().map(|(name, value)| {
        Node::map().with("Name", Node::text(name)).with("Value", Node::text(value))
    });
    Node::map()
        .with("Namespace", Node::text(&metric.namespace))
        .with("MetricName", Node::text(&metric.name))
        .with("Dimensions", Node::list(dimensions))
}
