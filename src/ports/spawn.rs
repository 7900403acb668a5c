//! Where drivers run.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A driver, ready to run.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs a driver in the background, on whatever executor the application has.
///
/// # Contract
///
/// The task is polled until it ends or the process does; a dropped task is a crash, which `resume`
/// recovers from.
pub trait Spawn: fmt::Debug + Send + Sync {
    /// Starts the task.
    fn spawn(&self, task: Task);
}
