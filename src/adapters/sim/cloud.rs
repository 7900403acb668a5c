//! The handle to a simulated cloud.

use std::sync::Arc;

use super::autoscaler::SimAutoscaler;
use super::clock::SimClock;
#[cfg(feature = "local")]
use super::clock::Wait;
use super::fleet::SimFleet;
use super::gateway::Gateway;
use super::http::SimHttp;
use super::ledger::Actor;
use super::monitor::SimMonitor;
use super::process::Process;
use super::router::SimRouter;
use super::scenario::Scenario;
use super::spawner::SimSpawner;
use super::world::World;
#[cfg(feature = "local")]
use crate::model::Elapsed;
use crate::ports::Autoscaler;
use crate::ports::Clock;
use crate::ports::Fleet;
use crate::ports::Http;
use crate::ports::Monitor;
use crate::ports::Ports;
use crate::ports::Router;
use crate::ports::Spawn;
use crate::ports::Store;

/// A handle to a simulated cloud, seen by one process. Clones share the world.
#[derive(Debug, Clone)]
pub struct Cloud {
    pub(super) process: Process,
}

impl Cloud {
    /// The cloud that this scenario describes, seen by a process named `process`.
    pub fn new(scenario: Scenario) -> Self {
        Self { process: Process::new(World::new(scenario), "process") }
    }

    /// The same cloud, seen by another of our processes: the ledger and the executor tell them apart.
    #[must_use]
    pub fn process(&self, name: &str) -> Self {
        let shared = Arc::clone(&self.process.shared);
        Self { process: Process { shared, actor: Actor::process(name) } }
    }

    /// Who calls through this handle.
    pub const fn actor(&self) -> &Actor {
        &self.process.actor
    }

    /// Looks at the world, or changes it directly. Do not use any handle or port inside: the world
    /// is locked.
    pub fn with<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        self.process.with(what)
    }

    /// Waits until the executor has brought the world so far.
    #[cfg(feature = "local")]
    pub(crate) async fn until(&self, at: Elapsed) {
        Wait::until(self.process.clone(), at).await;
    }

    /// All of it as a deployer's ports, with this store. There is an autoscaler where something is
    /// scaled, and a router also where nothing is balanced.
    pub fn ports(&self, store: Arc<dyn Store>) -> Ports {
        let scales = self.with(|world| !world.state().scalable_targets.is_empty());
        Ports {
            fleet: self.fleet(),
            router: Some(self.router()),
            autoscaler: scales.then(|| self.autoscaler()),
            monitor: self.monitor(),
            http: Some(self.http()),
            clock: self.clock(),
            store,
            spawn: self.spawner(),
        }
    }

    /// The service's tasks.
    pub fn fleet(&self) -> Arc<dyn Fleet> {
        Arc::new(SimFleet::new(Gateway::new(self.process.clone())))
    }

    /// The service's traffic.
    pub fn router(&self) -> Arc<dyn Router> {
        Arc::new(SimRouter::new(Gateway::new(self.process.clone())))
    }

    /// The scalable targets.
    pub fn autoscaler(&self) -> Arc<dyn Autoscaler> {
        Arc::new(SimAutoscaler::new(Gateway::new(self.process.clone())))
    }

    /// The alarms.
    pub fn monitor(&self) -> Arc<dyn Monitor> {
        Arc::new(SimMonitor::new(Gateway::new(self.process.clone())))
    }

    /// The load balancer's test listener, and the scenario's other endpoints.
    pub fn http(&self) -> Arc<dyn Http> {
        Arc::new(SimHttp::new(self.process.clone()))
    }

    /// The clock of this process.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SimClock::new(self.process.clone()))
    }

    /// Starts tasks of this process on the executor.
    pub fn spawner(&self) -> Arc<dyn Spawn> {
        Arc::new(SimSpawner::new(self.process.clone()))
    }
}
