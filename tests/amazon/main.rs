//! The adapters for Amazon against the local cloud, on the paused clock.
#![cfg(all(feature = "aws", feature = "local"))]
#![expect(clippy::unwrap_used, reason = "a failed test is what a panic means here")]

mod account;
mod alarms;
mod check;
mod permissions;
mod routes;
mod rules;
mod suites;
