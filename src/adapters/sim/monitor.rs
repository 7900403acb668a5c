//! Alarms and metrics as a [`Monitor`].

use std::mem::take;
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;

use super::answer::Answer;
use super::call::Call;
use super::cloudwatch::CloudWatchAnswer;
use super::cloudwatch::CloudWatchCall;
use super::cloudwatch::MetricQuery as Query;
use super::cloudwatch::MetricSource as Source;
use super::gateway::Gateway;
use super::process::lock;
use crate::model::AlarmName;
use crate::model::MetricQuery;
use crate::model::MetricSource;
use crate::model::Timestamp;
use crate::ports::AlarmReading;
use crate::ports::AlarmTransition;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::MetricData;
use crate::ports::MetricSeries;
use crate::ports::MetricWindow;
use crate::ports::Monitor;

const METRICS: &str = "cloudwatch:GetMetricData";
const HISTORY: &str = "cloudwatch:DescribeAlarmHistory";

/// Alarms and metrics as a [`Monitor`].
#[derive(Debug)]
pub(super) struct SimMonitor {
    gateway: Gateway,
    /// The last queries, and the same as the simulated cloud takes them: they are mostly asked again.
    asked: Mutex<(Vec<MetricQuery>, Arc<[Query]>)>,
}

impl SimMonitor {
    pub(super) fn new(gateway: Gateway) -> Self {
        Self { gateway, asked: Mutex::default() }
    }

    fn queries(&self, queries: &[MetricQuery]) -> Arc<[Query]> {
        let mut asked = lock(&self.asked);
        if asked.0 != queries {
            *asked = (queries.to_vec(), queries.iter().map(query).collect());
        }
        Arc::clone(&asked.1)
    }
}

#[async_trait]
impl Monitor for SimMonitor {
    async fn alarms(&self, names: &[AlarmName]) -> Result<Vec<AlarmReading>, CallError> {
        let call = Call::DescribeAlarms { names: names.to_vec() };
        match self.gateway.call(call).await?.answer {
            Answer::Alarms(readings) => Ok(readings),
            _ => Err(Gateway::unexpected("cloudwatch:DescribeAlarms")),
        }
    }

    async fn history(
        &self,
        name: &AlarmName,
        since: Timestamp,
    ) -> Result<Vec<AlarmTransition>, CallError> {
        let call = Call::DescribeAlarmHistory { name: name.clone(), since };
        let reply = self.gateway.call(call).await?;
        match reply.answer {
            // a page that does not come makes the whole history unknown
            Answer::AlarmHistory(_) if reply.partial => {
                Err(CallError::new(HISTORY, ErrorClass::Ambiguous, "a page of it is missing"))
            }
            Answer::AlarmHistory(transitions) => Ok(transitions),
            _ => Err(Gateway::unexpected(HISTORY)),
        }
    }

    async fn metrics(
        &self,
        queries: &[MetricQuery],
        window: MetricWindow,
    ) -> Result<MetricData, CallError> {
        // as old as the question at least
        let at = self.gateway.process().with(|world| world.aws_wall());
        let call = Call::CloudWatch(CloudWatchCall::GetMetricData {
            queries: self.queries(queries),
            since: window.from,
            until: window.to,
            newest_first: false,
        });
        let reply = self.gateway.call(call).await?;
        let Answer::CloudWatch(CloudWatchAnswer::Data(mut results)) = reply.answer else {
            return Err(Gateway::unexpected(METRICS));
        };
        let of = |query: &MetricQuery| {
            let result = results.iter_mut().find(|result| result.id() == query.id);
            let data = result.map(|result| take(&mut result.data));
            MetricSeries {
                id: query.id.clone(),
                incomplete: data.is_none().then(|| "PartialData".to_owned()),
                points: data
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(at, value)| (at, value.0))
                    .collect(),
            }
        };
        let series = queries.iter().filter(|query| query.returned).map(of).collect();
        Ok(MetricData { at, series })
    }
}

/// A query as the simulated cloud takes it.
fn query(query: &MetricQuery) -> Query {
    let seconds = u32::try_from(query.period.as_secs()).unwrap_or(u32::MAX);
    let source = match query.source.clone() {
        MetricSource::Statistic { metric, statistic } => {
            Source::Statistic { metric, statistic, period: seconds }
        }
        MetricSource::Expression { formula } => {
            Source::Expression { formula, period: Some(seconds) }
        }
    };
    Query { id: query.id.clone(), source, label: None, returned: query.returned }
}
