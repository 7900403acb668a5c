//! Implementations of the [ports](crate::ports).
//!
//! [`sim`] is a simulated cloud in memory: deterministic by seed, with its own clock and executor.
//! `host` is this machine's clock and a tokio runtime as the place where drivers run.

#[cfg(feature = "tokio-runtime")]
pub mod host;
#[cfg(feature = "local")]
pub mod local;
pub mod sim;
