//! A scalable target as Application Auto Scaling keeps it.

use crate::model::Elapsed;
use crate::model::ScalableTarget;
use crate::model::ServiceId;

/// A scalable target as Application Auto Scaling keeps it: with the cluster that its service is in,
/// and what no deployment touches.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredTarget {
    /// The cluster that its service is in.
    pub cluster: String,
    /// The service, its bounds and what is suspended.
    pub target: ScalableTarget,
    /// The role that was given.
    pub role: Option<String>,
    /// When it was registered.
    pub created_at: Elapsed,
}

impl RegisteredTarget {
    /// Whether it is this service's.
    pub fn is_of(&self, service: &ServiceId) -> bool {
        self.cluster == *service.cluster && self.target.service == *service.service
    }

    /// `service/<cluster>/<service>`.
    pub fn resource(&self) -> String {
        format!("service/{}/{}", self.cluster, self.target.service)
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
