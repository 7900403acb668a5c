//! What a service does not say of itself.

use serde::Deserialize;
use serde::Serialize;

use super::arn::ListenerRuleArn;
use super::arn::TargetGroupArn;
use super::first_task_set::FirstTaskSet;
use super::scaling::ScalingPolicy;

/// What a service does not say of itself about how it is deployed. Whatever is left out is found by
/// looking, or refused with the field to give.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "applications set single fields over the default")]
pub struct Topology {
    /// The other service of a service pair, in the same cluster. The two take turns: stable is the
    /// one whose target group has the weight.
    pub pair: Option<String>,
    /// The two target groups that production traffic moves between, in any order.
    pub target_groups: Option<[TargetGroupArn; 2]>,
    /// Every rule (or listener, where its default action is meant) with production traffic. Empty:
    /// every one that forwards to one of the two groups, but for the test rule.
    pub rules: Vec<ListenerRuleArn>,
    /// The rule (or listener) for test traffic.
    pub test_rule: Option<ListenerRuleArn>,
    /// What the first task set of a service is made with. Not looked at where one serves.
    pub first_task_set: Option<FirstTaskSet>,
    /// What is done with autoscaling while the deployment runs. A service that is autoscaled must say.
    pub autoscaling: Option<ScalingPolicy>,
}
