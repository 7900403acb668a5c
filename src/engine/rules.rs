//! The numbers that a plan's header fixes for the safety rules.

use std::time::Duration;

use crate::model::Header;
use crate::model::ListenerRuleArn;
use crate::model::RollBounds;

/// Healthy targets per hundred that a weight needs under this plan.
pub(super) fn percent(header: &Header) -> u32 {
    header.plan.roll().map_or(100, |(minimum, _)| minimum.min(100))
}

/// The roll of this plan as bounds, if it rolls.
pub(super) fn bounds(header: &Header) -> Option<RollBounds> {
    header.plan.roll().map(|(minimum_healthy_percent, maximum_percent)| RollBounds {
        minimum_healthy_percent,
        maximum_percent,
    })
}

/// How long a side must have been without weight before it may be removed, where no metric tells whether
/// requests still reach it (rule 4).
pub(super) fn guard(header: &Header) -> Duration {
    let baseline = &header.subject.baseline;
    if !is_weighted(header) {
        return Duration::ZERO;
    }
    follows(header).max(baseline.stickiness).max(baseline.deregistration_delay)
}

/// How long the load balancer may go on by old weights: nothing is removed before (rule 4).
pub(super) fn follows(header: &Header) -> Duration {
    if !is_weighted(header) {
        return Duration::ZERO;
    }
    header.limits.propagation.max(header.subject.baseline.propagation)
}

/// Whether traffic is weighted between two sides.
fn is_weighted(header: &Header) -> bool {
    header.subject.baseline.stable.is_some() && header.subject.baseline.has_router()
}

/// Whether metrics count the requests of each side: those of Application Load Balancers do.
pub(super) fn counts_requests(header: &Header) -> bool {
    let baseline = &header.subject.baseline;
    let counts = |rule: &ListenerRuleArn| rule.balancer_dimension().starts_with("app/");
    is_weighted(header)
        && baseline.stable_group.is_some()
        && header.plan.delegation().is_none()
        && baseline.rules.iter().all(counts)
}
