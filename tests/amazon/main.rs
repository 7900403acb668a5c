//! The adapters for Amazon against the local cloud.
#![cfg(all(feature = "aws", feature = "local"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed test is what a panic means here"
)]

mod account;
mod alarms;
mod calls;
mod check;
mod clean;
mod first;
mod fleet_of_many;
mod matrix;
mod metrics;
mod network;
mod pace;
mod permissions;
mod process;
mod realisation;
mod restart;
mod routes;
mod rules;
mod run;
mod single;
mod sparse;
mod suites;
mod trouble;
mod truth;
