//! The load balancer of a scenario.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::super::alarm_spec::Colour;
use super::super::names;
use super::super::scenario::Scenario;
use super::forward::Forward;
use super::group_settings::GroupSettings;
use super::listener::Listener;
use super::load_balancer::BalancerKind;
use super::load_balancer::LoadBalancer;
use super::rule::Rule;
use super::target_group::TargetGroup;
use crate::model::TargetGroupArn;
use crate::model::Timestamp;

/// What a scenario's load balancer is made of; nothing where it has none.
#[derive(Debug, Default)]
pub(crate) struct Home {
    pub(crate) balancers: Vec<Option<LoadBalancer>>,
    pub(crate) listeners: Vec<Option<Listener>>,
    pub(crate) groups: Vec<TargetGroup>,
    pub(crate) rules: Vec<Option<Rule>>,
}

impl Home {
    /// The load balancer that a scenario describes.
    pub(crate) fn new(scenario: &Scenario, begins: Timestamp) -> Self {
        if !scenario.load_balancer {
            return Self::default();
        }
        let kind = BalancerKind::Application;
        let balancer = LoadBalancer::new(names::balancer(), "web", kind, begins).complete();
        let listener = Listener {
            arn: names::listener(),
            balancer: 0,
            port: 80,
            protocol: "HTTP".to_owned(),
            shown: Arc::default(),
        };
        let groups = ["blue", "green"].map(|name| {
            let mut group = Self::group(scenario, names::target_group(name));
            (group.attached, group.balancer) = (true, Some(0));
            group
        });
        Self {
            balancers: vec![Some(balancer)],
            listeners: vec![Some(listener)],
            groups: groups.into(),
            rules: rules(scenario),
        }
    }

    /// A target group as the scenario has them.
    pub(crate) fn group(scenario: &Scenario, arn: TargetGroupArn) -> TargetGroup {
        let timing = &scenario.timing;
        let name = arn.as_str().split('/').nth(1).unwrap_or_default().to_owned();
        let settings = GroupSettings::of_scenario(
            &name,
            timing.health_interval,
            timing.unhealthy_threshold.max(1),
            scenario.deregistration_delay,
        );
        TargetGroup::new(arn, settings)
    }
}

fn rules(scenario: &Scenario) -> Vec<Option<Rule>> {
    let both = [(Colour::Blue, 1), (Colour::Green, 0)];
    let production = if scenario.green_attached { &both[..] } else { &both[..1] };
    let mut rules: Vec<Option<Rule>> = (0..scenario.production_rules.max(1))
        .map(|index| {
            let pattern = format!("/{index}*");
            let condition = json!({
                "Field": "path-pattern", "Values": [pattern],
                "PathPatternConfig": { "Values": [pattern] },
            });
            let mut rule = rule("production", index, scenario.stickiness, production);
            (rule.priority, rule.conditions) = (Some(index + 10), Arc::new(vec![condition]));
            Some(rule)
        })
        .collect();
    if scenario.test_rule {
        let condition = json!({
            "Field": "http-header",
            "HttpHeaderConfig": { "HttpHeaderName": "x-test", "Values": ["1"] },
        });
        let mut test = rule("test", 0, Duration::ZERO, &both);
        (test.test, test.priority) = (true, Some(1));
        test.conditions = Arc::new(vec![condition]);
        rules.push(Some(test));
    }
    let mut default = rule("default", 0, Duration::ZERO, &[]);
    default.actions = Arc::new(vec![json!({
        "Type": "fixed-response", "Order": 1, "FixedResponseConfig": { "StatusCode": "503" },
    })]);
    rules.push(Some(default));
    rules
}

fn rule(kind: &str, index: u32, stickiness: Duration, weights: &[(Colour, u16)]) -> Rule {
    let arn = |colour: Colour| match colour {
        Colour::Blue => names::target_group("blue"),
        Colour::Green => names::target_group("green"),
    };
    let groups = weights.iter().map(|(colour, weight)| (arn(*colour), *weight)).collect();
    let weights: Vec<(usize, u16)> =
        weights.iter().map(|(colour, weight)| (colour.index(), *weight)).collect();
    let actions: Vec<Value> = vec![Forward { groups, stickiness }.action()];
    Rule {
        arn: names::rule(kind, index),
        test: false,
        listener: 0,
        priority: None,
        control: weights.clone(),
        data: weights,
        stickiness,
        conditions: Arc::default(),
        actions: Arc::new(actions),
        outside: false,
        cookies: None,
        on_its_way: Vec::new(),
        version: 0,
        applied: 0,
    }
}
