//! Amazon ECS, Elastic Load Balancing and `CloudWatch` on the official SDK.
#![expect(dead_code, reason = "the ports come next")]

mod batcher;
mod bucket;
mod calls;
mod clients;
mod codes;
mod errors;
mod operation;

pub use operation::Operation;
