//! Calls to CloudWatch.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

use super::super::call_kind::CallKind;
use super::metric_query::MetricQuery;
use super::real::Real;
use crate::model::AlarmName;
use crate::model::Metric;
use crate::model::Timestamp;
use crate::ports::AlarmState;

/// Which alarms are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "protocols build it")]
pub struct AlarmFilter {
    /// `AlarmNames`; all where none is given.
    pub names: Vec<String>,
    /// `AlarmNamePrefix`.
    pub prefix: Option<String>,
    /// `ActionPrefix`.
    pub action_prefix: Option<String>,
    /// `StateValue`.
    pub state: Option<AlarmState>,
    /// `ChildrenOfAlarmName`.
    pub children_of: Option<String>,
    /// `ParentsOfAlarmName`.
    pub parents_of: Option<String>,
    /// Whether metric alarms are wanted.
    pub metric: bool,
    /// Whether composite alarms are.
    pub composite: bool,
}

/// What a caller measured.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "protocols build it")]
pub struct Datum {
    /// The metric.
    pub metric: Metric,
    /// When; now where none is given.
    pub at: Option<Timestamp>,
    /// Values, each with how often it was seen.
    pub values: Vec<(Real, Real)>,
}

/// A call to CloudWatch. `settings` hold the parameters in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operation and the parameters of the same name")]
#[non_exhaustive]
pub enum CloudWatchCall {
    PutMetricAlarm {
        name: AlarmName,
        settings: Map<String, Value>,
        tags: BTreeMap<String, String>,
    },
    PutCompositeAlarm {
        name: AlarmName,
        settings: Map<String, Value>,
        tags: BTreeMap<String, String>,
    },
    DescribeAlarms {
        filter: AlarmFilter,
    },
    DescribeAlarmHistory {
        name: Option<String>,
        metric: bool,
        composite: bool,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        newest_first: bool,
    },
    DeleteAlarms {
        names: Vec<String>,
    },
    SetAlarmState {
        name: String,
        state: AlarmState,
        reason: String,
    },
    EnableAlarmActions {
        names: Vec<String>,
    },
    DisableAlarmActions {
        names: Vec<String>,
    },
    PutMetricData {
        data: Vec<Datum>,
    },
    GetMetricData {
        queries: Arc<[MetricQuery]>,
        since: Timestamp,
        until: Timestamp,
        newest_first: bool,
    },
    GetMetricStatistics {
        metric: Metric,
        statistics: Vec<String>,
        period: u32,
        since: Timestamp,
        until: Timestamp,
    },
    ListMetrics {
        namespace: Option<String>,
        name: Option<String>,
        dimensions: Vec<(String, Option<String>)>,
    },
    TagResource {
        arn: String,
        tags: BTreeMap<String, String>,
    },
    UntagResource {
        arn: String,
        keys: Vec<String>,
    },
    ListTagsForResource {
        arn: String,
    },
}

impl CloudWatchCall {
    /// Which operation it is.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::PutMetricAlarm { .. } => CallKind::PutAlarm,
            Self::PutCompositeAlarm { .. } => CallKind::PutCompositeAlarm,
            Self::DescribeAlarms { .. } => CallKind::DescribeAlarms,
            Self::DescribeAlarmHistory { .. } => CallKind::DescribeAlarmHistory,
            Self::DeleteAlarms { .. } => CallKind::DeleteAlarms,
            Self::SetAlarmState { .. } => CallKind::SetAlarmState,
            Self::EnableAlarmActions { .. } => CallKind::EnableAlarmActions,
            Self::DisableAlarmActions { .. } => CallKind::DisableAlarmActions,
            Self::PutMetricData { .. } => CallKind::PutMetricData,
            Self::GetMetricData { .. } => CallKind::GetMetricData,
            Self::GetMetricStatistics { .. } => CallKind::GetMetricStatistics,
            Self::ListMetrics { .. } => CallKind::ListMetrics,
            Self::TagResource { .. } => CallKind::TagAlarm,
            Self::UntagResource { .. } => CallKind::UntagAlarm,
            Self::ListTagsForResource { .. } => CallKind::ListTagsForAlarm,
        }
    }
}
