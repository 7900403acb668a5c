//! The official SDK as the adapters use it: every call under one limit, with one back-off, on one clock.

mod batcher;
mod bucket;
mod calls;
mod clients;
mod codes;
mod errors;
mod http;
mod operation;

pub(super) use batcher::{Batcher, Fetched};
pub(super) use calls::Calls;
pub(super) use clients::Clients;
pub use http::{NoTls, http_client};
pub use operation::Operation;
