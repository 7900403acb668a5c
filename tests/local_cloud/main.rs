//! The local cloud, seen through the official SDK.
#![cfg(all(feature = "aws", feature = "local"))]
#![expect(clippy::unwrap_used, reason = "a failed test is what a panic means here")]

mod determinism;
mod in_process;
mod protocols;
mod tcp;
mod wire_faults;
