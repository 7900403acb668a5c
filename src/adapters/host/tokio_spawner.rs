//! Drivers as tasks of a tokio runtime.

use tokio::runtime::Handle;

use crate::ports::Spawn;
use crate::ports::Task;

/// Runs drivers on a tokio runtime. One that shuts down drops them, as a crash does.
#[derive(Debug, Clone)]
pub struct TokioSpawner {
    runtime: Handle,
}

impl TokioSpawner {
    /// The runtime that this is called in; none outside of one.
    pub fn current() -> Option<Self> {
        Some(Self { runtime: Handle::try_current().ok()? })
    }
}

impl Spawn for TokioSpawner {
    fn spawn(&self, task: Task) {
        // Nobody waits for it here: the handle of the deployment does.
        drop(self.runtime.spawn(task));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outside_of_a_runtime_there_is_no_spawner() {
        assert!(TokioSpawner::current().is_none());
    }

    #[tokio::test]
    async fn a_task_runs_though_nobody_waits_for_it() {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        TokioSpawner::current().unwrap().spawn(Box::pin(async move {
            sender.send(7).unwrap();
        }));
        assert_eq!(receiver.await, Ok(7));
    }
}
