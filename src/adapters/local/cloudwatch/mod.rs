//! CloudWatch (2010-08-01; rpc-v2-CBOR, JSON 1.0 and Query) on the simulated world.

mod metric_request;
mod operations;
mod reply;
mod request;
#[cfg(test)]
mod tests;
mod typed;

pub(in crate::adapters::local) use operations::OPERATIONS;
pub(in crate::adapters::local) use reply::node;
pub(in crate::adapters::local) use request::call;
