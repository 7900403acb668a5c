//! What CloudWatch answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use super::metric_query::MetricQuery;
use super::metric_query::MetricSource;
use super::real::Real;
use crate::model::Metric;
use crate::model::Timestamp;
use crate::ports::AlarmState;

/// An alarm as `DescribeAlarms` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlarmDescription {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Whether it is a composite alarm.
    pub composite: bool,
    /// Its settings, in AWS's words.
    pub settings: Arc<Map<String, Value>>,
    /// Its state.
    pub state: AlarmState,
    /// Why it is in that state.
    pub reason: String,
    /// When its state changed last.
    pub transitioned_at: Timestamp,
    /// When its state or reason was set last.
    pub updated_at: Timestamp,
    /// When its settings changed last.
    pub configured_at: Timestamp,
    /// `EvaluationState`, while CloudWatch has trouble with it.
    pub evaluation: Option<&'static str>,
}

/// One change of an alarm's state.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlarmHistoryItem {
    /// The alarm.
    pub name: String,
    /// Whether it is a composite alarm.
    pub composite: bool,
    /// When.
    pub at: Timestamp,
    /// The state before, and why.
    pub old: (AlarmState, String),
    /// The state after, and why.
    pub new: (AlarmState, String),
}

/// The data of one query.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MetricResult {
    /// All queries of the call.
    pub(super) queries: Arc<[MetricQuery]>,
    /// Which of them it is.
    pub(super) place: usize,
    /// Beginnings of periods with their values.
    pub data: Vec<(Timestamp, Real)>,
}

impl MetricResult {
    /// The query's id.
    pub fn id(&self) -> &str {
        self.queries.get(self.place).map_or("", |query| &query.id)
    }

    /// Its label: where none was given, the metric's name, or the id of a formula.
    pub fn label(&self) -> &str {
        self.queries.get(self.place).map_or("", |query| match (&query.label, &query.source) {
            (Some(label), _) => label,
            (None, MetricSource::Statistic { metric, .. }) => &metric.name,
            (None, MetricSource::Expression { .. }) => &query.id,
        })
    }
}

/// What CloudWatch answers to a [`CloudWatchCall`](super::CloudWatchCall).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloudWatchAnswer {
    /// Alarms of both types by name; one that is not there is left out.
    Alarms(Vec<AlarmDescription>),
    /// Changes of state.
    History(Vec<AlarmHistoryItem>),
    /// `MetricDataResults`.
    Data(Vec<MetricResult>),
    /// `Datapoints`: beginnings of periods with the statistics that were asked for.
    Statistics(Vec<(Timestamp, BTreeMap<String, Real>)>),
    /// `Metrics`.
    Metrics(Vec<Metric>),
    /// `Tags`.
    Tags(BTreeMap<String, String>),
    /// Done; nothing more to say.
    Done,
}

impl CloudWatchAnswer {
    /// Takes its last item away.
    pub(crate) fn drop_last(&mut self) {
        match self {
            Self::Alarms(items) => drop(items.pop()),
            Self::History(items) => drop(items.pop()),
            Self::Data(items) => drop(items.pop()),
            Self::Statistics(items) => drop(items.pop()),
            Self::Metrics(items) => drop(items.pop()),
            Self::Tags(_) | Self::Done => {}
        }
    }
}
