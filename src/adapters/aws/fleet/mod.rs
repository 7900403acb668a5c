//! The port [`Fleet`](crate::ports::Fleet), in the three ways in which a service can keep two revisions:
//! by task sets, as one of a pair of services, or within ECS's own rolling update.

mod attaching;
mod aws_fleet;
mod pair;
mod pair_services;
mod single;
mod single_verdict;
mod task_set;
mod task_set_rules;
mod task_set_settings;
#[cfg(test)]
mod tests;

pub(super) use attaching::AttachingFleet;
pub(super) use aws_fleet::AwsFleet;
pub(super) use task_set_settings::{DEPLOYMENT, balancer, told};
