//! A target of a target group.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;

use crate::model::TargetTrouble;

/// Reasons that are told apart.
const KINDS: usize = 4;

/// A target of a target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// An address, or an instance's id.
    pub(crate) id: String,
    /// Its port.
    pub(crate) port: Option<i32>,
    /// `healthy`; neither `initial` nor `draining` is.
    pub(crate) healthy: bool,
    /// Why it is `unhealthy` or `unavailable`; none where it is neither.
    pub(crate) trouble: Option<String>,
}

impl Target {
    /// The target as Elastic Load Balancing describes it.
    pub(crate) fn of(described: &TargetHealthDescription) -> Self {
        let target = described.target();
        let health = described.target_health();
        let state = health.and_then(|health| health.state());
        let fails = matches!(
            state,
            Some(TargetHealthStateEnum::Unhealthy | TargetHealthStateEnum::Unavailable)
        );
        let reason = health.and_then(|health| health.reason());
        let reason = reason.map_or("no reason given", |reason| reason.as_str());
        Self {
            id: target.and_then(|target| target.id()).unwrap_or_default().to_owned(),
            port: target.and_then(TargetDescription::port),
            healthy: state == Some(&TargetHealthStateEnum::Healthy),
            trouble: fails.then(|| reason.to_owned()),
        }
    }
}

/// Why targets are in trouble, most frequent first.
#[expect(single_use_lifetimes, reason = "an anonymous one is not allowed in an `impl Trait` here")]
pub(super) fn troubles<'a>(targets: impl Iterator<Item = &'a Target>) -> Vec<TargetTrouble> {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for reason in targets.filter_map(|target| target.trouble.as_deref()) {
        let count = counts.entry(reason).or_default();
        *count = count.saturating_add(1);
    }
    let kinds = counts.into_iter();
    let mut kinds: Vec<TargetTrouble> =
        kinds.map(|(reason, count)| TargetTrouble { reason: reason.to_owned(), count }).collect();
    kinds.sort_by_key(|kind| Reverse(kind.count));
    kinds.truncate(KINDS);
    kinds
}

#[cfg(test)]
mod tests {
    use aws_sdk_elasticloadbalancingv2::types::TargetHealth;

    use super::*;

    #[test]
    fn only_the_state_healthy_is_healthy() {
        use TargetHealthStateEnum::Draining;
        use TargetHealthStateEnum::Healthy;
        use TargetHealthStateEnum::Initial;
        use TargetHealthStateEnum::Unhealthy;
        use TargetHealthStateEnum::Unused;
        let read = |state: TargetHealthStateEnum| {
            let target = TargetDescription::builder().id("10.0.0.7").port(80).build();
            let health = TargetHealth::builder().state(state).build();
            let described = TargetHealthDescription::builder().target(target).target_health(health);
            Target::of(&described.build())
        };
        let id = "10.0.0.7".to_owned();
        let healthy = Target { id, port: Some(80), healthy: true, trouble: None };
        assert_eq!(read(Healthy), healthy);
        for state in [Initial, Unhealthy, Draining, Unused] {
            let fails = state == Unhealthy;
            let read = read(state);
            assert!(!read.healthy);
            assert_eq!(read.trouble.is_some(), fails, "only what fails is in trouble");
        }
    }
}
