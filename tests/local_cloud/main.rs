//! The local cloud, seen through the official SDK.
#![cfg(all(feature = "aws", feature = "local"))]

mod determinism;
mod in_process;
mod tcp;
mod wire_faults;
