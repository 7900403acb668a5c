//! Reads.

use std::collections::BTreeSet;

use super::alarm_spec::AlarmRule;
use super::answer::Answer;
use super::answer::RuleDescription;
use super::answer::ServiceDescription;
use super::answer::StoppedTally;
use super::answer::TargetDescription;
use super::answer::TaskDescription;
use super::answer::TaskSetDescription;
use super::api_error::ApiError;
use super::call::Call;
use super::cloudwatch::MetricAlarm;
use super::elb::Rule;
use super::scaling_call::ScalingCall;
use super::service::Service;
use super::state::State;
use super::task_set::TaskSet;
use crate::model::AlarmName;
use crate::model::Elapsed;
use crate::model::ListenerRuleArn;
use crate::model::ServiceId;
use crate::model::Shared;
use crate::model::TargetGroupArn;
use crate::ports::AlarmReading;

impl State {
    /// Answers a read of anything but metrics. Not a read: `None`.
    pub(super) fn describe(&self, call: &Call, now: Elapsed) -> Option<Result<Answer, ApiError>> {
        Some(Ok(match call {
            Call::DescribeServices { services } => {
                let there = services.iter().filter_map(|id| self.shown_service(id, now));
                Answer::Services(there.collect())
            }
            Call::Ecs(call) => return self.look_up(call, now),
            Call::Scaling(ScalingCall::DescribeScalableTargets { services }) => {
                self.describe_scaling(services)
            }
            Call::DescribeTaskSets { service, task_sets } => {
                return Some(self.described(service).map(|service| {
                    let all = service.sets.iter().filter(|set| {
                        let is_it =
                            |it: &String| set.id.as_str() == it || set.arn(&service.id) == *it;
                        task_sets.is_empty() || task_sets.iter().any(is_it)
                    });
                    let all = all.map(|set| self.describe_set(service, set, now));
                    Answer::TaskSets(all.collect())
                }));
            }
            Call::DescribeTasks { service, stopped } => {
                return Some(self.described(service).map(|service| {
                    if *stopped { describe_stopped(service) } else { describe_tasks(service) }
                }));
            }
            Call::DescribeTargetHealth { target_group } => {
                return Some(self.describe_targets(target_group));
            }
            Call::Elb(call) => return Some(self.describe_elb(call, now).map(Answer::Elb)),
            Call::DescribeRules { rules } => self.describe_rules(rules),
            Call::DescribeAlarms { names } => self.describe_alarms(names, now),
            Call::DescribeAlarmHistory { name, since } => {
                let Some(alarm) = self.alarms.iter().find(|alarm| alarm.name == *name) else {
                    return Some(Err(ApiError::gone("ResourceNotFound", name.to_string())));
                };
                let after = alarm.history.iter().filter(|change| change.at > *since);
                Answer::AlarmHistory(after.copied().collect())
            }
            _ => return None,
        }))
    }

    /// The tags of what has this ARN, which is mostly not needed: nothing has any.
    fn tags_if_any(&self, arn: impl Fn() -> String) -> Vec<(String, String)> {
        if self.tags.is_empty() { Vec::new() } else { self.tags_of(&arn()) }
    }

    fn described(&self, id: &ServiceId) -> Result<&Shared<Service>, ApiError> {
        let found = self.shared_service(id);
        found.ok_or_else(|| ApiError::gone("ServiceNotFoundException", id.to_string()))
    }

    /// A service as the API shows it; a missing one is left out.
    pub(super) fn describe_service(&self, id: &ServiceId, now: Elapsed) -> Answer {
        Answer::Services(self.shown_service(id, now).into_iter().collect())
    }

    fn shown_service(&self, id: &ServiceId, now: Elapsed) -> Option<ServiceDescription> {
        let service = self.shared_service(id)?;
        let sets = service.sets.iter().map(|set| self.describe_set(service, set, now));
        Some(ServiceDescription {
            status: service.status,
            controller: service.controller,
            desired: service.desired,
            task_sets: sets.collect(),
            service: service.clone(),
            tags: self.tags_if_any(|| service.arn()),
        })
    }

    /// One task set as the API shows it.
    pub(super) fn describe_set(
        &self,
        service: &Shared<Service>,
        set: &TaskSet,
        now: Elapsed,
    ) -> TaskSetDescription {
        let group = set.group.and_then(|group| self.groups.get(group));
        let rolling = service.rolling.as_ref().filter(|rolling| rolling.target == set.number);
        TaskSetDescription {
            service: service.clone(),
            tags: self.tags_if_any(|| set.arn(&service.id)),
            steady: set.is_steady() && !set.draining,
            at: now,
            created_at: set.created_at,
            updated_at: set.updated_at,
            failed: set.failed_in_a_row(),
            settings: set.settings.clone(),
            number: set.number,
            id: set.id.clone(),
            external_id: set.external_id.clone(),
            revision: set.revision.clone(),
            scale: set.scale,
            computed: set.computed,
            primary: service.primary == Some(set.number),
            draining: set.draining,
            pending: set.pending(),
            running: set.running(),
            target_group: group.map(|group| group.arn.clone()),
            rolling_state: rolling.map(|rolling| rolling.state),
        }
    }

    fn describe_targets(&self, arn: &TargetGroupArn) -> Result<Answer, ApiError> {
        let group = self.group(arn)?;
        let attached = || self.sets().filter(|set| set.group == Some(group));
        let mut targets = Vec::with_capacity(attached().map(|set| set.tasks.len()).sum());
        for task in attached().flat_map(|set| &set.tasks) {
            let target = task.target.map(|health| TargetDescription { task: task.number, health });
            targets.extend(target);
        }
        Ok(Answer::Targets(targets))
    }

    /// The index of a target group.
    pub(super) fn group(&self, arn: &TargetGroupArn) -> Result<usize, ApiError> {
        let found = self.groups.iter().position(|group| !group.deleted && group.arn == *arn);
        found.ok_or_else(|| ApiError::gone("TargetGroupNotFound", arn.to_string()))
    }

    fn describe_rules(&self, wanted: &[ListenerRuleArn]) -> Answer {
        let there = self.rules.iter().flatten().filter(|rule| rule.forwards());
        let those = there.filter(|rule| wanted.is_empty() || wanted.contains(&rule.arn));
        Answer::Rules(those.map(|rule| self.describe_rule(rule)).collect())
    }

    fn describe_rule(&self, rule: &Rule) -> RuleDescription {
        let named = rule.control.iter().filter_map(|(group, weight)| {
            self.groups.get(*group).map(|group| (group.arn.clone(), *weight))
        });
        RuleDescription {
            arn: rule.arn.clone(),
            test: rule.test,
            forward: named.collect(),
            stickiness: rule.stickiness,
        }
    }

    /// The target groups that an alarm watches, each once.
    fn watched_groups(&self, rule: &AlarmRule) -> Vec<String> {
        let groups: BTreeSet<String> = match rule {
            AlarmRule::Metric { metric, .. } => {
                let group = metric.colour().and_then(|colour| self.groups.get(colour.index()));
                group.map(|group| group.dimension().to_owned()).into_iter().collect()
            }
            AlarmRule::AnyOf(_) => BTreeSet::new(),
            AlarmRule::Given(document) => {
                let alarm = MetricAlarm::of(&document.settings);
                alarm.map(|alarm| alarm.target_groups()).unwrap_or_default()
            }
        };
        groups.into_iter().collect()
    }

    /// The load balancers that an alarm watches and nothing besides, each once.
    fn watched_balancers(&self, rule: &AlarmRule) -> Vec<String> {
        let balancers: BTreeSet<String> = match rule {
            AlarmRule::Metric { metric, .. } => {
                let group = metric.colour().and_then(|colour| self.groups.get(colour.index()));
                let slot = group.map_or(Some(0), |group| group.balancer);
                let balancer = slot.and_then(|slot| self.balancers.get(slot)?.as_ref());
                balancer.map(|balancer| balancer.dimension().to_owned()).into_iter().collect()
            }
            AlarmRule::AnyOf(_) => BTreeSet::new(),
            AlarmRule::Given(document) => {
                let alarm = MetricAlarm::of(&document.settings);
                alarm.map(|alarm| alarm.balancers()).unwrap_or_default()
            }
        };
        balancers.into_iter().collect()
    }

    fn describe_alarms(&self, names: &[AlarmName], now: Elapsed) -> Answer {
        // CloudWatch leaves unknown names out without a word
        let there = names.iter().filter_map(|name| self.alarms.iter().find(|a| a.name == *name));
        let readings = there.map(|alarm| AlarmReading {
            name: alarm.name.clone(),
            state: alarm.state,
            transitioned_at: alarm.transitioned_at,
            evaluation: alarm
                .broken_until
                .filter(|until| *until > now)
                .map(|_| "EVALUATION_ERROR".to_owned()),
            configuration: alarm.configuration,
            target_groups: self.watched_groups(&alarm.rule),
            balancers: self.watched_balancers(&alarm.rule),
        });
        Answer::Alarms(readings.collect())
    }
}

fn describe_tasks(service: &Service) -> Answer {
    let mut all = Vec::with_capacity(service.sets.iter().map(|set| set.tasks.len()).sum());
    for set in &service.sets {
        all.extend(set.tasks.iter().map(|task| TaskDescription {
            task: task.number,
            task_set: set.number,
            state: task.state,
            zone: task.zone,
            container_healthy: !task.broken,
        }));
    }
    Answer::Tasks(all)
}

fn describe_stopped(service: &Service) -> Answer {
    let all = service.sets.iter().flat_map(|set| {
        let tally = |&(cause, count)| StoppedTally { task_set: set.number, cause, count };
        set.stopped.iter().map(tally)
    });
    Answer::StoppedTasks(all.collect())
}
