//! The calls to ECS that more than one part of the fleet makes.

use std::sync::Arc;

use aws_sdk_ecs::operation::update_service::builders::UpdateServiceInputBuilder;
use aws_sdk_ecs::types::Service;

use super::calls::Calls;
use super::clients::Clients;
use super::operation::Operation;
use super::service_reads::ServiceReads;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::TaskSetId;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// The SDK's clients and the way in which calls are made with them.
#[derive(Debug, Clone)]
pub(super) struct Ecs {
    pub(super) clients: Clients,
    pub(super) calls: Calls,
    /// Services, read together with those of other deployments.
    reads: Arc<ServiceReads>,
}

impl Ecs {
    pub(super) const fn new(clients: Clients, calls: Calls, reads: Arc<ServiceReads>) -> Self {
        Self { clients, calls, reads }
    }

    /// The calls of one look at the world.
    pub(super) fn look(&self) -> Self {
        Self { calls: self.calls.look(), ..self.clone() }
    }

    /// The calls of one change to the world.
    pub(super) fn change(&self) -> Self {
        Self { calls: self.calls.change(), ..self.clone() }
    }

    /// Services in the order of the question; none where there is no such service or cluster.
    pub(super) async fn services<const N: usize>(
        &self,
        ids: [&ServiceId; N],
    ) -> Result<[Option<Service>; N], CallError> {
        match self.reads.describe(&ids.map(ServiceId::clone)).await {
            Ok(found) => Ok(ids.map(|id| found.get(id).cloned())),
            Err(error) if error.class == ErrorClass::Gone => Ok(ids.map(|_| None)),
            Err(error) => Err(error),
        }
    }

    /// A service, if there is one.
    pub(super) async fn service(&self, id: &ServiceId) -> Result<Option<Service>, CallError> {
        let [service] = self.services([id]).await?;
        Ok(service)
    }

    /// A service that must be there; `Gone` where it is not.
    pub(super) async fn existing(&self, id: &ServiceId) -> Result<Service, CallError> {
        let found = self.service(id).await?;
        found.ok_or_else(|| gone(format!("there is no service {id}")))
    }

    /// Changes a service: one attempt. Answers the service as ECS answered it.
    pub(super) async fn update_service(
        &self,
        input: UpdateServiceInputBuilder,
    ) -> Result<Option<Service>, WriteError> {
        let sent = Box::pin(input.send_with(&self.clients.ecs));
        let answer = self.calls.write(Operation::UpdateService, sent).await?;
        Ok(answer.service)
    }
}

/// What a call was about is not there.
pub(super) fn gone(what: impl Into<String>) -> CallError {
    CallError::new(Operation::DescribeServices.name(), ErrorClass::Gone, what)
}

/// A service that cannot be deployed to as it is.
pub(super) fn refused(class: ErrorClass, what: impl Into<String>) -> CallError {
    CallError::new(Operation::DescribeServices.name(), class, what)
}

/// A count as ECS gives it; never negative.
pub(super) fn count(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

/// A count as ECS takes it.
pub(super) fn amount(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A revision from a task definition's ARN as ECS writes it.
pub(super) fn revision(arn: Option<&str>) -> Result<Revision, CallError> {
    let arn = arn.unwrap_or_default();
    let parsed = arn.parse().map(Revision::new);
    parsed.map_err(|error| refused(ErrorClass::Ambiguous, format!("half an answer: {error}")))
}

/// A task set's or deployment's id as ECS writes it.
pub(super) fn set_id(id: Option<&str>) -> Result<TaskSetId, CallError> {
    let parsed = TaskSetId::new(id.unwrap_or_default());
    parsed.map_err(|error| refused(ErrorClass::Ambiguous, format!("half an answer: {error}")))
}
