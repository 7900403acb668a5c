//! Listener rules and target groups.

use std::time::Duration;

use crate::model::ListenerRuleArn;
use crate::model::TargetGroupArn;

/// A target group. Its targets are the tasks of the task sets attached to it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: TargetGroupArn,
    /// Whether a rule names it, be it with weight 0: only then it is health-checked.
    pub attached: bool,
}

/// A rule: what it says, and what the load balancer does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rule {
    /// Its ARN.
    pub arn: ListenerRuleArn,
    /// Whether it is for test traffic.
    pub test: bool,
    /// Groups (indexes into [`State::groups`](super::State)) and their raw weights, as the API shows
    /// them.
    pub control: Vec<(usize, u16)>,
    /// The same as the load balancer follows it now.
    pub data: Vec<(usize, u16)>,
    /// How long a client sticks to a group; zero without stickiness.
    pub stickiness: Duration,
    /// What clients with a cookie still follow.
    pub(super) cookies: Option<Vec<(usize, u16)>>,
    /// Writes that the load balancer does not follow yet, by version.
    pub(super) on_its_way: Vec<(u32, Vec<(usize, u16)>)>,
    /// How many times it was written.
    pub(super) version: u32,
    /// Which of these writes the load balancer follows.
    pub(super) applied: u32,
}

impl Rule {
    /// A group's share in per mille of what the rule says.
    pub fn control_permille(&self, group: usize) -> u64 {
        permille(&self.control, group)
    }

    /// A group's share in per mille of new clients' requests, as the load balancer splits them now.
    pub fn data_permille(&self, group: usize) -> u64 {
        permille(&self.data, group)
    }

    /// Whether the load balancer does what the rule says, cookies included.
    pub fn is_settled(&self) -> bool {
        self.applied == self.version && self.cookies.is_none()
    }
}

/// A group's share in per mille of these raw weights; zero where they sum to zero.
fn permille(weights: &[(usize, u16)], group: usize) -> u64 {
    let sum: u64 = weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
    let own: u64 =
        weights.iter().filter(|(of, _)| *of == group).map(|(_, weight)| u64::from(*weight)).sum();
    (own * 1000).checked_div(sum).unwrap_or(0)
}
