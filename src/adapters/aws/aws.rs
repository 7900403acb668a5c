//! Amazon, as one thing.

use std::sync::Arc;

use aws_config::SdkConfig;

#[cfg(feature = "autoscaling")]
use super::autoscaling::AwsAutoscaler;
use super::fleet::AttachingFleet;
use super::fleet::AwsFleet;
use super::monitor::AwsMonitor;
use super::revisions::Registrar;
use super::router::AwsRouter;
use super::router::Balancer;
use super::sdk::Calls;
use super::sdk::Clients;
use super::service::Ecs;
use super::service::ServiceReads;
use crate::model::NewRevision;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::Topology;
use crate::ports::Autoscaler;
use crate::ports::CallError;
use crate::ports::Clock;
use crate::ports::Fleet;
use crate::ports::Monitor;
use crate::ports::Router;

/// The ports on one account and Region of Amazon.
///
/// Make one of it and share it: its deployments then share reads (a hundred alarms and ten services
/// in a call) and keep together to half of the account's rate limits, with a part that is reserved
/// for writes.
#[derive(Debug, Clone)]
pub struct Aws {
    pub(super) clients: Clients,
    pub(super) calls: Calls,
    pub(super) balancer: Balancer,
    pub(super) services: Arc<ServiceReads>,
    pub(super) monitor: Arc<AwsMonitor>,
    pub(super) router: Arc<AwsRouter>,
    pub(super) fleet: Arc<dyn Fleet>,
    pub(super) autoscaler: Option<Arc<dyn Autoscaler>>,
    registrar: Registrar,
}

#[cfg(feature = "autoscaling")]
fn autoscaler(clients: &Clients, calls: &Calls) -> Option<Arc<dyn Autoscaler>> {
    let client = clients.scaling.clone()?;
    Some(Arc::new(AwsAutoscaler::new(client, calls)))
}

#[cfg(not(feature = "autoscaling"))]
const fn autoscaler(_: &Clients, _: &Calls) -> Option<Arc<dyn Autoscaler>> {
    None
}

impl Aws {
    /// Amazon as this configuration names it: Region, credentials, endpoint, HTTP client. Retries and
    /// timeouts are set here, whatever it says of them.
    pub fn new(config: &SdkConfig, clock: Arc<dyn Clock>) -> Self {
        Self::with(Clients::new(config, &clock), clock)
    }

    /// The same with clients that are there already; [`with_autoscaling`](Self::with_autoscaling) adds
    /// the one that is not needed always.
    pub fn from_clients(
        ecs: &aws_sdk_ecs::Client,
        elb: &aws_sdk_elasticloadbalancingv2::Client,
        cloudwatch: &aws_sdk_cloudwatch::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::with(Clients::from_clients(ecs, elb, cloudwatch, &clock), clock)
    }

    /// The same with a client of Application Auto Scaling. [`new`](Self::new) has one already.
    #[cfg(feature = "autoscaling")]
    #[must_use]
    pub fn with_autoscaling(mut self, client: &aws_sdk_applicationautoscaling::Client) -> Self {
        self.clients = self.clients.with_scaling(client, self.calls.clock());
        self.autoscaler = autoscaler(&self.clients, &self.calls);
        self
    }

    fn with(clients: Clients, clock: Arc<dyn Clock>) -> Self {
        let calls = Calls::new(clock);
        let balancer = Balancer::new(clients.elb.clone(), calls.clone());
        let services = Arc::new(ServiceReads::new(clients.ecs.clone(), &calls));
        let monitor = Arc::new(AwsMonitor::new(clients.cloudwatch.clone(), calls.clone()));
        let router = Arc::new(AwsRouter::new(balancer.clone(), Arc::clone(&services)));
        let ecs = Ecs::new(clients.clone(), calls.clone(), Arc::clone(&services));
        let registrar = Registrar::new(ecs.clone());
        let fleet = AwsFleet::new(ecs);
        let fleet = Arc::new(AttachingFleet::new(fleet, Arc::clone(&router)));
        let autoscaler = autoscaler(&clients, &calls);
        Self { clients, calls, balancer, services, monitor, router, fleet, autoscaler, registrar }
    }

    /// Task sets, service pairs or single services, whichever a service has.
    pub fn fleet(&self) -> Arc<dyn Fleet> {
        Arc::clone(&self.fleet)
    }

    /// The revision that is asked for, for this service. It is registered only if none of the newest
    /// active revisions of its family says the same: asking again after a crash registers nothing.
    pub async fn register(
        &self,
        service: &ServiceId,
        topology: &Topology,
        revision: &NewRevision,
    ) -> Result<Revision, CallError> {
        Box::pin(self.registrar.register(service, topology, revision)).await
    }

    /// Listener rules and default actions.
    pub fn router(&self) -> Arc<dyn Router> {
        Arc::<AwsRouter>::clone(&self.router)
    }

    /// Application Auto Scaling; none without the feature `autoscaling`.
    pub fn autoscaler(&self) -> Option<Arc<dyn Autoscaler>> {
        self.autoscaler.clone()
    }

    /// Alarms.
    pub fn monitor(&self) -> Arc<dyn Monitor> {
        Arc::<AwsMonitor>::clone(&self.monitor)
    }
}
