//! Alarms and metrics as a port.

use std::fmt;

use async_trait::async_trait;

use super::alarm::AlarmReading;
use super::alarm::AlarmTransition;
use super::call_error::CallError;
use super::metric::MetricData;
use super::metric::MetricWindow;
use crate::model::AlarmName;
use crate::model::MetricQuery;
use crate::model::Timestamp;

/// `CloudWatch`.
///
/// # Contract
///
/// - `alarms` answers for metric **and** composite alarms. A name that does not exist is absent from
///   the answer; the order is that of the question.
/// - `history` lists every change of state after `since` (AWS's time), oldest first, or fails: a part
///   of the history is not an answer.
/// - `metrics` answers for every query whose data are asked for, in their order, with all pages, or
///   fails. What is not all of a query's data says so.
#[async_trait]
pub trait Monitor: fmt::Debug + Send + Sync {
    /// The state of these alarms now.
    async fn alarms(&self, names: &[AlarmName]) -> Result<Vec<AlarmReading>, CallError>;

    /// The changes of state of one alarm after `since`.
    async fn history(
        &self,
        name: &AlarmName,
        since: Timestamp,
    ) -> Result<Vec<AlarmTransition>, CallError>;

    /// The data of these queries.
    async fn metrics(
        &self,
        queries: &[MetricQuery],
        window: MetricWindow,
    ) -> Result<MetricData, CallError>;
}
