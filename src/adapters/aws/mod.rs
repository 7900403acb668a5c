//! Amazon ECS, Elastic Load Balancing and `CloudWatch` on the official SDK.
#![expect(dead_code, reason = "the ports come next")]

mod batcher;
mod bucket;
mod calls;
mod clients;
mod codes;
mod counting;
mod definition_document;
mod ecs;
mod errors;
mod fitness;
#[cfg(test)]
mod fixture;
mod fleet;
mod holder;
mod operation;
mod pair;
mod pair_fleet;
mod registrar;
mod running_task;
mod service_deployment;
mod settings;
mod single_fleet;
mod single_verdict;
mod stopped_task;
mod tally;
mod target;
mod task_set_fleet;
mod task_set_rules;
mod unseen;

pub use operation::Operation;
