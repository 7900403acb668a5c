//! Health gates: who may stop a deployment, and on what evidence.

mod contract;

pub use contract::{Gate, GateContext};
