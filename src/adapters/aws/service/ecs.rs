//! The calls to ECS that more than one part of the fleet makes.

use std::sync::Arc;

use aws_sdk_ecs::operation::update_service::builders::UpdateServiceInputBuilder;
use aws_sdk_ecs::types::Service;

use super::super::sdk::Calls;
use super::super::sdk::Clients;
use super::super::sdk::Operation;
use super::reads::ServiceReads;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::TaskSetId;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// The SDK's clients and the way in which calls are made with them.
#[derive(Debug, Clone)]
pub(crate) struct Ecs {
    pub(crate) clients: Clients,
    pub(crate) calls: Calls,
    /// Services, read together with those of other deployments.
    reads: Arc<ServiceReads>,
}

impl Ecs {
    pub(crate) const fn new(clients: Clients, calls: Calls, reads: Arc<ServiceReads>) -> Self {
        Self { clients, calls, reads }
    }

    /// The calls of one look at the world.
    pub(crate) fn look(&self) -> Self {
        Self { calls: self.calls.look(), ..self.clone() }
    }

    /// The calls of one change to the world.
    pub(crate) fn change(&self) -> Self {
        Self { calls: self.calls.change(), ..self.clone() }
    }

    /// Services in the order of the question; none where there is no such service or cluster.
    pub(crate) async fn services<const N: usize>(
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
    pub(crate) async fn service(&self, id: &ServiceId) -> Result<Option<Service>, CallError> {
        let [service] = self.services([id]).await?;
        Ok(service)
    }

    /// A service that must be there; `Gone` where it is not.
    pub(crate) async fn existing(&self, id: &ServiceId) -> Result<Service, CallError> {
        let found = self.service(id).await?;
        found.ok_or_else(|| gone(format!("there is no service {id}")))
    }

    /// Changes a service: one attempt. Answers the service as ECS answered it.
    pub(crate) async fn update_service(
        &self,
        input: UpdateServiceInputBuilder,
    ) -> Result<Option<Service>, WriteError> {
        let sent = Box::pin(input.send_with(&self.clients.ecs));
        let answer = self.calls.write(Operation::UpdateService, sent).await?;
        Ok(answer.service)
    }
}

/// What a call was about is not there.
pub(crate) fn gone(what: impl Into<String>) -> CallError {
    CallError::new(Operation::DescribeServices.name(), ErrorClass::Gone, what)
}

/// A service that cannot be deployed to as it is.
pub(crate) fn refused(class: ErrorClass, what: impl Into<String>) -> CallError {
    CallError::new(Operation::DescribeServices.name(), class, what)
}

/// A count as ECS gives it; never negative.
pub(crate) fn count(count: i32) -> u32 {
    u32::try_from(count).unwrap_or(0)
}

/// A count as ECS takes it.
pub(crate) fn amount(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// A revision from a task definition's ARN as ECS writes it.
pub(crate) fn revision(arn: Option<&str>) -> Result<Revision, CallError> {
    let arn = arn.unwrap_or_default();
    let parsed = arn.parse().map(Revision::new);
    parsed.map_err(|error| refused(ErrorClass::Ambiguous, format!("half an answer: {error}")))
}

/// A task set's or deployment's id as ECS writes it.
pub(crate) fn set_id(id: Option<&str>) -> Result<TaskSetId, CallError> {
    let parsed = TaskSetId::new(id.unwrap_or_default());
    parsed.map_err(|error| refused(ErrorClass::Ambiguous, format!("half an answer: {error}")))
}
