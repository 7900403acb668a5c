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
//! update. [`Aws::check`] looks for what would hinder a deployment; [`Aws::policy`] says what it needs.

mod access;
mod alarm;
mod alarm_digest;
mod attaching_fleet;
#[cfg(feature = "autoscaling")]
mod autoscaler;
#[cfg(all(test, feature = "autoscaling"))]
mod autoscaler_tests;
#[expect(clippy::module_inception, reason = "the file has its one type's name")]
mod aws;
mod balancer;
mod batcher;
mod bucket;
mod calls;
#[cfg(test)]
mod canned;
mod check;
mod check_alarms;
mod check_autoscaling;
mod check_definition;
mod check_groups;
mod check_rules;
mod check_service;
mod claims;
mod clients;
mod codes;
mod counting;
mod definition_document;
mod deregistration;
mod ecs;
mod errors;
mod finding;
mod fitness;
#[cfg(test)]
mod fixture;
mod fleet;
#[cfg(test)]
mod fleet_tests;
mod forward;
mod holder;
mod http;
mod kept;
mod mark;
mod monitor;
mod operation;
#[cfg(test)]
mod paged;
mod pair;
mod pair_fleet;
#[cfg(test)]
mod paused_clock;
mod plan_facts;
mod policy;
mod registrar;
#[cfg(test)]
mod registrar_tests;
mod router;
mod routes;
mod rules;
mod running_task;
mod scope_reads;
mod service_deployment;
mod service_reads;
mod settings;
mod shift;
mod single_fleet;
mod single_verdict;
mod stopped_task;
mod tally;
mod target;
mod task_set_fleet;
mod task_set_rules;

pub use aws::Aws;
pub use finding::{Finding, Level};
pub use http::{NoTls, http_client};
pub use operation::Operation;
pub use policy::{Policy, PolicyScope, Realisation};
