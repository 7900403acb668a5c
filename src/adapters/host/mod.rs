//! This machine: its clocks, and a tokio runtime as the place where drivers run.

mod host_clock;
mod runtime_clock;
mod tokio_spawner;

pub use host_clock::HostClock;
pub use runtime_clock::RuntimeClock;
pub use tokio_spawner::TokioSpawner;
