//! CloudWatch: alarms made from outside, and metrics.
//!
//! `AWS/ApplicationELB` has its metrics by the minute, published as late as the scenario says, and no
//! datum where there is nothing to count. Response times have one shape everywhere: of the 99th
//! percentile the median is 0.15, the 90th 0.5, the 95th 0.65 and the maximum 1.5. What callers put
//! is published at once. Alarms are evaluated once a minute; periods below a minute count as one.

mod alarm_document;
mod alarm_reads;
mod alarm_writes;
mod cloud_watch_answer;
mod cloud_watch_call;
mod composite_rule;
mod expression;
mod known_metrics;
mod metric_alarm;
mod metric_query;
mod metric_reads;
mod real;
mod samples;
mod scenario_alarm;

pub use alarm_document::AlarmDocument;
pub use cloud_watch_answer::AlarmDescription;
pub use cloud_watch_answer::AlarmHistoryItem;
pub use cloud_watch_answer::CloudWatchAnswer;
pub use cloud_watch_answer::MetricResult;
pub use cloud_watch_call::AlarmFilter;
pub use cloud_watch_call::CloudWatchCall;
pub use cloud_watch_call::Datum;
pub(super) use metric_alarm::MetricAlarm;
pub use metric_query::MetricQuery;
pub use metric_query::MetricSource;
pub use real::Real;
pub(super) use samples::Samples;
