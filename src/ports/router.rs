//! Traffic as a port.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::call_error::CallError;
use super::call_error::WriteError;
use crate::model::Baseline;
use crate::model::FencingToken;
use crate::model::ListenerRuleArn;
use crate::model::Role;
use crate::model::RouterObservation;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::TargetGroupArn;
use crate::model::Topology;
use crate::model::Weight;

/// The routes of a service before a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever implements the port builds it")]
pub struct Routes {
    /// The group that serves now.
    pub stable_group: TargetGroupArn,
    /// The other group.
    pub candidate_group: TargetGroupArn,
    /// Every rule that forwards production traffic to the two.
    pub rules: Vec<ListenerRuleArn>,
    /// The test rule, where there is one.
    pub test_rule: Option<ListenerRuleArn>,
    /// How long a client sticks to a group; zero without stickiness.
    pub stickiness: Duration,
    /// How long a deregistered target goes on finishing its requests.
    pub deregistration_delay: Duration,
    /// How long this load balancer may follow old weights after new ones are read back: every shift
    /// waits for it. Zero where it follows at once but for `limits.propagation`.
    pub propagation: Duration,
}

impl Routes {
    /// The baseline of a service with these routes.
    #[must_use]
    pub fn complete(self, baseline: Baseline) -> Baseline {
        let Self { stable_group, candidate_group, rules, test_rule, .. } = self;
        Baseline {
            stable_group: Some(stable_group),
            candidate_group: Some(candidate_group),
            rules,
            test_rule,
            stickiness: self.stickiness,
            deregistration_delay: self.deregistration_delay,
            propagation: self.propagation,
            ..baseline
        }
    }
}

/// Production and test traffic between the two target groups.
///
/// # Contract
///
/// - `shift` reads, compares, writes and answers for **all** rules: `Applied` means every rule has it.
/// - Stickiness, authentication, conditions and unrelated rules stay as they are, byte for byte.
/// - Weights written are valid for the load balancer and never sum to zero.
/// - A write is one attempt. `Rejected` means surely not applied, to any rule.
#[async_trait]
pub trait Router: fmt::Debug + Send + Sync {
    /// The routes before a deployment; none where the service has no load balancer. Stable is the
    /// group that has the weight.
    async fn routes(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Option<Routes>, CallError>;

    /// One look at every rule.
    async fn observe(&self, subject: &Subject) -> Result<RouterObservation, CallError>;

    /// Gives the candidate this share of production traffic in every rule. Where the platform can
    /// keep notes, each rule is marked with the deployment and the writer's fencing token.
    async fn shift(
        &self,
        subject: &Subject,
        candidate: Weight,
        token: FencingToken,
    ) -> Result<(), WriteError>;

    /// Sends test traffic to this role.
    async fn route_test(&self, subject: &Subject, role: Role) -> Result<(), WriteError>;
}
