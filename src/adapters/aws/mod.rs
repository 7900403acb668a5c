//! Amazon ECS, Elastic Load Balancing and `CloudWatch` on the official SDK.
#![expect(dead_code, reason = "the ports come next")]

mod alarm;
mod alarm_digest;
mod balancer;
mod batcher;
mod bucket;
mod calls;
mod claims;
mod clients;
mod codes;
mod errors;
mod forward;
mod mark;
mod monitor;
mod operation;
mod router;
mod routes;
mod rules;
mod service_reads;
mod shift;

pub use operation::Operation;
