//! A write of a rule, whichever client made it.

use cutover::adapters::sim::Call;
use cutover::adapters::sim::ElbCall;
use cutover::adapters::sim::Forward;
use cutover::model::ListenerRuleArn;
use cutover::model::TargetGroupArn;

/// What a call makes of a rule, or of a listener's default action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RuleWrite {
    pub(super) rule: ListenerRuleArn,
    /// Groups with raw weights. Empty where the action forwards to nobody, or to what AWS refuses.
    pub(super) forward: Vec<(TargetGroupArn, u16)>,
    pub(super) stickiness_seconds: u32,
}

impl RuleWrite {
    /// The write that this call is; none where it changes no action.
    pub(super) fn of(call: &Call) -> Option<Self> {
        let (rule, actions) = match call {
            Call::ModifyRule { rule, forward, stickiness_seconds } => {
                return Some(Self {
                    rule: rule.clone(),
                    forward: forward.clone(),
                    stickiness_seconds: stickiness_seconds.unwrap_or(0),
                });
            }
            Call::Elb(ElbCall::ModifyRule { rule, actions: Some(actions), .. }) => (rule, actions),
            Call::Elb(ElbCall::ModifyListener { listener, actions: Some(actions), .. }) => {
                (listener, actions)
            }
            _ => return None,
        };
        let forward = Forward::of(actions).ok().flatten();
        let stickiness = forward.as_ref().map_or(0, |forward| forward.stickiness.as_secs());
        Some(Self {
            rule: rule.parse().unwrap(),
            forward: forward.map(|forward| forward.groups).unwrap_or_default(),
            stickiness_seconds: u32::try_from(stickiness).unwrap(),
        })
    }

    /// A group's share of what this write forwards, in per mille.
    pub(super) fn permille(&self, group: &TargetGroupArn) -> u64 {
        let weights = self.forward.iter().map(|(of, weight)| (of, u64::from(*weight)));
        let sum: u64 = weights.clone().map(|(_, weight)| weight).sum();
        let own: u64 = weights.filter(|(of, _)| *of == group).map(|(_, weight)| weight).sum();
        (own * 1000).checked_div(sum).unwrap_or(0)
    }
}
