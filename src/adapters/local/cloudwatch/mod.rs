//! CloudWatch (2010-08-01; rpc-v2-CBOR, JSON 1.0 and Query) on the simulated world.

mod metric_request;
mod operations;
mod reply;
mod request;
#[cfg(test)]
mod tests;
mod typed;

pub(super) use operations::OPERATIONS;
pub(super) use reply::node;
pub(super) use request::call;
