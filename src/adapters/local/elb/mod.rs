//! Elastic Load Balancing version 2 (Query protocol, 2015-12-01) on the simulated world.

mod attributes;
mod operations;
mod reply;
mod request;
#[cfg(test)]
mod tests;
mod typed;

pub(super) use operations::OPERATIONS;
pub(super) use reply::node;
pub(super) use request::call;
