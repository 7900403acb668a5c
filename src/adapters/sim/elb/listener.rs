//! Listeners.

use std::sync::Arc;

use serde_json::Map;
use serde_json::Value;

/// A listener. Its default actions are its default rule's.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its load balancer, an index into [`State::balancers`](crate::adapters::sim::State).
    pub balancer: usize,
    /// Its port.
    pub port: u32,
    /// Its protocol, `HTTP`.
    pub protocol: String,
    /// What else the API shows of it, in AWS's words.
    pub(crate) shown: Arc<Map<String, Value>>,
}

impl Listener {
    /// Whether the scenario's requests reach it: its port is 80 or 443.
    pub const fn is_production(&self) -> bool {
        matches!(self.port, 80 | 443)
    }
}
