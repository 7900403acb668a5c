//! Writes to CloudWatch.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::alarm::Alarm;
use super::super::alarm_spec::AlarmRule;
use super::super::api_error::ApiError;
use super::super::world::World;
use super::alarm_document::AlarmDocument;
use super::alarm_reads::alarm_arn;
use super::cloud_watch_answer::CloudWatchAnswer;
use super::cloud_watch_call::CloudWatchCall;
use super::cloud_watch_call::Datum;
use super::composite_rule::CompositeRule;
use super::known_metrics::MINUTE_MS;
use super::metric_alarm::MetricAlarm;
use super::samples::Samples;
use super::scenario_alarm::settings;
use crate::model::AlarmName;

impl World {
    /// Carries out a write to CloudWatch.
    pub(in super::super) fn carry_out_cloud_watch(
        &mut self,
        call: &CloudWatchCall,
    ) -> Result<CloudWatchAnswer, ApiError> {
        match call {
            CloudWatchCall::PutMetricAlarm { name, settings, tags } => {
                self.check_type(name, false)?;
                let settings = MetricAlarm::completed(settings)?;
                self.put_document(name, settings, tags);
            }
            CloudWatchCall::PutCompositeAlarm { name, settings, tags } => {
                self.check_type(name, true)?;
                let settings = self.completed_composite(name, settings)?;
                self.put_document(name, settings, tags);
            }
            CloudWatchCall::DeleteAlarms { names } => {
                for name in names {
                    self.check_alarm(name)?;
                }
                self.state.alarms.retain(|alarm| !names.iter().any(|of| of == alarm.name.as_str()));
                for name in names {
                    self.state.tags.remove(&alarm_arn(name));
                }
                self.evaluate_composites();
            }
            CloudWatchCall::SetAlarmState { name, state, reason } => {
                self.check_alarm(name)?;
                let name = AlarmName::new(name.as_str())
                    .map_err(|error| ApiError::validation(error.to_string()))?;
                self.set_alarm(&name, *state, reason)?;
            }
            CloudWatchCall::EnableAlarmActions { names } => self.enable_actions(names, true),
            CloudWatchCall::DisableAlarmActions { names } => self.enable_actions(names, false),
            CloudWatchCall::PutMetricData { data } => self.put_metric_data(data)?,
            CloudWatchCall::TagResource { arn, tags } => {
                self.state.alarm_of_arn(arn)?;
                self.state.tag(arn, tags);
            }
            CloudWatchCall::UntagResource { arn, keys } => {
                self.state.alarm_of_arn(arn)?;
                if let Some(tags) = self.state.tags.get_mut(arn) {
                    tags.retain(|key, _| !keys.contains(key));
                }
            }
            _ => return Err(ApiError::validation("not a write")),
        }
        Ok(CloudWatchAnswer::Done)
    }

    fn check_alarm(&self, name: &str) -> Result<(), ApiError> {
        if self.state.alarms.iter().any(|alarm| alarm.name.as_str() == name) {
            return Ok(());
        }
        Err(ApiError::gone("ResourceNotFound", format!("The alarm '{name}' is not there")))
    }

    /// An alarm cannot become one of the other type.
    fn check_type(&self, name: &AlarmName, composite: bool) -> Result<(), ApiError> {
        let known = self.state.alarms.iter().find(|alarm| alarm.name == *name);
        if known.is_some_and(|known| known.is_composite() != composite) {
            return Err(ApiError::validation(format!(
                "An alarm of another type with the name '{name}' exists"
            )));
        }
        Ok(())
    }

    fn completed_composite(
        &self,
        name: &AlarmName,
        given: &Map<String, Value>,
    ) -> Result<Map<String, Value>, ApiError> {
        let text = given.get("AlarmRule").and_then(Value::as_str).unwrap_or_default();
        let rule = CompositeRule::parse(text)?;
        for child in rule.children() {
            if child == name.as_str() {
                return Err(ApiError::validation("A composite alarm cannot depend on itself"));
            }
            if self.check_alarm(child).is_err() {
                return Err(ApiError::validation(format!(
                    "The alarm '{child}' in AlarmRule does not exist"
                )));
            }
        }
        let mut settings = given.clone();
        settings.entry("ActionsEnabled").or_insert(json!(true));
        for list in ["OKActions", "AlarmActions", "InsufficientDataActions"] {
            settings.entry(list).or_insert_with(|| json!([]));
        }
        Ok(settings)
    }

    fn put_document(
        &mut self,
        name: &AlarmName,
        settings: Map<String, Value>,
        tags: &BTreeMap<String, String>,
    ) {
        let known = self.state.alarms.iter().any(|alarm| alarm.name == *name);
        self.put_alarm(name, &AlarmRule::Given(AlarmDocument::new(settings)));
        if !known {
            // tags of an alarm that is there are left alone
            self.state.tag(&alarm_arn(name.as_str()), tags);
        }
    }

    /// Alarms that are not there are passed over.
    fn enable_actions(&mut self, names: &[String], enabled: bool) {
        let wanted = |alarm: &&mut Alarm| names.iter().any(|name| name == alarm.name.as_str());
        for alarm in self.state.alarms.iter_mut().filter(wanted) {
            let mut settings = settings(alarm.name.as_str(), &alarm.rule);
            settings.insert("ActionsEnabled".to_owned(), json!(enabled));
            alarm.rule = AlarmRule::Given(AlarmDocument::new(settings));
        }
    }

    fn put_metric_data(&mut self, data: &[Datum]) -> Result<(), ApiError> {
        if data.iter().any(|datum| datum.metric.namespace.starts_with("AWS/")) {
            return Err(ApiError::refused(
                "InvalidParameterValue",
                "The value AWS/ for parameter Namespace is invalid.",
            ));
        }
        let wall = self.aws_wall();
        for datum in data {
            let minute = datum.at.unwrap_or(wall).as_millis() / MINUTE_MS;
            let values = datum.values.iter().map(|(value, count)| (value.0, count.0)).collect();
            let minutes = self.put_data.entry(datum.metric.clone()).or_default();
            minutes.entry(minute).or_default().add(&Samples::new(values));
        }
        Ok(())
    }
}
