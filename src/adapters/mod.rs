//! Implementations of the [ports](crate::ports).
//!
//! - `aws`: Amazon ECS, Elastic Load Balancing and CloudWatch on the official SDK.
//! - [`sim`]: a simulated cloud in memory, deterministic by seed, with its own clock and executor.
//! - `local`: the same world behind AWS's wire protocols, for any client.
//! - `host`: this machine's clock, and a tokio runtime as the place where drivers run.

#[cfg(feature = "aws")]
pub mod aws;
#[cfg(feature = "tokio-runtime")]
pub mod host;
#[cfg(feature = "local")]
pub mod local;
pub mod sim;
