//! The forward action of a rule.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum;
use aws_sdk_elasticloadbalancingv2::types::ForwardActionConfig;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupTuple;

use crate::model::RawWeights;
use crate::model::TargetGroupArn;

/// Where a rule's actions forward to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forward {
    /// The groups' ARNs and raw weights, in the rule's order.
    pub(crate) groups: Vec<(String, u16)>,
    /// How long a client sticks to a group; zero without stickiness.
    pub(crate) stickiness: Duration,
}

/// What a rule is to two groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Split {
    /// It forwards to exactly the two.
    Pair(RawWeights),
    /// It forwards to stable alone: the candidate is not attached yet.
    StableOnly,
    /// It forwards to the candidate alone.
    CandidateOnly,
    /// It forwards to a third group, to neither, or nowhere.
    Foreign,
}

fn raw(weight: Option<i32>) -> u16 {
    // a group that is alone may come without a weight
    u16::try_from(weight.unwrap_or(1)).unwrap_or(0)
}

impl Forward {
    /// The forward action among a rule's actions, if it has one.
    pub(crate) fn of(actions: &[Action]) -> Option<Self> {
        let action =
            actions.iter().find(|action| action.r#type == Some(ActionTypeEnum::Forward))?;
        let config = action.forward_config.as_ref();
        let listed = config.and_then(|config| config.target_groups.as_deref()).unwrap_or_default();
        let named = listed
            .iter()
            .filter_map(|group| group.target_group_arn.clone().map(|arn| (arn, raw(group.weight))));
        let mut groups: Vec<(String, u16)> = named.collect();
        if groups.is_empty() {
            groups.extend(action.target_group_arn.clone().map(|arn| (arn, 1)));
        }
        let sticky = config.and_then(|config| config.target_group_stickiness_config.as_ref());
        let sticky = sticky.filter(|sticky| sticky.enabled == Some(true));
        let seconds = sticky.and_then(|sticky| sticky.duration_seconds).unwrap_or(0);
        let stickiness = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        Some(Self { groups, stickiness })
    }

    /// A group's raw weight; none where the rule does not forward to it.
    pub(crate) fn weight(&self, group: &TargetGroupArn) -> Option<u16> {
        self.groups.iter().find(|(arn, _)| arn == group.as_str()).map(|(_, weight)| *weight)
    }

    /// What the rule is to the two groups.
    pub(crate) fn split(&self, stable: &TargetGroupArn, candidate: &TargetGroupArn) -> Split {
        match (self.weight(stable), self.weight(candidate), self.groups.len()) {
            (Some(stable), Some(candidate), 2) => Split::Pair(RawWeights { stable, candidate }),
            (Some(_), None, 1) => Split::StableOnly,
            (None, Some(_), 1) => Split::CandidateOnly,
            _ => Split::Foreign,
        }
    }
}

/// The same actions with these weights; a group that is missing is added. Everything else is sent back
/// as it came, for a write replaces the whole list.
pub(super) fn rewritten(actions: &[Action], weights: &[(&TargetGroupArn, u16)]) -> Vec<Action> {
    actions.iter().map(|action| rewritten_action(action, weights)).collect()
}

fn rewritten_action(action: &Action, weights: &[(&TargetGroupArn, u16)]) -> Action {
    let mut action = action.clone();
    if let Some(oidc) = &mut action.authenticate_oidc_config {
        // the secret is never read back; without this the write is refused
        oidc.client_secret = None;
        oidc.use_existing_client_secret = Some(true);
    }
    if action.r#type != Some(ActionTypeEnum::Forward) {
        return action;
    }
    let config = action.forward_config.take();
    let config = config.unwrap_or_else(|| ForwardActionConfig::builder().build());
    let mut groups = config.target_groups.unwrap_or_default();
    for (arn, weight) in weights {
        let known =
            groups.iter_mut().find(|group| group.target_group_arn.as_deref() == Some(arn.as_str()));
        match known {
            Some(group) => group.weight = Some(i32::from(*weight)),
            None => groups.push(
                TargetGroupTuple::builder()
                    .target_group_arn(arn.as_str())
                    .weight(i32::from(*weight))
                    .build(),
            ),
        }
    }
    // the short form is allowed for one group only
    if groups.len() > 1 {
        action.target_group_arn = None;
    }
    action.forward_config = Some(
        ForwardActionConfig::builder()
            .set_target_groups(Some(groups))
            .set_target_group_stickiness_config(config.target_group_stickiness_config)
            .build(),
    );
    action
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::AuthenticateOidcActionConfig;
    use aws_sdk_elasticloadbalancingv2::types::FixedResponseActionConfig;
    use aws_sdk_elasticloadbalancingv2::types::TargetGroupStickinessConfig;

    use super::*;

    fn arn(name: &str) -> TargetGroupArn {
        let prefix = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup";
        format!("{prefix}/{name}/73e2d6bc24d8a067").parse().unwrap()
    }

    fn tuple(name: &str, weight: i32) -> TargetGroupTuple {
        TargetGroupTuple::builder().target_group_arn(arn(name).as_str()).weight(weight).build()
    }

    fn weighted(groups: &[(&str, i32)]) -> Action {
        let mut config = ForwardActionConfig::builder().target_group_stickiness_config(
            TargetGroupStickinessConfig::builder().enabled(true).duration_seconds(90).build(),
        );
        for (name, weight) in groups {
            config = config.target_groups(tuple(name, *weight));
        }
        Action::builder()
            .r#type(ActionTypeEnum::Forward)
            .order(2)
            .forward_config(config.build())
            .build()
    }

    fn plain(name: &str) -> Action {
        let action = Action::builder().r#type(ActionTypeEnum::Forward);
        action.target_group_arn(arn(name).as_str()).build()
    }

    fn split(action: Action) -> Split {
        let forward = Forward::of(&[action]).unwrap();
        forward.split(&arn("blue"), &arn("green"))
    }

    #[test]
    fn what_a_rule_is_to_two_groups_is_told_by_their_names_in_any_order() {
        let weights = RawWeights { stable: 90, candidate: 10 };
        assert_eq!(split(weighted(&[("blue", 90), ("green", 10)])), Split::Pair(weights));
        assert_eq!(split(weighted(&[("green", 10), ("blue", 90)])), Split::Pair(weights));
        assert_eq!(split(plain("blue")), Split::StableOnly);
        assert_eq!(split(weighted(&[("blue", 1)])), Split::StableOnly);
        assert_eq!(split(plain("green")), Split::CandidateOnly);
        assert_eq!(split(plain("red")), Split::Foreign);
        let third = weighted(&[("blue", 90), ("green", 10), ("red", 0)]);
        assert_eq!(split(third), Split::Foreign);
        let fixed = FixedResponseActionConfig::builder().status_code("503").build();
        let fixed = Action::builder()
            .r#type(ActionTypeEnum::FixedResponse)
            .fixed_response_config(fixed)
            .build();
        assert_eq!(Forward::of(&[fixed]), None);
    }

    #[test]
    fn a_rewrite_changes_the_weights_and_nothing_else() {
        let secret = AuthenticateOidcActionConfig::builder().issuer("https://id").client_id("web");
        let login = Action::builder()
            .r#type(ActionTypeEnum::AuthenticateOidc)
            .order(1)
            .authenticate_oidc_config(secret.build())
            .build();
        let before = [login, weighted(&[("green", 0), ("blue", 1)])];
        let after = rewritten(&before, &[(&arn("blue"), 875), (&arn("green"), 125)]);
        assert_eq!(after[1], weighted(&[("green", 125), ("blue", 875)]));
        let login = after[0].authenticate_oidc_config.as_ref().unwrap();
        assert_eq!(login.use_existing_client_secret, Some(true));
        assert_eq!((login.issuer.as_deref(), after[0].order), (Some("https://id"), Some(1)));
        assert_eq!(Forward::of(&after).unwrap().stickiness, Duration::from_secs(90));
    }

    #[test]
    fn a_group_that_is_missing_is_attached_and_the_short_form_given_up() {
        let weights = [(&arn("blue"), 1), (&arn("green"), 0)];
        for before in [plain("blue"), weighted(&[("blue", 1)])] {
            let after = rewritten(&[before], &weights);
            assert_eq!(after[0].target_group_arn, None);
            let groups = Forward::of(&after).unwrap().groups;
            let names = [arn("blue").to_string(), arn("green").to_string()];
            assert_eq!(groups, [(names[0].clone(), 1), (names[1].clone(), 0)]);
        }
    }
}
