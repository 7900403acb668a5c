//! The handle to a simulated cloud.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use super::clock::SimClock;
use super::fleet::SimFleet;
use super::gateway::Gateway;
use super::ledger::Actor;
use super::monitor::SimMonitor;
use super::router::SimRouter;
use super::scenario::Scenario;
use super::spawner::SimSpawner;
use super::timers::Timers;
use super::world::World;
use crate::ports::Clock;
use crate::ports::Fleet;
use crate::ports::Monitor;
use crate::ports::Router;
use crate::ports::Spawn;
use crate::ports::Task;

/// What every handle shares.
pub(super) struct Shared {
    pub(super) world: Mutex<World>,
    pub(super) timers: Mutex<Timers>,
    /// Tasks spawned through the port, not yet taken over by the executor.
    pub(super) spawned: Mutex<VecDeque<(Actor, Task)>>,
}

/// A handle to a simulated cloud, seen by one process. Clones share the world.
#[derive(Clone)]
pub struct Cloud {
    pub(super) shared: Arc<Shared>,
    actor: Actor,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // a panicking test must not hide its own message behind a poisoned lock
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cloud {
    /// The cloud that this scenario describes, seen by a process named `process`.
    pub fn new(scenario: Scenario) -> Self {
        let shared = Shared {
            world: Mutex::new(World::new(scenario)),
            timers: Mutex::default(),
            spawned: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            actor: Actor::process("process"),
        }
    }

    /// The same cloud, seen by another of our processes: the ledger and the executor tell them apart.
    #[must_use]
    pub fn process(&self, name: &str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            actor: Actor::process(name),
        }
    }

    /// Who calls through this handle.
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Looks at the world, or changes it directly. Do not call anything of this handle inside.
    pub fn with<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        what(&mut lock(&self.shared.world))
    }

    /// The service's tasks.
    pub fn fleet(&self) -> Arc<dyn Fleet> {
        Arc::new(SimFleet::new(Gateway::new(self.clone())))
    }

    /// The service's traffic.
    pub fn router(&self) -> Arc<dyn Router> {
        Arc::new(SimRouter::new(Gateway::new(self.clone())))
    }

    /// The alarms.
    pub fn monitor(&self) -> Arc<dyn Monitor> {
        Arc::new(SimMonitor::new(Gateway::new(self.clone())))
    }

    /// The clock of this process.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::new(SimClock::new(self.clone()))
    }

    /// Starts tasks of this process on the executor.
    pub fn spawner(&self) -> Arc<dyn Spawn> {
        Arc::new(SimSpawner::new(self.clone()))
    }
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cloud")
            .field("actor", &self.actor)
            .finish_non_exhaustive()
    }
}
