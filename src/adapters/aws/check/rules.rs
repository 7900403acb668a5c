//! What may be wrong with listener rules.

use super::super::router::Groups;
use super::super::router::Split;
use super::super::router::rules::Rules;
use super::finding::Finding;
use super::plan_facts::PlanFacts;
use crate::model::Limits;
use crate::model::Weight;
use crate::ports::Routes;

/// What may be wrong with the rules of these routes, as they were read.
pub(crate) fn rules(
    routes: &Routes,
    read: &Rules,
    plan: PlanFacts<'_>,
    limits: &Limits,
    serves: bool,
) -> Vec<Finding> {
    let (stable, candidate) = (&routes.stable_group, &routes.candidate_group);
    let groups = Groups { stable, candidate, first: !serves };
    let mut found = Vec::new();
    for rule in &routes.rules {
        let place = format!("rule {rule}");
        let Some(actions) = read.get(rule) else {
            found.push(Finding::error(&place, "it is not there", "leave it out of `rules`"));
            continue;
        };
        match (groups.split(actions), groups.share(actions)) {
            (Split::StableOnly, _) => {
                let what = "it forwards to stable's target group alone";
                let fix = "the candidate's is added with weight 0 before its first task starts";
                found.push(Finding::info(&place, what, fix));
            }
            // before the first deployment the candidate's group has the weight
            (_, Some(Weight::FULL)) if !serves => {}
            (_, Some(Weight::ZERO)) => {}
            (_, Some(share)) => {
                let what = format!("it gives the candidate's target group {share} already");
                let fix = "give stable's all of the weight, or end the deployment that did it";
                found.push(Finding::error(&place, what, fix));
            }
            (_, None) => {
                let what = "it does not forward to exactly the two target groups";
                found.push(Finding::error(&place, what, "take the third one off"));
            }
        }
    }
    found.extend(propagation(routes, plan));
    found.extend(stickiness(routes, plan, limits));
    if plan.tests() && routes.test_rule.is_none() {
        let what = "the plan moves test traffic and there is no rule for it";
        found.push(Finding::error("test_rule", what, "give one, or leave the test traffic out"));
    }
    found
}

/// A Network Load Balancer follows late. Whole shifts wait for it, but not every task that is replaced.
fn propagation(routes: &Routes, plan: PlanFacts<'_>) -> Option<Finding> {
    let (place, seconds) = ("propagation of the rules", routes.propagation.as_secs());
    let what = format!("a Network Load Balancer may take {seconds} s to follow new weights");
    if seconds > 0 && plan.rolls() {
        let fix =
            "while tasks are replaced its traffic lags behind them; choose a strategy that shifts";
        return Some(Finding::warning(place, what, fix));
    }
    (seconds > 0 && (plan.shifts() || plan.tests())).then(|| {
        let fix = "every shift waits that long before anything that comes after it";
        Finding::info(place, what, fix)
    })
}

fn stickiness(routes: &Routes, plan: PlanFacts<'_>, limits: &Limits) -> Option<Finding> {
    let sticky = routes.stickiness;
    (plan.shifts() && !sticky.is_zero()).then(|| {
        let what = format!("its clients stick to a target group for {} s", sticky.as_secs());
        let place = "stickiness of the rules";
        let fix = "the share of requests lags behind the weights, and a side is removed only after \
                   that time";
        if sticky > limits.hold_limit {
            Finding::warning(place, what, format!("{fix}; shorten it"))
        } else {
            Finding::info(place, what, fix)
        }
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_sdk_elasticloadbalancingv2::types::Action;
    use aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum;
    use aws_sdk_elasticloadbalancingv2::types::ForwardActionConfig;
    use aws_sdk_elasticloadbalancingv2::types::TargetGroupTuple;

    use super::super::finding::Level;
    use super::*;
    use crate::model::Plan;
    use crate::model::Step;
    use crate::model::TargetGroupArn;

    const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";

    fn arn(name: &str) -> TargetGroupArn {
        format!("{ELB}:targetgroup/{name}/73e2d6bc24d8a067").parse().unwrap()
    }

    fn plan() -> Plan {
        let steps = vec![Step::TestTraffic, Step::Shift { weight: Weight::FULL }];
        Plan { strategy: "x".to_owned(), steps, gates: vec![], hooks: vec![], notes: vec![] }
    }

    fn routes(listener: &str) -> Routes {
        let rule = |path: &str| format!("{ELB}:{path}").parse().unwrap();
        Routes {
            stable_group: arn("blue"),
            candidate_group: arn("green"),
            rules: vec![rule(listener)],
            test_rule: Some(rule("listener-rule/app/web/1/2/test")),
            stickiness: Duration::ZERO,
            deregistration_delay: Duration::ZERO,
            propagation: Duration::ZERO,
        }
    }

    fn forwards(groups: &[(&str, i32)]) -> Vec<Action> {
        let config =
            groups.iter().fold(ForwardActionConfig::builder(), |config, (name, weight)| {
                let group = TargetGroupTuple::builder().target_group_arn(arn(name).as_str());
                config.target_groups(group.weight(*weight).build())
            });
        let action = Action::builder().r#type(ActionTypeEnum::Forward);
        vec![action.forward_config(config.build()).build()]
    }

    fn found(routes: &Routes, actions: Option<Vec<Action>>, serves: bool) -> Vec<Finding> {
        let (plan, limits) = (plan(), Limits::default());
        let read = actions.map(|actions| (routes.rules[0].clone(), actions)).into_iter().collect();
        rules(routes, &read, PlanFacts(&plan), &limits, serves)
    }

    fn only(found: &[Finding], level: Level, words: &str) {
        let [finding] = found else { panic!("{found:#?}") };
        assert_eq!(finding.level, level, "{finding}");
        assert!(finding.to_string().contains(words), "{finding}");
    }

    const RULE: &str = "listener-rule/app/web/1/2/3";

    #[test]
    fn a_rule_at_rest_has_no_findings() {
        let resting = forwards(&[("green", 0), ("blue", 100)]);
        assert_eq!(found(&routes(RULE), Some(resting), true), []);
        let first = forwards(&[("green", 1), ("blue", 0)]);
        assert_eq!(found(&routes(RULE), Some(first), false), []);
    }

    #[test]
    fn a_rule_that_is_not_at_rest_is_an_error() {
        let with = |groups: &[_]| found(&routes(RULE), Some(forwards(groups)), true);
        only(&with(&[("blue", 90), ("green", 10)]), Level::Error, "10 % already");
        only(&with(&[("blue", 90), ("red", 10)]), Level::Error, "exactly the two");
        only(&with(&[("blue", 0), ("green", 0)]), Level::Error, "exactly the two");
        only(&found(&routes(RULE), None, true), Level::Error, "not there");
        only(&with(&[("blue", 1)]), Level::Info, "weight 0");
    }

    #[test]
    fn times_and_test_traffic_are_held_against_the_plan() {
        let resting = || Some(forwards(&[("green", 0), ("blue", 1)]));
        let late = Routes { propagation: Duration::from_secs(600), ..routes(RULE) };
        only(&found(&late, resting(), true), Level::Info, "600 s");
        let rolls = vec![Step::Roll { minimum_healthy_percent: 100, maximum_percent: 200 }];
        let found_rolling = propagation(&late, PlanFacts(&Plan { steps: rolls, ..plan() }));
        only(found_rolling.as_slice(), Level::Warning, "a strategy that shifts");
        let sticky = |seconds| {
            let stickiness = Duration::from_secs(seconds);
            found(&Routes { stickiness, ..routes(RULE) }, resting(), true)
        };
        only(&sticky(600), Level::Info, "600 s");
        only(&sticky(604_800), Level::Warning, "shorten it");
        let untested = Routes { test_rule: None, ..routes(RULE) };
        only(&found(&untested, resting(), true), Level::Error, "test_rule");
    }
}
