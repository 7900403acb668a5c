//! How long a target that leaves goes on finishing its requests.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::TargetGroupAttribute;

/// `deregistration_delay.timeout_seconds` among a target group's attributes; AWS's default where it
/// is not.
pub(crate) fn deregistration_delay(attributes: &[TargetGroupAttribute]) -> Duration {
    let delay = attributes
        .iter()
        .find(|pair| pair.key.as_deref() == Some("deregistration_delay.timeout_seconds"));
    let seconds = delay.and_then(|pair| pair.value.as_deref()?.parse().ok());
    Duration::from_secs(seconds.unwrap_or(300))
}
