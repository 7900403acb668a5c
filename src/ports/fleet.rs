//! Tasks as a port.

use std::fmt;

use async_trait::async_trait;

use super::call_error::CallError;
use super::call_error::WriteError;
use crate::model::Baseline;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Revision;
use crate::model::Role;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::TaskSetId;
use crate::model::Topology;

/// The tasks of a service, by role.
///
/// # Contract
///
/// - Health is counted per target and mapped to its task: registered or running is not healthy.
/// - `launch` is deduplicated by its token; a second call with the same token creates nothing.
/// - `scale` takes a number of tasks and is absolute: doing it twice is doing it once.
/// - `retire` of a role that is not there succeeds.
/// - What a deployment creates carries its id and is found again by it; what is neither the baseline's
///   nor the deployment's is reported as foreign and never touched.
/// - A write is one attempt. `Rejected` means surely not applied.
#[async_trait]
pub trait Fleet: fmt::Debug + Send + Sync {
    /// The service before a deployment: fills every field of the baseline but those of the router.
    /// Where stable's (and the candidate's) own settings name a target group, that is filled too: it
    /// is held against the routes. Which service of a pair is stable, where both have tasks, is
    /// `service` unless the routes say otherwise: then it is asked again with the two turned round.
    async fn baseline(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Baseline, CallError>;

    /// One look at both roles. `delegation` is what the last [`delegate`](Self::delegate) answered;
    /// without it, what was handed over is known by its revision.
    async fn observe(
        &self,
        subject: &Subject,
        delegation: Option<&TaskSetId>,
    ) -> Result<FleetObservation, CallError>;

    /// Creates the candidate with `tasks` tasks, attached to its target group.
    async fn launch(
        &self,
        subject: &Subject,
        tasks: u32,
        token: &CallToken,
    ) -> Result<(), WriteError>;

    /// Sets how many tasks a role should have.
    async fn scale(&self, subject: &Subject, role: Role, tasks: u32) -> Result<(), WriteError>;

    /// Marks the candidate as the service's primary. Moves no traffic.
    async fn promote(&self, subject: &Subject) -> Result<(), WriteError>;

    /// Removes a role with all its tasks.
    async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError>;

    /// Hands a revision to the platform's own rolling update; answers what the platform calls it.
    async fn delegate(
        &self,
        subject: &Subject,
        revision: &Revision,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
    ) -> Result<TaskSetId, WriteError>;
}
