//! Listener rules.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::model::ListenerRuleArn;

/// A rule: what it says, and what the load balancer does.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Rule {
    /// Its ARN.
    pub arn: ListenerRuleArn,
    /// Whether it is for test traffic.
    pub test: bool,
    /// Its listener, an index into [`State::listeners`](crate::adapters::sim::State).
    pub listener: usize,
    /// Its priority; none for the listener's default rule.
    pub priority: Option<u32>,
    /// Groups (indexes into [`State::groups`](crate::adapters::sim::State)) and their raw weights, as
    /// the API shows them; empty where it does not forward.
    pub control: Vec<(usize, u16)>,
    /// The same as the load balancer follows it now.
    pub data: Vec<(usize, u16)>,
    /// How long a client sticks to a group; zero without stickiness.
    pub stickiness: Duration,
    /// Its conditions as they were given, in AWS's words.
    pub conditions: Arc<Vec<Value>>,
    /// Its actions as the API shows them, in AWS's words.
    pub actions: Arc<Vec<Value>>,
    /// Whether the scenario does not know it.
    pub(crate) outside: bool,
    /// What clients with a cookie still follow.
    pub(crate) cookies: Option<Vec<(usize, u16)>>,
    /// Writes that the load balancer does not follow yet, by version.
    pub(crate) on_its_way: Vec<(u32, Vec<(usize, u16)>)>,
    /// How many times it was written.
    pub(crate) version: u32,
    /// Which of these writes the load balancer follows.
    pub(crate) applied: u32,
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

    /// Whether it forwards to target groups.
    pub fn forwards(&self) -> bool {
        !self.control.is_empty()
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
