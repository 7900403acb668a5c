//! Alarms and metrics as a [`Monitor`].

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::AlarmHistoryItem;
use aws_sdk_cloudwatch::types::AlarmType;
use aws_sdk_cloudwatch::types::HistoryItemType;
use aws_sdk_cloudwatch::types::ScanBy;
use aws_smithy_types::DateTime;
use futures_util::FutureExt;
use serde::Deserialize;

use super::super::sdk::Batcher;
use super::super::sdk::Calls;
use super::super::sdk::Fetched;
use super::super::sdk::Operation;
use super::alarm::Alarm;
use super::alarm::timestamp;
use super::metrics;
use crate::model::AlarmName;
use crate::model::MetricQuery;
use crate::model::Timestamp;
use crate::ports::AlarmReading;
use crate::ports::AlarmState;
use crate::ports::AlarmTransition;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::MetricData;
use crate::ports::MetricWindow;
use crate::ports::Monitor;

/// How many names `DescribeAlarms` takes, and how many it answers on a page.
pub(crate) const MOST_ALARMS: usize = 100;
const PAGE: i32 = 100;
/// Without them only metric alarms are answered.
const TYPES: [AlarmType; 3] =
    [AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm];

/// Alarms and metrics as a [`Monitor`]: one call for a hundred alarms, whoever asks.
#[derive(Debug)]
pub(crate) struct AwsMonitor {
    client: Client,
    calls: Calls,
    alarms: Batcher<AlarmName, Alarm>,
}

impl AwsMonitor {
    pub(crate) fn new(client: Client, calls: Calls) -> Self {
        let (asked, shared) = (client.clone(), calls.clone());
        let fetch = move |names: Vec<AlarmName>| {
            let (client, calls) = (asked.clone(), shared.look());
            async move { describe(&client, &calls, &names).await }.boxed()
        };
        let alarms = Batcher::new(Arc::clone(calls.clock()), MOST_ALARMS, |_, _| true, fetch);
        Self { client, calls, alarms }
    }

    /// These alarms with all that is known of them; one that does not exist is absent.
    pub(crate) async fn describe(&self, names: &[AlarmName]) -> Fetched<AlarmName, Alarm> {
        self.alarms.ask(names).await
    }
}

async fn describe(
    client: &Client,
    calls: &Calls,
    names: &[AlarmName],
) -> Fetched<AlarmName, Alarm> {
    let names: Vec<String> = names.iter().map(|name| name.as_str().to_owned()).collect();
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let ask = || {
            let ask = client.describe_alarms().set_alarm_names(Some(names.clone()));
            let ask = ask.set_alarm_types(Some(TYPES.to_vec())).max_records(PAGE);
            ask.set_next_token(next.clone()).send()
        };
        let page = calls.read(Operation::DescribeAlarms, ask).await?;
        found.extend(page.metric_alarms().iter().filter_map(Alarm::of_metric));
        found.extend(page.composite_alarms().iter().filter_map(Alarm::of_composite));
        found.extend(page.log_alarms().iter().filter_map(Alarm::of_log));
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    Ok(found.into_iter().map(|alarm| (alarm.reading.name.clone(), alarm)).collect())
}

/// What of a history item's data counts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HistoryData {
    new_state: NewState,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewState {
    state_value: String,
}

/// The change of state that an item tells of; none where it cannot be read.
fn transition(item: &AlarmHistoryItem) -> Option<AlarmTransition> {
    let data: Option<HistoryData> =
        item.history_data().and_then(|data| serde_json::from_str(data).ok());
    let to = match data {
        Some(data) => data.new_state.state_value,
        // `Alarm updated from OK to ALARM`
        None => item.history_summary()?.rsplit(" to ").next()?.to_owned(),
    };
    let to = match to.as_str() {
        "OK" => AlarmState::Ok,
        "ALARM" => AlarmState::Alarm,
        "INSUFFICIENT_DATA" => AlarmState::InsufficientData,
        _ => return None,
    };
    Some(AlarmTransition { at: timestamp(item.timestamp()?), to })
}

#[async_trait]
impl Monitor for AwsMonitor {
    async fn alarms(&self, names: &[AlarmName]) -> Result<Vec<AlarmReading>, CallError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.describe(names).await?;
        Ok(names.iter().filter_map(|name| found.get(name)).map(|it| it.reading.clone()).collect())
    }

    async fn history(
        &self,
        name: &AlarmName,
        since: Timestamp,
    ) -> Result<Vec<AlarmTransition>, CallError> {
        let (calls, operation) = (self.calls.look(), Operation::DescribeAlarmHistory);
        let start = DateTime::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX));
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let ask = || {
                let ask = self.client.describe_alarm_history().alarm_name(name.as_str());
                let ask = ask.set_alarm_types(Some(TYPES.to_vec())).start_date(start);
                let ask = ask.history_item_type(HistoryItemType::StateUpdate);
                let ask = ask.scan_by(ScanBy::TimestampAscending).max_records(PAGE);
                ask.set_next_token(next.clone()).send()
            };
            let page = calls.read(operation, ask).await?;
            for item in page.alarm_history_items() {
                // a part of the history is not an answer
                let unread = || {
                    let what = format!("a change of `{name}` cannot be read");
                    CallError::new(operation.name(), ErrorClass::Ambiguous, what)
                };
                found.push(transition(item).ok_or_else(unread)?);
            }
            next = page.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        found.retain(|change| change.at > since);
        found.sort_by_key(|change| change.at);
        Ok(found)
    }

    async fn metrics(
        &self,
        queries: &[MetricQuery],
        window: MetricWindow,
    ) -> Result<MetricData, CallError> {
        metrics::read(&self.client, &self.calls.look(), queries, window).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(data: Option<&str>, summary: &str) -> Option<AlarmTransition> {
        let item = AlarmHistoryItem::builder()
            .timestamp(DateTime::from_millis(5))
            .set_history_data(data.map(str::to_owned))
            .history_summary(summary);
        transition(&item.build())
    }

    #[test]
    fn a_change_is_read_from_the_data_or_from_the_summary_and_else_is_trouble() {
        let data = r#"{"version":"1.0","oldState":{"stateValue":"OK"},
                       "newState":{"stateValue":"ALARM","stateReason":"x"}}"#;
        let at = Timestamp::from_millis(5);
        let red = Some(AlarmTransition { at, to: AlarmState::Alarm });
        assert_eq!(item(Some(data), "Alarm updated"), red);
        assert_eq!(item(None, "Alarm updated from OK to ALARM"), red);
        assert_eq!(item(Some("{}"), "Alarm updated from OK to ALARM"), red);
        assert_eq!(item(None, "Alarm updated"), None);
    }
}
