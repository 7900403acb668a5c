//! Reads of load balancers, target groups, listeners and rules.

use serde_json::Value;
use serde_json::json;

use super::super::api_error::ApiError;
use super::super::state::State;
use super::elb_answer::ElbAnswer;
use super::elb_call::ElbCall;
use super::listener::Listener;
use super::load_balancer::BalancerKind;
use super::load_balancer::LoadBalancer;
use super::rule::Rule;
use super::target_group::TargetGroup;
use crate::model::Elapsed;
use crate::model::TargetGroupArn;

impl State {
    /// Answers a read of Elastic Load Balancing.
    pub(crate) fn describe_elb(&self, call: &ElbCall, now: Elapsed) -> Result<ElbAnswer, ApiError> {
        match call {
            ElbCall::DescribeLoadBalancers { arns, names } => {
                let there = |wanted: &String, of: fn(&LoadBalancer) -> &String| {
                    self.balancers.iter().flatten().any(|known| of(known) == wanted)
                };
                let absent = arns.iter().find(|arn| !there(arn, |known| &known.arn));
                let absent =
                    absent.or_else(|| names.iter().find(|name| !there(name, |known| &known.name)));
                if let Some(absent) = absent {
                    return Err(no_balancer(absent));
                }
                let all = arns.is_empty() && names.is_empty();
                Ok(self.describe_balancers(|balancer| {
                    all || arns.contains(&balancer.arn) || names.contains(&balancer.name)
                }))
            }
            ElbCall::DescribeLoadBalancerAttributes { load_balancer } => {
                let slot = self.balancer(load_balancer)?;
                let balancer = self.balancers.get(slot).and_then(Option::as_ref);
                Ok(ElbAnswer::Attributes(
                    balancer.map(|balancer| (*balancer.attributes).clone()).unwrap_or_default(),
                ))
            }
            ElbCall::DescribeTargetGroups { load_balancer, arns, names } => {
                self.read_groups(load_balancer.as_deref(), arns, names)
            }
            ElbCall::DescribeTargetGroupAttributes { target_group } => {
                let group = self.groups.get(self.group_named(target_group)?);
                Ok(ElbAnswer::Attributes(
                    group.map(|group| group.settings.attributes.clone()).unwrap_or_default(),
                ))
            }
            ElbCall::DescribeListeners { load_balancer, arns } => {
                let balancer = load_balancer.as_ref().map(|arn| self.balancer(arn)).transpose()?;
                for arn in arns {
                    self.listener(arn)?;
                }
                Ok(self.describe_listeners(|listener| {
                    balancer.is_none_or(|slot| listener.balancer == slot)
                        && (arns.is_empty() || arns.contains(&listener.arn))
                }))
            }
            ElbCall::DescribeRules { listener, arns } => {
                let slot = listener.as_ref().map(|arn| self.listener(arn)).transpose()?;
                let there =
                    |arn: &String| self.rules.iter().flatten().any(|rule| rule.arn.as_str() == arn);
                if let Some(absent) = arns.iter().find(|arn| !there(arn)) {
                    let what = format!("One or more rules not found: '{absent}'");
                    return Err(ApiError::gone("RuleNotFound", what));
                }
                Ok(self.describe_rules_where(|rule| {
                    slot.is_none_or(|slot| rule.listener == slot)
                        && (arns.is_empty() || arns.iter().any(|arn| rule.arn.as_str() == arn))
                }))
            }
            ElbCall::DescribeTargetHealth { target_group, targets } => {
                self.describe_target_health(target_group, targets, now)
            }
            ElbCall::DescribeTags { arns } => self.describe_tags(arns),
            _ => Err(ApiError::validation("not a read")),
        }
    }

    fn read_groups(
        &self,
        load_balancer: Option<&str>,
        arns: &[String],
        names: &[String],
    ) -> Result<ElbAnswer, ApiError> {
        let balancer = load_balancer.map(|arn| self.balancer(arn)).transpose()?;
        for arn in arns {
            self.group_named(arn)?;
        }
        let live = || self.groups.iter().filter(|group| !group.deleted);
        if let Some(absent) = names.iter().find(|name| !live().any(|of| of.name() == *name)) {
            let what = format!("One or more target groups not found: '{absent}'");
            return Err(ApiError::gone("TargetGroupNotFound", what));
        }
        let all = arns.is_empty() && names.is_empty();
        Ok(self.describe_groups(|group| {
            let listed = all
                || arns.iter().any(|arn| arn == group.arn.as_str())
                || names.iter().any(|name| name == group.name());
            listed && balancer.is_none_or(|slot| group.attached && group.balancer == Some(slot))
        }))
    }

    pub(super) fn describe_balancers(&self, which: impl Fn(&LoadBalancer) -> bool) -> ElbAnswer {
        let those = self.balancers.iter().flatten().filter(|balancer| which(balancer));
        ElbAnswer::LoadBalancers(those.map(describe_balancer).collect())
    }

    pub(super) fn describe_groups(&self, which: impl Fn(&TargetGroup) -> bool) -> ElbAnswer {
        let those = self.groups.iter().filter(|group| !group.deleted && which(group));
        let shown = those.map(|group| {
            let balancer = group.balancer.filter(|_| group.attached);
            let balancer = balancer.and_then(|slot| self.balancers.get(slot)?.as_ref());
            let mut shown = group.settings.shown.clone();
            shown.insert("TargetGroupArn".to_owned(), json!(group.arn.as_str()));
            let arns: Vec<&str> = balancer.map(|of| of.arn.as_str()).into_iter().collect();
            shown.insert("LoadBalancerArns".to_owned(), json!(arns));
            Value::Object(shown)
        });
        ElbAnswer::TargetGroups(shown.collect())
    }

    pub(super) fn describe_listeners(&self, which: impl Fn(&Listener) -> bool) -> ElbAnswer {
        let all = self.listeners.iter().enumerate();
        let those = all.filter_map(|(slot, listener)| Some((slot, listener.as_ref()?)));
        let shown = those.filter(|(_, listener)| which(listener)).map(|(slot, listener)| {
            let mut shown = (*listener.shown).clone();
            let balancer = self.balancers.get(listener.balancer).and_then(Option::as_ref);
            let mut rules = self.rules.iter().flatten();
            let default = rules.find(|rule| rule.listener == slot && rule.priority.is_none());
            let actions = default.map(|rule| (*rule.actions).clone()).unwrap_or_default();
            for (member, value) in [
                ("ListenerArn", json!(listener.arn)),
                ("LoadBalancerArn", json!(balancer.map(|of| &of.arn))),
                ("Port", json!(listener.port)),
                ("Protocol", json!(listener.protocol)),
                ("DefaultActions", Value::Array(actions)),
            ] {
                shown.insert(member.to_owned(), value);
            }
            Value::Object(shown)
        });
        ElbAnswer::Listeners(shown.collect())
    }

    /// Rules by listener and priority, each listener's default rule last.
    pub(super) fn describe_rules_where(&self, which: impl Fn(&Rule) -> bool) -> ElbAnswer {
        let mut those: Vec<&Rule> =
            self.rules.iter().flatten().filter(|rule| which(rule)).collect();
        those.sort_by_key(|rule| (rule.listener, rule.priority.unwrap_or(u32::MAX)));
        let shown = those.into_iter().map(|rule| {
            let priority = rule.priority.map_or_else(|| "default".to_owned(), |at| at.to_string());
            json!({
                "RuleArn": rule.arn.as_str(),
                "Priority": priority,
                "Conditions": *rule.conditions,
                "Actions": *rule.actions,
                "IsDefault": rule.priority.is_none(),
            })
        });
        ElbAnswer::Rules(shown.collect())
    }

    /// The index of a load balancer.
    pub(super) fn balancer(&self, arn: &str) -> Result<usize, ApiError> {
        let is_it = |of: &Option<LoadBalancer>| of.as_ref().is_some_and(|of| of.arn == arn);
        self.balancers.iter().position(is_it).ok_or_else(|| no_balancer(arn))
    }

    pub(super) fn balancer_kind(&self, slot: usize) -> BalancerKind {
        let balancer = self.balancers.get(slot).and_then(Option::as_ref);
        balancer.map_or(BalancerKind::Application, |balancer| balancer.kind)
    }

    /// The kind of the load balancer that a rule belongs to.
    pub(super) fn kind_of_rule(&self, slot: usize) -> Option<BalancerKind> {
        let rule = self.rules.get(slot)?.as_ref()?;
        let listener = self.listeners.get(rule.listener)?.as_ref()?;
        Some(self.balancer_kind(listener.balancer))
    }

    /// The index of a listener.
    pub(super) fn listener(&self, arn: &str) -> Result<usize, ApiError> {
        let is_it = |of: &Option<Listener>| of.as_ref().is_some_and(|of| of.arn == arn);
        let found = self.listeners.iter().position(is_it);
        found.ok_or_else(|| {
            ApiError::gone("ListenerNotFound", format!("One or more listeners not found: '{arn}'"))
        })
    }

    /// The index of a listener's load balancer.
    pub(crate) fn balancer_of_listener(&self, slot: usize) -> usize {
        let listener = self.listeners.get(slot).and_then(Option::as_ref);
        listener.map_or(usize::MAX, |listener| listener.balancer)
    }

    /// The index of a target group whose ARN may be no ARN at all.
    pub(super) fn group_named(&self, arn: &str) -> Result<usize, ApiError> {
        let parsed: TargetGroupArn = arn.parse().map_err(|_| {
            ApiError::validation(format!("'{arn}' is not a valid target group ARN"))
        })?;
        self.group(&parsed)
    }

    /// Decides anew which rules of a listener are for production.
    pub(super) fn sort_traffic(&mut self, listener: usize) {
        let of = self.listeners.get(listener).and_then(Option::as_ref);
        let production = of.is_some_and(Listener::is_production);
        for rule in self.rules.iter_mut().flatten() {
            if rule.listener == listener && rule.outside {
                let by_header = |of: &Value| of["Field"] == "http-header";
                rule.test = !production || rule.conditions.iter().any(by_header);
            }
        }
    }
}

fn describe_balancer(balancer: &LoadBalancer) -> Value {
    let mut shown = (*balancer.shown).clone();
    for (member, value) in [
        ("LoadBalancerArn", json!(balancer.arn)),
        ("LoadBalancerName", json!(balancer.name)),
        ("Type", json!(balancer.kind.name())),
        ("CreatedTime", json!(balancer.created_at.as_millis())),
        ("State", json!({ "Code": "active" })),
    ] {
        shown.insert(member.to_owned(), value);
    }
    Value::Object(shown)
}

fn no_balancer(which: &str) -> ApiError {
    ApiError::gone(
        "LoadBalancerNotFound",
        format!("One or more load balancers not found: '{which}'"),
    )
}
