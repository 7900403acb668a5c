//! One answer of load balancer metrics about the target group of the side that is to be removed.
#![expect(clippy::exhaustive_structs, reason = "whoever drives the engine builds these")]

use std::time::Duration;

use super::time::Timestamp;

/// How many requests reached the target group of the side that is to be removed, by the minute. All
/// times are AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRequests {
    /// When AWS answered.
    pub at: Timestamp,
    /// The end of the last complete minute that was asked for.
    pub closed: Timestamp,
    /// Complete minutes in which either side has a datum, oldest first.
    pub minutes: Vec<GroupMinute>,
}

impl GroupRequests {
    /// How long a minute's data may be late: `CloudWatch` has those of load balancers within two.
    pub const SETTLE: Duration = Duration::from_mins(2);
}

/// One complete minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupMinute {
    /// When it began.
    pub begin: Timestamp,
    /// The requests that reached a target of the group, behind every load balancer together.
    pub requests: u64,
    /// Whether a missing datum means that there was none: behind every load balancer either the group
    /// itself or the other side's has one.
    pub told: bool,
}

impl GroupMinute {
    /// The length of a minute.
    pub const LENGTH: Duration = Duration::from_mins(1);

    /// When it was over.
    pub fn end(&self) -> Timestamp {
        self.begin.after(Self::LENGTH)
    }
}
