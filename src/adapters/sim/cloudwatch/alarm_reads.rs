//! Reads of alarms.

use std::sync::Arc;

use serde_json::Value;

use super::super::alarm::Alarm;
use super::super::alarm_spec::AlarmRule;
use super::super::api_error::ApiError;
use super::super::state::State;
use super::super::world::World;
use super::cloud_watch_answer::AlarmDescription;
use super::cloud_watch_answer::AlarmHistoryItem;
use super::cloud_watch_answer::CloudWatchAnswer;
use super::cloud_watch_call::AlarmFilter;
use super::cloud_watch_call::CloudWatchCall;
use super::composite_rule::CompositeRule;
use super::scenario_alarm::settings;
use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::AlarmState;

const ARN: &str = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:";

impl World {
    /// Answers a read of CloudWatch with the alarms as `state` has them.
    pub(in super::super) fn read_cloud_watch(
        &self,
        state: &State,
        call: &CloudWatchCall,
        now: Elapsed,
    ) -> Result<CloudWatchAnswer, ApiError> {
        match call {
            CloudWatchCall::DescribeAlarms { filter } => state.filter_alarms(filter, now),
            CloudWatchCall::DescribeAlarmHistory {
                name,
                metric,
                composite,
                since,
                until,
                newest_first,
            } => {
                let mut items: Vec<AlarmHistoryItem> = state
                    .alarms
                    .iter()
                    .filter(|alarm| name.as_ref().is_none_or(|of| of == alarm.name.as_str()))
                    .filter(|alarm| if alarm.is_composite() { *composite } else { *metric })
                    .flat_map(|alarm| history(alarm, *since, *until))
                    .collect();
                items.sort_by_key(|item| item.at);
                if *newest_first {
                    items.reverse();
                }
                Ok(CloudWatchAnswer::History(items))
            }
            CloudWatchCall::GetMetricData { queries, since, until, newest_first } => {
                self.get_metric_data(queries, (*since, *until), *newest_first)
            }
            CloudWatchCall::GetMetricStatistics { metric, statistics, period, since, until } => {
                self.get_metric_statistics(metric, statistics, *period, (*since, *until))
            }
            CloudWatchCall::ListMetrics { namespace, name, dimensions } => {
                let mut all = self.metrics_there(state);
                all.retain(|metric| {
                    namespace.as_ref().is_none_or(|of| *of == metric.namespace)
                        && name.as_ref().is_none_or(|of| *of == metric.name)
                        && dimensions.iter().all(|(name, value)| {
                            let own = metric.dimensions.get(name);
                            own.is_some_and(|own| value.as_ref().is_none_or(|of| of == own))
                        })
                });
                Ok(CloudWatchAnswer::Metrics(all))
            }
            CloudWatchCall::ListTagsForResource { arn } => {
                state.alarm_of_arn(arn)?;
                Ok(CloudWatchAnswer::Tags(state.tags.get(arn).cloned().unwrap_or_default()))
            }
            _ => Err(ApiError::validation("not a read")),
        }
    }
}

impl Alarm {
    /// Whether it is a composite alarm.
    pub(in super::super) fn is_composite(&self) -> bool {
        match &self.rule {
            AlarmRule::Metric { .. } => false,
            AlarmRule::AnyOf(_) => true,
            AlarmRule::Given(document) => document.composite_rule().is_some(),
        }
    }

    /// When it fires, for a composite alarm.
    pub(in super::super) fn composite_rule(&self) -> Option<CompositeRule> {
        match &self.rule {
            AlarmRule::Metric { .. } => None,
            AlarmRule::AnyOf(children) => {
                let one = |child: &crate::model::AlarmName| {
                    CompositeRule::Is(AlarmState::Alarm, child.to_string())
                };
                let any = |one, other| CompositeRule::Or(Box::new(one), Box::new(other));
                let rule = children.iter().map(one).reduce(any);
                Some(rule.unwrap_or(CompositeRule::Always(false)))
            }
            AlarmRule::Given(document) => CompositeRule::parse(document.composite_rule()?).ok(),
        }
    }

    fn describe(&self, now: Elapsed) -> AlarmDescription {
        let name = self.name.to_string();
        let settings = match &self.rule {
            AlarmRule::Given(document) => Arc::clone(&document.settings),
            rule => Arc::new(settings(&name, rule)),
        };
        AlarmDescription {
            arn: alarm_arn(&name),
            composite: self.is_composite(),
            settings,
            state: self.state,
            reason: self.reason().to_owned(),
            transitioned_at: self.transitioned_at,
            updated_at: self.updated_at,
            configured_at: self.configured_at,
            evaluation: self.broken_until.filter(|until| *until > now).map(|_| "EVALUATION_ERROR"),
            name,
        }
    }
}

/// The ARN of an alarm.
pub(super) fn alarm_arn(name: &str) -> String {
    format!("{ARN}{name}")
}

impl State {
    /// The alarm with this ARN.
    pub(super) fn alarm_of_arn(&self, arn: &str) -> Result<&Alarm, ApiError> {
        let found = arn
            .strip_prefix(ARN)
            .and_then(|name| self.alarms.iter().find(|alarm| alarm.name.as_str() == name));
        found.ok_or_else(|| {
            ApiError::gone("ResourceNotFoundException", format!("{arn} is not there"))
        })
    }

    fn filter_alarms(
        &self,
        filter: &AlarmFilter,
        now: Elapsed,
    ) -> Result<CloudWatchAnswer, ApiError> {
        let listed = |list: &str, alarm: &AlarmDescription, prefix: &str| {
            let actions = alarm.settings.get(list).and_then(Value::as_array).into_iter().flatten();
            actions.filter_map(Value::as_str).any(|action| action.starts_with(prefix))
        };
        let children: Option<Vec<String>> = filter.children_of.as_ref().map(|parent| {
            let parent = self.alarms.iter().find(|alarm| alarm.name.as_str() == parent);
            let rule = parent.and_then(Alarm::composite_rule);
            rule.iter().flat_map(CompositeRule::children).map(str::to_owned).collect()
        });
        let mut shown = Vec::new();
        for alarm in &self.alarms {
            let name = alarm.name.as_str();
            let is_parent = |child: &String| {
                alarm.composite_rule().is_some_and(|rule| rule.children().contains(&child.as_str()))
            };
            let wanted = (filter.names.is_empty() || filter.names.iter().any(|of| of == name))
                && filter.prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
                && filter.state.is_none_or(|state| state == alarm.state)
                && children.as_ref().is_none_or(|of| of.iter().any(|child| child == name))
                && filter.parents_of.as_ref().is_none_or(is_parent)
                && if alarm.is_composite() { filter.composite } else { filter.metric };
            if !wanted {
                continue;
            }
            let alarm = alarm.describe(now);
            let acts = |prefix: &String| {
                ["OKActions", "AlarmActions", "InsufficientDataActions"]
                    .iter()
                    .any(|list| listed(list, &alarm, prefix))
            };
            if filter.action_prefix.as_ref().is_none_or(acts) {
                shown.push(alarm);
            }
        }
        shown.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(CloudWatchAnswer::Alarms(shown))
    }
}

/// An alarm's changes of state within a time, the last instant included.
fn history(
    alarm: &Alarm,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Vec<AlarmHistoryItem> {
    let mut old = (AlarmState::InsufficientData, "Unchecked: Initial alarm creation".to_owned());
    let mut items = Vec::new();
    for (change, reason) in alarm.history.iter().zip(&alarm.reasons) {
        let new = (change.to, reason.to_string());
        let within = since.is_none_or(|since| change.at >= since)
            && until.is_none_or(|until| change.at <= until);
        if within && old.0 != new.0 {
            items.push(AlarmHistoryItem {
                name: alarm.name.to_string(),
                composite: alarm.is_composite(),
                at: change.at,
                old,
                new: new.clone(),
            });
        }
        old = new;
    }
    items
}
