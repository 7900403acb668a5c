//! A fleet whose candidate's targets are health-checked from the first task on.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::router::AwsRouter;
use crate::model::Baseline;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Revision;
use crate::model::Role;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::TaskSetId;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::Fleet;
use crate::ports::WriteError;

/// Attaches the candidate's target group with weight 0 before its first task starts: a group that no
/// rule names is not health-checked, so its tasks could never be healthy.
#[derive(Debug)]
pub(crate) struct AttachingFleet<F> {
    fleet: F,
    router: Arc<AwsRouter>,
}

impl<F> AttachingFleet<F> {
    pub(crate) const fn new(fleet: F, router: Arc<AwsRouter>) -> Self {
        Self { fleet, router }
    }
}

#[async_trait]
impl<F: Fleet> Fleet for AttachingFleet<F> {
    async fn baseline(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Baseline, CallError> {
        self.fleet.baseline(service, topology).await
    }

    async fn observe(
        &self,
        subject: &Subject,
        delegation: Option<&TaskSetId>,
    ) -> Result<FleetObservation, CallError> {
        self.fleet.observe(subject, delegation).await
    }

    async fn launch(
        &self,
        subject: &Subject,
        tasks: u32,
        token: &CallToken,
    ) -> Result<(), WriteError> {
        self.router.attach(subject).await.map_err(|error| match error {
            // nothing was launched, and a group with weight 0 does no harm
            WriteError::Rejected(error) | WriteError::Unknown(error) => WriteError::Rejected(error),
        })?;
        self.fleet.launch(subject, tasks, token).await
    }

    async fn scale(&self, subject: &Subject, role: Role, tasks: u32) -> Result<(), WriteError> {
        self.fleet.scale(subject, role, tasks).await
    }

    async fn promote(&self, subject: &Subject) -> Result<(), WriteError> {
        self.fleet.promote(subject).await
    }

    async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        self.fleet.retire(subject, role).await
    }

    async fn delegate(
        &self,
        subject: &Subject,
        revision: &Revision,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
    ) -> Result<TaskSetId, WriteError> {
        self.fleet.delegate(subject, revision, minimum_healthy_percent, maximum_percent).await
    }
}
