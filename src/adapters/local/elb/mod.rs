//! Elastic Load Balancing version 2 (Query protocol, 2015-12-01) on the simulated world.

mod attributes;
mod operations;
mod reply;
mod request;
#[cfg(test)]
mod tests;
mod typed;

pub(in crate::adapters::local) use operations::OPERATIONS;
pub(in crate::adapters::local) use reply::node;
pub(in crate::adapters::local) use request::call;
