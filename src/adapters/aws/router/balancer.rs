//! Elastic Load Balancing as the adapters call it.

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_sdk_elasticloadbalancingv2::types::Listener;
use aws_sdk_elasticloadbalancingv2::types::Rule;
use aws_sdk_elasticloadbalancingv2::types::Tag;
use aws_sdk_elasticloadbalancingv2::types::TagDescription;
use aws_sdk_elasticloadbalancingv2::types::TargetGroup;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription;

use super::super::sdk::Calls;
use super::super::sdk::Operation;
use crate::ports::CallError;

/// How many ARNs go into one call.
const MOST: usize = 20;
/// Rules on one page at most.
const PAGE: i32 = 400;

/// Elastic Load Balancing, every page of it.
#[derive(Debug, Clone)]
pub(crate) struct Balancer {
    client: Client,
    calls: Calls,
}

fn given(marker: Option<String>) -> Option<String> {
    marker.filter(|marker| !marker.is_empty())
}

impl Balancer {
    pub(crate) const fn new(client: Client, calls: Calls) -> Self {
        Self { client, calls }
    }

    /// The same for one look.
    pub(crate) fn look(&self) -> Self {
        Self { client: self.client.clone(), calls: self.calls.look() }
    }

    /// The same for one change.
    pub(crate) fn change(&self) -> Self {
        Self { client: self.client.clone(), calls: self.calls.change() }
    }

    pub(crate) const fn calls(&self) -> &Calls {
        &self.calls
    }

    async fn rules(
        &self,
        arns: Option<&[String]>,
        listener: Option<&str>,
    ) -> Result<Vec<Rule>, CallError> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let ask = || {
                let ask = self.client.describe_rules().set_marker(marker.clone());
                let ask = ask.set_rule_arns(arns.map(<[String]>::to_vec));
                let page = listener.map(|_| PAGE);
                ask.set_listener_arn(listener.map(str::to_owned)).set_page_size(page).send()
            };
            let page = self.calls.read(Operation::DescribeRules, ask).await?;
            found.extend(page.rules.unwrap_or_default());
            marker = given(page.next_marker);
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// These rules; fails if one is not there.
    pub(super) async fn rules_by_arn(&self, arns: &[String]) -> Result<Vec<Rule>, CallError> {
        let mut found = Vec::new();
        for arns in arns.chunks(MOST) {
            found.extend(self.rules(Some(arns), None).await?);
        }
        Ok(found)
    }

    /// Every rule of a listener, the default rule included.
    pub(super) async fn rules_of(&self, listener: &str) -> Result<Vec<Rule>, CallError> {
        self.rules(None, Some(listener)).await
    }

    async fn listeners(
        &self,
        arns: Option<&[String]>,
        balancer: Option<&str>,
    ) -> Result<Vec<Listener>, CallError> {
        let (mut found, mut marker) = (Vec::new(), None);
        loop {
            let ask = || {
                let ask = self.client.describe_listeners().set_marker(marker.clone());
                let ask = ask.set_listener_arns(arns.map(<[String]>::to_vec));
                ask.set_load_balancer_arn(balancer.map(str::to_owned)).send()
            };
            let page = self.calls.read(Operation::DescribeListeners, ask).await?;
            found.extend(page.listeners.unwrap_or_default());
            marker = given(page.next_marker);
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    /// These listeners; fails if one is not there.
    pub(super) async fn listeners_by_arn(
        &self,
        arns: &[String],
    ) -> Result<Vec<Listener>, CallError> {
        let mut found = Vec::new();
        for arns in arns.chunks(MOST) {
            found.extend(self.listeners(Some(arns), None).await?);
        }
        Ok(found)
    }

    /// Every listener of a load balancer.
    pub(super) async fn listeners_of(&self, balancer: &str) -> Result<Vec<Listener>, CallError> {
        self.listeners(None, Some(balancer)).await
    }

    /// These target groups; fails if one is not there.
    pub(crate) async fn target_groups(
        &self,
        arns: &[String],
    ) -> Result<Vec<TargetGroup>, CallError> {
        let mut found = Vec::new();
        for arns in arns.chunks(MOST) {
            let ask = || {
                let ask = self.client.describe_target_groups();
                ask.set_target_group_arns(Some(arns.to_vec())).send()
            };
            let page = self.calls.read(Operation::DescribeTargetGroups, ask).await?;
            found.extend(page.target_groups.unwrap_or_default());
        }
        Ok(found)
    }

    /// A target group's attributes.
    pub(crate) async fn attributes(
        &self,
        group: &str,
    ) -> Result<Vec<TargetGroupAttribute>, CallError> {
        let ask = || self.client.describe_target_group_attributes().target_group_arn(group).send();
        let answer = self.calls.read(Operation::DescribeTargetGroupAttributes, ask).await?;
        Ok(answer.attributes.unwrap_or_default())
    }

    /// A target group's targets and their health.
    pub(crate) async fn target_health(
        &self,
        group: &str,
    ) -> Result<Vec<TargetHealthDescription>, CallError> {
        let ask = || self.client.describe_target_health().target_group_arn(group).send();
        let answer = self.calls.read(Operation::DescribeTargetHealth, ask).await?;
        Ok(answer.target_health_descriptions.unwrap_or_default())
    }

    /// The tags of these rules and listeners.
    pub(crate) async fn tags(&self, arns: &[String]) -> Result<Vec<TagDescription>, CallError> {
        let mut found = Vec::new();
        for arns in arns.chunks(MOST) {
            let ask = || self.client.describe_tags().set_resource_arns(Some(arns.to_vec())).send();
            let page = self.calls.read(Operation::DescribeTags, ask).await?;
            found.extend(page.tag_descriptions.unwrap_or_default());
        }
        Ok(found)
    }

    /// Puts these tags on all of them. One attempt for each call.
    pub(crate) async fn tag(&self, arns: &[String], tags: &[Tag]) -> Result<(), CallError> {
        for arns in arns.chunks(MOST) {
            let ask = self.client.add_tags().set_resource_arns(Some(arns.to_vec()));
            let ask = ask.set_tags(Some(tags.to_vec())).send();
            self.calls.write(Operation::AddTags, ask).await?;
        }
        Ok(())
    }

    /// Replaces a rule's actions; answers what they are then. One attempt.
    pub(super) async fn modify_rule(
        &self,
        rule: &str,
        actions: Vec<Action>,
    ) -> Result<Option<Vec<Action>>, CallError> {
        let ask = self.client.modify_rule().rule_arn(rule).set_actions(Some(actions));
        let answer = self.calls.write(Operation::ModifyRule, Box::pin(ask.send())).await?;
        Ok(answer.rules.unwrap_or_default().into_iter().find_map(|rule| rule.actions))
    }

    /// Replaces a listener's default actions; answers what they are then. One attempt.
    pub(super) async fn modify_listener(
        &self,
        listener: &str,
        actions: Vec<Action>,
    ) -> Result<Option<Vec<Action>>, CallError> {
        let ask = self.client.modify_listener().listener_arn(listener);
        let ask = ask.set_default_actions(Some(actions));
        let answer = self.calls.write(Operation::ModifyListener, Box::pin(ask.send())).await?;
        let listeners = answer.listeners.unwrap_or_default();
        Ok(listeners.into_iter().find_map(|listener| listener.default_actions))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::fixtures::Paged;
    use super::super::super::fixtures::PausedClock;
    use super::*;

    fn balancer(paged: &Paged) -> Balancer {
        Balancer::new(paged.client(), Calls::new(Arc::new(PausedClock::default()))).look()
    }

    #[tokio::test(start_paused = true)]
    async fn every_page_of_rules_and_listeners_is_read() {
        let member = |kind: &str, name: &str| format!("<member><{kind}>{name}</{kind}></member>");
        let [one, two, three] = ["1", "2", "3"].map(|name| member("RuleArn", name));
        let paged = Paged::new("DescribeRules", "Rules", &[&(one + &two), "", &three]);
        let rules = balancer(&paged).rules_of("arn:listener").await.unwrap();
        let names: Vec<&str> = rules.iter().filter_map(Rule::rule_arn).collect();
        assert_eq!(names, ["1", "2", "3"]);
        let asked = paged.asked();
        assert!(!asked[0].contains("Marker=") && asked[1].contains("Marker=0"), "{asked:?}");
        assert!(asked[2].contains("Marker=1") && asked[2].contains("ListenerArn="), "{asked:?}");

        let [one, two] = ["1", "2"].map(|name| member("ListenerArn", name));
        let paged = Paged::new("DescribeListeners", "Listeners", &[&one, &two]);
        assert_eq!(balancer(&paged).listeners_of("arn:lb").await.unwrap().len(), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_marker_that_comes_with_an_empty_page_is_followed() {
        let paged = Paged::new("DescribeRules", "Rules", &["", "", ""]);
        balancer(&paged).rules_by_arn(&["arn:1".to_owned()]).await.unwrap();
        assert_eq!(paged.asked().len(), 3);
    }
}
