//! A scalable target of Application Auto Scaling.

use crate::model::Elapsed;
use crate::model::ServiceId;

/// A service whose desired count is scaled.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScalableTarget {
    /// The service.
    pub service: ServiceId,
    /// The fewest tasks.
    pub minimum: u32,
    /// The most tasks.
    pub maximum: u32,
    /// What is suspended.
    pub suspended: Suspended,
    /// The role that was given.
    pub role: Option<String>,
    /// When it was registered.
    pub created_at: Elapsed,
}

impl ScalableTarget {
    /// `service/<cluster>/<service>`.
    pub fn resource(&self) -> String {
        format!("service/{}", self.service)
    }

    /// Its ARN.
    pub fn arn(&self) -> String {
        const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
        let hash = self
            .resource()
            .bytes()
            .fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash: u128, byte| {
                (hash ^ u128::from(byte)).wrapping_mul(PRIME)
            });
        format!(
            "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/0ec5{hash:032x}"
        )
    }
}

/// What of a scalable target is suspended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "AWS's three members")]
pub struct Suspended {
    /// `DynamicScalingInSuspended`.
    pub scale_in: bool,
    /// `DynamicScalingOutSuspended`.
    pub scale_out: bool,
    /// `ScheduledScalingSuspended`.
    pub scheduled: bool,
}
