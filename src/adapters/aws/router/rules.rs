//! Rules and default actions alike.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_sdk_elasticloadbalancingv2::types::Listener;
use aws_sdk_elasticloadbalancingv2::types::Rule;

use super::balancer::Balancer;
use crate::model::ListenerRuleArn;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// Rules by ARN with their actions. A listener's ARN stands for its default action.
pub(crate) type Rules = BTreeMap<ListenerRuleArn, Vec<Action>>;

/// Whether this names a listener, so that its default action is meant.
pub(crate) fn is_listener(arn: &ListenerRuleArn) -> bool {
    arn.as_str().contains(":listener/")
}

/// How long ECS itself waits for a Network Load Balancer to follow new weights.
const NETWORK_PROPAGATION: Duration = Duration::from_secs(600);

/// How long the load balancers of these rules may follow old weights; zero where that is not said of
/// their kind.
pub(super) fn propagation(rules: &[&ListenerRuleArn]) -> Duration {
    if rules.iter().any(|rule| is_network(rule)) { NETWORK_PROPAGATION } else { Duration::ZERO }
}

/// Whether this belongs to a Network Load Balancer.
fn is_network(arn: &ListenerRuleArn) -> bool {
    arn.as_str().contains(":listener/net/") || arn.as_str().contains(":listener-rule/net/")
}

/// The listener that a rule belongs to, itself where it is one.
pub(super) fn listener_of(arn: &ListenerRuleArn) -> String {
    match arn.as_str().split_once(":listener-rule/") {
        Some((start, path)) => {
            let path = path.rsplit_once('/').map_or(path, |(listener, _)| listener);
            format!("{start}:listener/{path}")
        }
        None => arn.as_str().to_owned(),
    }
}

fn parsed(arn: &str) -> Option<ListenerRuleArn> {
    arn.parse().ok()
}

fn of_rule(rule: Rule) -> Option<(ListenerRuleArn, Vec<Action>)> {
    let arn = parsed(rule.rule_arn.as_deref()?)?;
    // a default rule can be changed only through its listener
    let arn = if rule.is_default == Some(true) { parsed(&listener_of(&arn))? } else { arn };
    Some((arn, rule.actions.unwrap_or_default()))
}

fn of_listener(listener: Listener) -> Option<(ListenerRuleArn, Vec<Action>)> {
    let arn = parsed(listener.listener_arn.as_deref()?)?;
    Some((arn, listener.default_actions.unwrap_or_default()))
}

/// These rules as they are now; what is not there is absent. A default rule is answered as its
/// listener.
pub(crate) async fn read(
    balancer: &Balancer,
    arns: &[ListenerRuleArn],
) -> Result<Rules, CallError> {
    let text = |arn: &ListenerRuleArn| arn.as_str().to_owned();
    let listeners: Vec<String> = arns.iter().filter(|arn| is_listener(arn)).map(text).collect();
    let rules: Vec<String> = arns.iter().filter(|arn| !is_listener(arn)).map(text).collect();
    let mut found = Rules::new();
    found.extend(rules_of(balancer, &rules).await?.into_iter().filter_map(of_rule));
    found.extend(listeners_of(balancer, &listeners).await?.into_iter().filter_map(of_listener));
    Ok(found)
}

const fn is_gone(error: &CallError) -> bool {
    matches!(error.class, ErrorClass::Gone)
}

/// One missing rule fails the whole call: then they are asked for one by one.
async fn rules_of(balancer: &Balancer, arns: &[String]) -> Result<Vec<Rule>, CallError> {
    match balancer.rules_by_arn(arns).await {
        Err(error) if is_gone(&error) => {}
        answer => return answer,
    }
    let mut found = Vec::new();
    for arn in arns {
        match balancer.rules_by_arn(std::slice::from_ref(arn)).await {
            Ok(rules) => found.extend(rules),
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

async fn listeners_of(balancer: &Balancer, arns: &[String]) -> Result<Vec<Listener>, CallError> {
    match balancer.listeners_by_arn(arns).await {
        Err(error) if is_gone(&error) => {}
        answer => return answer,
    }
    let mut found = Vec::new();
    for arn in arns {
        match balancer.listeners_by_arn(std::slice::from_ref(arn)).await {
            Ok(listeners) => found.extend(listeners),
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

/// Every rule and default action of a load balancer.
pub(super) async fn of_balancer(balancer: &Balancer, arn: &str) -> Result<Rules, CallError> {
    let mut found = Rules::new();
    for listener in balancer.listeners_of(arn).await? {
        let Some((arn, actions)) = of_listener(listener) else { continue };
        if !is_network(&arn) {
            let rules = balancer.rules_of(arn.as_str()).await?;
            found.extend(rules.into_iter().filter_map(of_rule));
        }
        found.insert(arn, actions);
    }
    Ok(found)
}

/// Replaces a rule's actions; answers what they are then. One attempt.
pub(crate) async fn write(
    balancer: &Balancer,
    arn: &ListenerRuleArn,
    actions: Vec<Action>,
) -> Result<Option<Vec<Action>>, CallError> {
    if is_listener(arn) {
        balancer.modify_listener(arn.as_str(), actions).await
    } else {
        balancer.modify_rule(arn.as_str(), actions).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/web/50dc6c495c0c9188/f2f";
    const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/\
                        50dc6c495c0c9188/f2f/9683b2d02a6cabee";

    #[test]
    fn a_default_rule_is_known_by_its_listener() {
        let rule = |is_default| {
            let rule = Rule::builder().rule_arn(RULE).is_default(is_default).build();
            of_rule(rule).unwrap().0.to_string()
        };
        assert_eq!((rule(true).as_str(), rule(false).as_str()), (LISTENER, RULE));
        let listener: ListenerRuleArn = LISTENER.parse().unwrap();
        assert!(is_listener(&listener) && !is_listener(&RULE.parse().unwrap()));
        assert_eq!(listener_of(&listener), LISTENER);
        let network = LISTENER.replace("/app/", "/net/").parse().unwrap();
        assert_eq!(propagation(&[&listener, &network]), NETWORK_PROPAGATION);
        assert_eq!(propagation(&[&listener]), Duration::ZERO);
    }
}
