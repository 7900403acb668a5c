//! Starting tasks on the executor.

use super::cloud::Cloud;
use super::cloud::lock;
use crate::ports::Spawn;
use crate::ports::Task;

/// Starts tasks of one process on the executor.
#[derive(Debug)]
pub(super) struct SimSpawner {
    cloud: Cloud,
}

impl SimSpawner {
    pub(super) const fn new(cloud: Cloud) -> Self {
        Self { cloud }
    }
}

impl Spawn for SimSpawner {
    fn spawn(&self, task: Task) {
        lock(&self.cloud.shared.spawned).push_back((self.cloud.actor().clone(), task));
    }
}
