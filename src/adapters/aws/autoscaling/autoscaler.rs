//! Application Auto Scaling as an [`Autoscaler`].

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::ScalableDimension;
use aws_sdk_applicationautoscaling::types::ScalableTarget as Described;
use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_applicationautoscaling::types::SuspendedState;
use futures_util::FutureExt;

use super::super::sdk::Batcher;
use super::super::sdk::Calls;
use super::super::sdk::Fetched;
use super::super::sdk::Operation;
use crate::model::InvalidId;
use crate::model::ScalableTarget;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::Suspension;
use crate::model::Topology;
use crate::ports::Autoscaler;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// How many resources `DescribeScalableTargets` takes.
const MOST: usize = 50;

/// Scalable targets of services' desired counts. Reads are put together, fifty to a call.
#[derive(Debug)]
pub(crate) struct AwsAutoscaler {
    client: Client,
    calls: Calls,
    reads: Batcher<ServiceId, ScalableTarget>,
}

fn resource(service: &ServiceId) -> String {
    format!("service/{service}")
}

fn strange(operation: Operation, what: impl Into<String>) -> CallError {
    CallError::new(operation.name(), ErrorClass::Ambiguous, what)
}

fn named(operation: Operation, cluster: &str, service: &str) -> Result<ServiceId, CallError> {
    let invalid =
        |error: InvalidId| CallError::new(operation.name(), ErrorClass::Invalid, error.to_string());
    ServiceId::new(cluster, service).map_err(invalid)
}

/// A bound as the model counts it; AWS has none below zero.
fn bound(capacity: i32) -> Result<u32, CallError> {
    let wrong = |_| {
        let what = format!("a scalable target with the bound {capacity}");
        strange(Operation::DescribeScalableTargets, what)
    };
    u32::try_from(capacity).map_err(wrong)
}

fn suspension(state: Option<&SuspendedState>) -> Suspension {
    let is = |member: fn(&SuspendedState) -> Option<bool>| state.and_then(member).unwrap_or(false);
    Suspension {
        scale_in: is(SuspendedState::dynamic_scaling_in_suspended),
        scale_out: is(SuspendedState::dynamic_scaling_out_suspended),
        scheduled: is(SuspendedState::scheduled_scaling_suspended),
    }
}

fn target(service: &ServiceId, described: &Described) -> Result<ScalableTarget, CallError> {
    Ok(ScalableTarget {
        service: service.service.to_string(),
        minimum: bound(described.min_capacity())?,
        maximum: bound(described.max_capacity())?,
        suspended: suspension(described.suspended_state()),
    })
}

async fn describe(
    client: &Client,
    calls: &Calls,
    services: &[ServiceId],
) -> Fetched<ServiceId, ScalableTarget> {
    let operation = Operation::DescribeScalableTargets;
    let ids: Vec<String> = services.iter().map(resource).collect();
    let mut found = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let ask = || {
            client
                .describe_scalable_targets()
                .service_namespace(ServiceNamespace::Ecs)
                .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                .set_resource_ids(Some(ids.clone()))
                .set_next_token(token.clone())
                .send()
        };
        let answer = calls.read(operation, ask).await?;
        for described in answer.scalable_targets() {
            let known = services.iter().find(|known| resource(known) == described.resource_id());
            let unasked = || strange(operation, "an answer about another service");
            let known = known.ok_or_else(unasked)?;
            found.insert(known.clone(), target(known, described)?);
        }
        token = answer.next_token().map(str::to_owned);
        if token.is_none() {
            return Ok(found);
        }
    }
}

impl AwsAutoscaler {
    pub(crate) fn new(client: Client, calls: &Calls) -> Self {
        let (clock, shared, reader) = (Arc::clone(calls.clock()), calls.clone(), client.clone());
        let fetch = move |services: Vec<ServiceId>| {
            let (client, calls) = (reader.clone(), shared.look());
            async move { describe(&client, &calls, &services).await }.boxed()
        };
        // a resource is named with its cluster: any two may go into one call
        let reads = Batcher::new(clock, MOST, |_, _| true, fetch);
        Self { client, calls: calls.clone(), reads }
    }

    /// The targets of these services, in the order of their names.
    async fn read(&self, services: &[ServiceId]) -> Result<Vec<ScalableTarget>, CallError> {
        if services.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.reads.ask(services).await?.into_values().collect())
    }

    async fn set(
        &self,
        calls: &Calls,
        service: &ServiceId,
        target: &ScalableTarget,
    ) -> Result<(), CallError> {
        let operation = Operation::RegisterScalableTarget;
        let capacity = |bound: u32| {
            let large = |_| {
                let what = format!("{bound} tasks are more than AWS can count");
                CallError::new(operation.name(), ErrorClass::Invalid, what)
            };
            i32::try_from(bound).map_err(large)
        };
        let Suspension { scale_in, scale_out, scheduled } = target.suspended;
        let state = SuspendedState::builder()
            .dynamic_scaling_in_suspended(scale_in)
            .dynamic_scaling_out_suspended(scale_out)
            .scheduled_scaling_suspended(scheduled);
        // no role: what is not given stays
        let send = self
            .client
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Ecs)
            .resource_id(resource(service))
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .min_capacity(capacity(target.minimum)?)
            .max_capacity(capacity(target.maximum)?)
            .suspended_state(state.build())
            .send();
        calls.write(operation, send).await?;
        Ok(())
    }
}

#[async_trait]
impl Autoscaler for AwsAutoscaler {
    async fn targets(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Vec<ScalableTarget>, CallError> {
        let operation = Operation::DescribeScalableTargets;
        let pair = topology.pair.as_ref();
        let pair = pair.map(|pair| named(operation, &service.cluster, pair));
        let services = std::iter::once(Ok(service.clone())).chain(pair);
        self.read(&services.collect::<Result<Vec<_>, _>>()?).await
    }

    async fn observe(&self, subject: &Subject) -> Result<Vec<ScalableTarget>, CallError> {
        let operation = Operation::DescribeScalableTargets;
        let found = subject.baseline.scaling.iter().flat_map(|plan| &plan.found);
        let cluster = &subject.service.cluster;
        let services = found.map(|target| named(operation, cluster, &target.service));
        self.read(&services.collect::<Result<Vec<_>, _>>()?).await
    }

    async fn register(
        &self,
        subject: &Subject,
        targets: &[ScalableTarget],
    ) -> Result<(), WriteError> {
        let (calls, cluster) = (self.calls.change(), &subject.service.cluster);
        let mut services = Vec::with_capacity(targets.len());
        for target in targets {
            let service = named(Operation::RegisterScalableTarget, cluster, &target.service);
            services.push((service.map_err(WriteError::Rejected)?, target));
        }
        for (written, (service, target)) in services.into_iter().enumerate() {
            match self.set(&calls, &service, target).await {
                Ok(()) => {}
                // "rejected" would mean that no target was written
                Err(error) if written > 0 => return Err(WriteError::Unknown(error)),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}
