//! One of our processes, as the simulated cloud sees it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::atomic::AtomicBool;

use super::ledger::Actor;
use super::timers::Timers;
use super::world::World;
use crate::ports::Task;

/// What every process shares.
pub(super) struct Shared {
    pub(super) world: Mutex<World>,
    pub(super) timers: Mutex<Timers>,
    /// Tasks spawned through the port, not yet taken over by the executor.
    pub(super) spawned: Mutex<VecDeque<(Actor, Task)>>,
    /// Whether there are any: the executor looks before every poll.
    pub(super) has_spawned: AtomicBool,
}

/// One of our processes: its name, and the world it is in.
#[derive(Clone)]
pub(super) struct Process {
    pub(super) shared: Arc<Shared>,
    pub(super) actor: Actor,
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // a panicking test must not hide its own message behind a poisoned lock
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    pub(super) fn new(world: World, name: &str) -> Self {
        let shared = Shared {
            world: Mutex::new(world),
            timers: Mutex::default(),
            spawned: Mutex::default(),
            has_spawned: AtomicBool::new(false),
        };
        Self { shared: Arc::new(shared), actor: Actor::process(name) }
    }

    /// Looks at the world, or changes it.
    pub(super) fn with<T>(&self, what: impl FnOnce(&mut World) -> T) -> T {
        what(&mut lock(&self.shared.world))
    }
}

impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Process").field(&self.actor).finish()
    }
}
