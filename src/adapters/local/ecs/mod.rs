//! Amazon ECS: requests to calls, answers to nodes.

mod account_answer;
mod account_request;
mod deployment_answer;
mod ids;
mod operations;
mod service_answer;
mod service_request;
mod task_answer;
#[cfg(test)]
mod task_set_tests;
#[cfg(test)]
mod tests;
mod words;

pub(super) use operations::{OPERATIONS, call, node};
