//! One process that deploys.

use std::sync::Arc;

use cutover::adapters::aws::Aws;
use cutover::api::Deployer;
use cutover::api::Ports;
use cutover::model::HolderId;
use cutover::ports::Clock;
use cutover::ports::Spawn;
use cutover::store::MemoryStore;

/// One process that deploys: adapters and a deployer of its own.
pub(crate) struct Process {
    pub(crate) aws: Aws,
    pub(crate) deployer: Deployer,
}

impl Process {
    pub(crate) fn new(
        name: &str,
        aws: Aws,
        clock: Arc<dyn Clock>,
        spawn: Arc<dyn Spawn>,
        store: &Arc<MemoryStore>,
    ) -> Self {
        let ports = Ports {
            fleet: aws.fleet(),
            router: Some(aws.router()),
            autoscaler: None,
            monitor: aws.monitor(),
            http: None,
            clock,
            store: Arc::clone(store) as _,
            spawn,
        };
        let holder = HolderId::new(name).unwrap();
        let deployer = Deployer::builder(ports).holder(holder).build().unwrap();
        Self { aws, deployer }
    }
}
