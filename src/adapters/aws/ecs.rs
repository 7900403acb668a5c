//! The calls to ECS that more than one part of the fleet makes.

use aws_sdk_ecs::operation::update_service::builders::UpdateServiceInputBuilder;
use aws_sdk_ecs::types::Service;

use super::calls::Calls;
use super::clients::Clients;
use super::operation::Operation;
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
}

impl Ecs {
    /// The calls of one look at the world.
    pub(super) fn look(&self) -> Self {
        Self { clients: self.clients.clone(), calls: self.calls.look() }
    }

    /// The calls of one change to the world.
    pub(super) fn change(&self) -> Self {
        Self { clients: self.clients.clone(), calls: self.calls.change() }
    }

    /// Services of one cluster in the order of the question; none where there is no such service.
    pub(super) async fn services(
        &self,
        cluster: &str,
        names: &[&str],
    ) -> Result<Vec<Option<Service>>, CallError> {
        let operation = Operation::DescribeServices;
        let client = &self.clients.ecs;
        let wanted: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let send = || {
            let services = Some(wanted.clone());
            client.describe_services().cluster(cluster).set_services(services).send()
        };
        let answer = self.calls.read(operation, send).await?;
        for failure in answer.failures() {
            if failure.reason() != Some("MISSING") {
                let why = failure.reason().unwrap_or("it failed without a reason");
                return Err(CallError::new(operation.name(), ErrorClass::Ambiguous, why));
            }
        }
        let find =
            |name: &str| answer.services().iter().find(|service| is_named(service, name)).cloned();
        Ok(names.iter().map(|name| find(name)).collect())
    }

    /// A service, if there is one.
    pub(super) async fn service(&self, id: &ServiceId) -> Result<Option<Service>, CallError> {
        let mut services = self.services(&id.cluster, &[&id.service]).await?;
        Ok(services.pop().flatten())
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

fn is_named(service: &Service, name: &str) -> bool {
    let arn = service.service_arn();
    service.service_name() == Some(name) || arn == Some(name)
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
