//! Calls to Application Auto Scaling.

use super::call_kind::CallKind;
use crate::model::ServiceId;

/// A call to Application Auto Scaling about services' desired counts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "fields are the parameters of the same name")]
#[non_exhaustive]
pub enum ScalingCall {
    /// Registers or changes a target; what is not given stays.
    RegisterScalableTarget {
        service: ServiceId,
        minimum: Option<u32>,
        maximum: Option<u32>,
        role: Option<String>,
        scale_in_suspended: Option<bool>,
        scale_out_suspended: Option<bool>,
        scheduled_suspended: Option<bool>,
    },
    /// These targets; all where none is named.
    DescribeScalableTargets { services: Vec<ServiceId> },
    /// Forgets a target.
    DeregisterScalableTarget { service: ServiceId },
}

impl ScalingCall {
    /// Which operation it is.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::RegisterScalableTarget { .. } => CallKind::RegisterScalableTarget,
            Self::DescribeScalableTargets { .. } => CallKind::DescribeScalableTargets,
            Self::DeregisterScalableTarget { .. } => CallKind::DeregisterScalableTarget,
        }
    }
}
