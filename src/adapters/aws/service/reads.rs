//! Services, read for many deployments at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ecs::Client;
use aws_sdk_ecs::types::Service;
use futures_util::FutureExt;

use super::super::sdk::Batcher;
use super::super::sdk::Calls;
use super::super::sdk::Fetched;
use super::super::sdk::Operation;
use crate::model::ServiceId;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// How many services `DescribeServices` takes.
const MOST: usize = 10;

/// Services as they are now: one call for ten of a cluster, whoever asks.
#[derive(Debug)]
pub(crate) struct ServiceReads {
    batcher: Batcher<ServiceId, Service>,
}

impl ServiceReads {
    pub(crate) fn new(client: Client, calls: &Calls) -> Self {
        let (clock, calls) = (Arc::clone(calls.clock()), calls.clone());
        let fetch = move |services: Vec<ServiceId>| {
            let (client, calls) = (client.clone(), calls.look());
            async move { describe(&client, &calls, &services).await }.boxed()
        };
        // the keys are sorted by cluster, and a call is about one cluster
        let together = |one: &ServiceId, next: &ServiceId| one.cluster == next.cluster;
        Self { batcher: Batcher::new(clock, MOST, together, fetch) }
    }

    /// These services; one that does not exist is absent.
    pub(crate) async fn describe(&self, services: &[ServiceId]) -> Fetched<ServiceId, Service> {
        self.batcher.ask(services).await
    }
}

async fn describe(
    client: &Client,
    calls: &Calls,
    services: &[ServiceId],
) -> Fetched<ServiceId, Service> {
    let Some(first) = services.first() else {
        return Ok(BTreeMap::new());
    };
    let operation = Operation::DescribeServices;
    let ask = || {
        let names = services.iter().map(|service| service.service.to_string()).collect();
        client.describe_services().cluster(&first.cluster).set_services(Some(names)).send()
    };
    let answer = calls.read(operation, ask).await?;
    for failure in answer.failures() {
        if failure.reason() != Some("MISSING") {
            let why = failure.reason().unwrap_or("it failed without a reason");
            return Err(CallError::new(operation.name(), ErrorClass::Ambiguous, why));
        }
    }
    let named = |service: &ServiceId| {
        let found = answer.services().iter().find(|found| {
            found.service_name() == Some(&service.service)
                || found.service_arn() == Some(&service.service)
        });
        found.map(|found| (service.clone(), found.clone()))
    };
    Ok(services.iter().filter_map(named).collect())
}
