//! Health gates: who may stop a deployment, and on what evidence.

mod alarms;
mod contract;
mod health_input;
mod judge;
mod replay;
mod target_health;

pub use alarms::AlarmGate;
pub use contract::{Gate, GateContext};
pub use replay::{Misjudged, rejudge};
pub use target_health::{TARGET_HEALTH, TargetHealthGate, target_health};
