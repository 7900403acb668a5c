//! Amazon ECS, Elastic Load Balancing and `CloudWatch` on the official SDK.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use cutover::Deployer;
//! use cutover::adapters::aws::Aws;
//! use cutover::adapters::host::{HostClock, TokioSpawner};
//! use cutover::api::Ports;
//! use cutover::ports::Clock;
//! use cutover::store::MemoryStore;
//!
//! # async fn make(config: aws_config::SdkConfig) -> Result<(), Box<dyn std::error::Error>> {
//! let clock: Arc<dyn Clock> = Arc::new(HostClock);
//! let aws = Aws::new(&config, Arc::clone(&clock));
//! let deployer = Deployer::builder(Ports {
//!     fleet: aws.fleet(),
//!     router: Some(aws.router()),
//!     autoscaler: aws.autoscaler(),
//!     monitor: aws.monitor(),
//!     http: None, // for probes and webhooks: `HostHttp`
//!     clock,
//!     store: Arc::new(MemoryStore::new()), // or a store that outlives the process
//!     spawn: Arc::new(TokioSpawner::current().ok_or("outside of a runtime")?),
//! })
//! .build()?;
//! # drop(deployer);
//! # Ok(())
//! # }
//! ```
//!
//! What a service is decides how it is deployed: by task sets (controller `EXTERNAL`), as one of a pair
//! of services that take turns ([`Topology::pair`](crate::model::Topology::pair)), or by ECS's own rolling
//! update. [`Aws::check`] looks for what would hinder a deployment; [`Aws::policy`] says what it needs, [`CallRate`]
//! what it costs in calls; [`Aws::left_behind`] finds the task sets that dead deployments left.

#[cfg(feature = "autoscaling")]
mod autoscaling;
#[expect(clippy::module_inception, reason = "the file has its one type's name")]
mod aws;
mod call_rate;
mod check;
mod clean;
#[cfg(test)]
mod fixtures;
mod fleet;
mod iam;
mod monitor;
mod revisions;
mod router;
mod sdk;
mod service;
mod tasks;

pub use aws::Aws;
pub use call_rate::CallRate;
pub use check::{Finding, Level};
pub use clean::{Fate, LeftSet};
pub use iam::{Policy, PolicyScope};
pub use sdk::{NoTls, Operation, http_client};
pub use service::Realisation;
