//! Implementations of the [ports](crate::ports).
//!
//! [`sim`] is a simulated cloud in memory: deterministic by seed, with its own clock and executor.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "local")]
pub mod local;
pub mod sim;
