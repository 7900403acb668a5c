//! This machine: its clocks, a tokio runtime as the place where drivers run, and HTTP calls.

mod host_clock;
#[cfg(feature = "http")]
mod host_http;
mod runtime_clock;
mod tokio_spawner;

pub use host_clock::HostClock;
#[cfg(feature = "http")]
pub use host_http::HostHttp;
pub use runtime_clock::RuntimeClock;
pub use tokio_spawner::TokioSpawner;
