//! What was there before the first write, and whom a port call is about.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::arn::ListenerRuleArn;
use super::arn::TargetGroupArn;
use super::first_task_set::FirstTaskSet;
use super::id::DeploymentId;
use super::id::ServiceId;
use super::id::TaskSetId;
use super::scaling::ScalingPlan;
use super::service_shape::Scheduling;
use super::task_definition::Revision;
use super::time::as_millis;

/// The world before the first write: recorded once, and what a rollback goes back to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "whoever implements the ports builds it")]
pub struct Baseline {
    /// Desired tasks when the deployment was planned.
    pub desired: u32,
    /// How ECS schedules the service.
    pub scheduling: Scheduling,
    /// Whether a second role can run beside stable.
    pub two_roles: bool,
    /// The task set (or service) that serves now.
    pub stable: Option<TaskSetId>,
    /// What will hold the candidate's tasks, where it is there already: the idle service of a pair.
    pub candidate: Option<TaskSetId>,
    /// The revision that serves now.
    pub stable_revision: Option<Revision>,
    /// Task sets that are neither stable nor ours, present from the start.
    pub others: Vec<TaskSetId>,
    /// The target group that serves now; none without a load balancer.
    pub stable_group: Option<TargetGroupArn>,
    /// The target group for the candidate.
    pub candidate_group: Option<TargetGroupArn>,
    /// Every rule (or listener) that forwards production traffic to the two groups.
    pub rules: Vec<ListenerRuleArn>,
    /// The rule (or listener) for test traffic, where there is one.
    pub test_rule: Option<ListenerRuleArn>,
    /// How long a client sticks to a group; zero without stickiness.
    #[serde(with = "as_millis")]
    pub stickiness: Duration,
    /// What autoscaling was and is to be; none where it is left alone.
    pub scaling: Option<ScalingPlan>,
    /// How long a deregistered target goes on finishing its requests.
    #[serde(with = "as_millis")]
    pub deregistration_delay: Duration,
    /// How long this load balancer may follow old weights after new ones are read back: every shift
    /// waits for it. Zero where it follows at once but for `limits.propagation`.
    #[serde(with = "as_millis", default)]
    pub propagation: Duration,
    /// What the first task set is made with, where nothing serves yet and that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FirstTaskSet>,
}

impl Baseline {
    /// A service in which nothing serves yet, one role at a time, without routes or autoscaling.
    pub const fn new(desired: u32, scheduling: Scheduling) -> Self {
        Self {
            desired,
            scheduling,
            two_roles: false,
            stable: None,
            candidate: None,
            stable_revision: None,
            others: Vec::new(),
            stable_group: None,
            candidate_group: None,
            rules: Vec::new(),
            test_rule: None,
            stickiness: Duration::ZERO,
            scaling: None,
            deregistration_delay: Duration::ZERO,
            propagation: Duration::ZERO,
            first: None,
        }
    }

    /// Whether production traffic can be weighted between two groups.
    pub fn has_router(&self) -> bool {
        self.candidate_group.is_some() && !self.rules.is_empty()
    }
}

/// Whom a port call is about. Everything here is fixed for the life of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "conformance suites build it")]
pub struct Subject {
    /// The deployment; what it creates is tagged with this id and so found again.
    pub deployment: DeploymentId,
    /// The service.
    pub service: ServiceId,
    /// The revision on trial.
    pub candidate: Revision,
    /// What was there before.
    pub baseline: Baseline,
}
