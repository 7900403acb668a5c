//! Writes to rules.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::super::api_error::ApiError;
use super::super::world::World;
use super::action_list::stored_actions;
use super::elb_answer::ElbAnswer;
use super::elb_call::ElbCall;
use super::forward::Forward;
use super::load_balancer::BalancerKind;
use super::rule::Rule;
use crate::model::ListenerRuleArn;

/// Groups, by index, with raw weights, and how long a client sticks to one.
type Split = (Vec<(usize, u16)>, Duration);

/// Rules of one load balancer, default rules not counted.
const MOST_RULES: usize = 100;

impl World {
    /// Carries out a write to rules.
    pub(super) fn carry_out_rule(&mut self, call: &ElbCall) -> Result<ElbAnswer, ApiError> {
        match call {
            ElbCall::CreateRule { listener, priority, conditions, actions, tags } => {
                self.create_rule(listener, *priority, conditions, actions, tags)
            }
            ElbCall::ModifyRule { rule, conditions, actions } => {
                let slot = self.own_rule(rule)?;
                if let Some(conditions) = conditions {
                    check_conditions(conditions)?;
                }
                if let Some(actions) = actions {
                    self.rewrite_rule(slot, actions)?;
                }
                if let (Some(conditions), Some(Some(entry))) =
                    (conditions, self.state.rules.get_mut(slot))
                {
                    entry.conditions = Arc::new(conditions.clone());
                    let listener = entry.listener;
                    self.state.sort_traffic(listener);
                }
                Ok(self.state.describe_rules_where(|of| of.arn.as_str() == rule))
            }
            ElbCall::DeleteRule { rule } => {
                let slot = self.own_rule(rule)?;
                if let Some(slot) = self.state.rules.get_mut(slot) {
                    *slot = None;
                }
                self.state.resource_tags.remove(rule);
                self.reattach();
                Ok(ElbAnswer::Done)
            }
            ElbCall::SetRulePriorities { priorities } => self.set_rule_priorities(priorities),
            _ => Err(ApiError::validation("not a write to rules")),
        }
    }

    fn create_rule(
        &mut self,
        listener: &str,
        priority: u32,
        conditions: &[Value],
        actions: &[Value],
        tags: &BTreeMap<String, String>,
    ) -> Result<ElbAnswer, ApiError> {
        let slot = self.state.listener(listener)?;
        let balancer = self.state.balancer_of_listener(slot);
        if self.state.balancer_kind(balancer) == BalancerKind::Network {
            return Err(ApiError::refused(
                "OperationNotPermitted",
                "Listeners of network load balancers have no rules",
            ));
        }
        check_priority(priority)?;
        check_conditions(conditions)?;
        let own = |rule: &&Rule| self.state.balancer_of_listener(rule.listener) == balancer;
        let rules = || self.state.rules.iter().flatten();
        if rules().any(|rule| rule.listener == slot && rule.priority == Some(priority)) {
            return Err(in_use(priority));
        }
        if rules().filter(own).filter(|rule| rule.priority.is_some()).count() >= MOST_RULES {
            return Err(ApiError::refused("TooManyRules", "A load balancer has at most 100 rules"));
        }
        let actions = stored_actions(actions, &[])?;
        let forward = self.check_forward(balancer, &actions)?;
        let arn = self.add_rule(slot, Some(priority), conditions.to_vec(), actions, forward)?;
        self.state.tag(arn.as_str(), tags);
        Ok(self.state.describe_rules_where(|rule| rule.arn == arn))
    }

    /// Adds a rule that serves at once.
    pub(super) fn add_rule(
        &mut self,
        listener: usize,
        priority: Option<u32>,
        conditions: Vec<Value>,
        actions: Vec<Value>,
        forward: Option<Split>,
    ) -> Result<ListenerRuleArn, ApiError> {
        let of = self.state.listeners.get(listener).and_then(Option::as_ref);
        let own = of.and_then(|of| of.arn.split_once(":listener/"));
        let path = format!("listener-rule/{}", own.map_or("", |(_, own)| own));
        let arn = self.new_arn(&path);
        let arn: ListenerRuleArn =
            arn.parse().map_err(|_| ApiError::validation(format!("'{arn}' is no ARN")))?;
        let (weights, stickiness) = forward.unwrap_or_default();
        self.state.rules.push(Some(Rule {
            arn: arn.clone(),
            test: false,
            listener,
            priority,
            control: weights.clone(),
            data: weights,
            stickiness,
            conditions: Arc::new(conditions),
            actions: Arc::new(actions),
            outside: true,
            cookies: None,
            on_its_way: Vec::new(),
            version: 0,
            applied: 0,
        }));
        self.state.sort_traffic(listener);
        self.reattach();
        Ok(arn)
    }

    /// A rule that is no default rule.
    fn own_rule(&self, arn: &str) -> Result<usize, ApiError> {
        let found = self
            .state
            .rules
            .iter()
            .position(|rule| rule.as_ref().is_some_and(|rule| rule.arn.as_str() == arn));
        let slot = found.ok_or_else(|| {
            ApiError::gone("RuleNotFound", format!("One or more rules not found: '{arn}'"))
        })?;
        let rule = self.state.rules.get(slot).and_then(Option::as_ref);
        if rule.is_some_and(|rule| rule.priority.is_none()) {
            return Err(ApiError::refused(
                "OperationNotPermitted",
                format!("Default rule '{arn}' cannot be modified"),
            ));
        }
        Ok(slot)
    }

    /// Replaces a rule's whole list of actions; the load balancer follows later.
    pub(super) fn rewrite_rule(&mut self, slot: usize, actions: &[Value]) -> Result<(), ApiError> {
        let Some(Some(rule)) = self.state.rules.get(slot) else { return Ok(()) };
        let balancer = self.state.balancer_of_listener(rule.listener);
        let actions = stored_actions(actions, &rule.actions)?;
        let (weights, stickiness) = self.check_forward(balancer, &actions)?.unwrap_or_default();
        self.write_rule(slot, weights);
        if let Some(Some(rule)) = self.state.rules.get_mut(slot) {
            rule.stickiness = stickiness;
            rule.actions = Arc::new(actions);
        }
        Ok(())
    }

    /// What these actions forward to, if the groups are there and may be used by this load balancer.
    pub(super) fn check_forward(
        &self,
        balancer: usize,
        actions: &[Value],
    ) -> Result<Option<Split>, ApiError> {
        let Some(forward) = Forward::of(actions)? else { return Ok(None) };
        let mut weights = Vec::new();
        for (arn, weight) in &forward.groups {
            let slot = self.state.group(arn)?;
            if let Some(group) = self.state.groups.get(slot) {
                if group.attached && group.balancer.is_some_and(|other| other != balancer) {
                    return Err(ApiError::refused(
                        "TargetGroupAssociationLimit",
                        format!(
                            "The following target groups cannot be associated with more than \
                                 one load balancer: {arn}"
                        ),
                    ));
                }
                let protocol = group.settings.shown.get("Protocol").and_then(Value::as_str);
                let kind = self.state.balancer_kind(balancer);
                if !protocol.is_some_and(|protocol| kind.protocols().contains(&protocol)) {
                    return Err(ApiError::refused(
                        "IncompatibleProtocols",
                        format!(
                            "The target group {arn} has a protocol that the listener cannot use"
                        ),
                    ));
                }
            }
            weights.push((slot, *weight));
        }
        Ok(Some((weights, forward.stickiness)))
    }

    fn set_rule_priorities(&mut self, wanted: &[(String, u32)]) -> Result<ElbAnswer, ApiError> {
        let mut slots = Vec::new();
        for (arn, priority) in wanted {
            check_priority(*priority)?;
            slots.push((self.own_rule(arn)?, *priority));
        }
        let listener = |slot: usize| {
            self.state.rules.get(slot).and_then(Option::as_ref).map(|rule| rule.listener)
        };
        for (slot, priority) in &slots {
            let taken = self.state.rules.iter().enumerate().any(|(other, rule)| {
                let moved = slots.iter().find(|(of, _)| *of == other).map(|(_, to)| *to);
                let at = moved.or_else(|| rule.as_ref().and_then(|rule| rule.priority));
                other != *slot && listener(other) == listener(*slot) && at == Some(*priority)
            });
            if taken {
                return Err(in_use(*priority));
            }
        }
        for (slot, priority) in slots {
            if let Some(Some(rule)) = self.state.rules.get_mut(slot) {
                rule.priority = Some(priority);
            }
        }
        let named = |rule: &Rule| wanted.iter().any(|(arn, _)| arn == rule.arn.as_str());
        Ok(self.state.describe_rules_where(named))
    }
}

fn in_use(priority: u32) -> ApiError {
    ApiError::refused("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}

fn check_priority(priority: u32) -> Result<(), ApiError> {
    if (1..=50_000).contains(&priority) {
        return Ok(());
    }
    Err(ApiError::validation("The priority of a rule must be between 1 and 50000"))
}

fn check_conditions(conditions: &[Value]) -> Result<(), ApiError> {
    const FIELDS: [&str; 6] = [
        "host-header",
        "path-pattern",
        "http-header",
        "http-request-method",
        "query-string",
        "source-ip",
    ];
    let known =
        |condition: &Value| condition["Field"].as_str().is_some_and(|of| FIELDS.contains(&of));
    if conditions.is_empty() || !conditions.iter().all(known) {
        return Err(ApiError::validation("A rule needs conditions, each with a valid field"));
    }
    Ok(())
}
