//! Amazon ECS, Elastic Load Balancing and `CloudWatch` on the official SDK.
#![expect(dead_code, reason = "the fleet comes next")]

mod alarm;
mod alarm_digest;
mod attaching_fleet;
#[expect(clippy::module_inception, reason = "the file has its one type's name")]
mod aws;
mod balancer;
mod batcher;
mod bucket;
mod calls;
mod claims;
mod clients;
mod codes;
mod errors;
mod forward;
mod http;
mod mark;
mod monitor;
mod operation;
#[cfg(test)]
mod paused_clock;
mod router;
mod routes;
mod rules;
mod service_reads;
mod shift;

pub use aws::Aws;
pub use http::{NoTls, http_client};
pub use operation::Operation;
