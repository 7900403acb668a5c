//! What a strategy may know about a service.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::id::ServiceId;
use super::id::TaskSetId;
use super::task_definition::Revision;
use super::time::as_millis;

/// ECS's scheduling strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::exhaustive_enums, reason = "ECS has two")]
pub enum Scheduling {
    /// A desired number of tasks.
    Replica,
    /// One task per container instance.
    Daemon,
}

/// A service as a strategy sees it when it plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "tests of strategies build it")]
pub struct ServiceShape {
    /// The service.
    pub service: ServiceId,
    /// Desired tasks now.
    pub desired: u32,
    /// The revision that serves now; none at the first deployment.
    pub stable: Option<Revision>,
    /// The task set (or service) that holds stable's tasks, if any.
    pub stable_task_set: Option<TaskSetId>,
    /// The revision to deploy.
    pub candidate: Revision,
    /// Whether a second role can run beside stable (task sets or a service pair).
    pub two_roles: bool,
    /// Whether production traffic can be weighted between two target groups.
    pub router: bool,
    /// Whether there is a test listener or rule.
    pub test_traffic: bool,
    /// How ECS schedules the service.
    pub scheduling: Scheduling,
    /// How long this load balancer may follow old weights after new ones are read back: every shift
    /// waits for it.
    #[serde(with = "as_millis", default)]
    pub propagation: Duration,
}
