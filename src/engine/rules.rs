//! The numbers that a plan's header fixes for the safety rules.

use std::time::Duration;

use crate::model::Header;
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

/// How long a side must have been without traffic before it may be removed (rule 4).
pub(super) fn guard(header: &Header) -> Duration {
    let baseline = &header.subject.baseline;
    if baseline.stable.is_none() || !baseline.has_router() {
        return Duration::ZERO;
    }
    let follows = header.limits.propagation.max(baseline.propagation);
    follows.max(baseline.stickiness).max(baseline.deregistration_delay)
}
