//! What tests of whole deployments begin with.

use std::sync::Arc;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeployerBuilder;
use cutover::model::DeploymentId;
use cutover::model::HolderId;
use cutover::model::ServiceId;
use cutover::store::MemoryStore;
use cutover::strategy::Strategy;

/// A simulated cloud, and processes that share a store.
pub(crate) struct Rig {
    pub(crate) cloud: Cloud,
    pub(crate) executor: Executor,
    pub(crate) store: Arc<MemoryStore>,
}

impl Rig {
    pub(crate) fn new(scenario: Scenario) -> Self {
        let cloud = Cloud::new(scenario);
        let executor = Executor::new(&cloud);
        Self { cloud, executor, store: Arc::default() }
    }

    /// A process of this name, and what deploys there.
    pub(crate) fn deployer(&self, name: &str) -> (Deployer, Cloud) {
        let cloud = self.cloud.process(name);
        (self.builder(&cloud).build().unwrap(), cloud)
    }

    /// What deploys in a process, before it is finished.
    pub(crate) fn builder(&self, process: &Cloud) -> DeployerBuilder {
        let ports = process.ports(Arc::clone(&self.store) as _);
        Deployer::builder(ports).holder(HolderId::new(process.actor().name()).unwrap())
    }

    /// The service that is deployed.
    pub(crate) fn service(&self) -> ServiceId {
        self.cloud.with(|world| world.state().home().id.clone())
    }
}

/// The deployment of this revision under this id.
pub(crate) fn request<'a>(
    id: &str,
    service: ServiceId,
    number: u32,
    strategy: &'a dyn Strategy,
) -> DeploymentRequest<'a> {
    DeploymentRequest::new(DeploymentId::new(id).unwrap(), service, revision(number), strategy)
}
