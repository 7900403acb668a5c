//! A target of a target group.

use aws_sdk_elasticloadbalancingv2::types::TargetDescription;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthStateEnum;

/// A target of a target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// An address, or an instance's id.
    pub(crate) id: String,
    /// Its port.
    pub(crate) port: Option<i32>,
    /// `healthy`; neither `initial` nor `draining` is.
    pub(crate) healthy: bool,
}

impl Target {
    /// The target as Elastic Load Balancing describes it.
    pub(crate) fn of(described: &TargetHealthDescription) -> Self {
        let target = described.target();
        let state = described.target_health().and_then(|health| health.state());
        Self {
            id: target.and_then(|target| target.id()).unwrap_or_default().to_owned(),
            port: target.and_then(TargetDescription::port),
            healthy: state == Some(&TargetHealthStateEnum::Healthy),
        }
    }
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
        let healthy = Target { id: "10.0.0.7".to_owned(), port: Some(80), healthy: true };
        assert_eq!(read(Healthy), healthy);
        for state in [Initial, Unhealthy, Draining, Unused] {
            assert!(!read(state).healthy);
        }
    }
}
