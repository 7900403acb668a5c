//! Starting tasks on the executor.

use std::sync::atomic::Ordering;

use super::process::Process;
use super::process::lock;
use crate::ports::Spawn;
use crate::ports::Task;

/// Starts tasks of one process on the executor.
#[derive(Debug)]
pub(super) struct SimSpawner {
    process: Process,
}

impl SimSpawner {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }
}

impl Spawn for SimSpawner {
    fn spawn(&self, task: Task) {
        lock(&self.process.shared.spawned).push_back((self.process.actor.clone(), task));
        self.process.shared.has_spawned.store(true, Ordering::Release);
    }
}
