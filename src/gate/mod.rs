//! Health gates: who may stop a deployment, and on what evidence.

mod alarm_input;
mod alarm_rules;
mod alarms;
mod begun;
mod composite;
mod contract;
mod from_fn;
mod health_input;
mod judge;
mod load;
mod metrics;
mod probe;
mod probe_rules;
mod replay;
mod target_health;
mod usable;
mod webhook;
mod window;

pub use alarms::AlarmGate;
pub(crate) use begun::begun;
pub use composite::{CompositeGate, Needs};
pub use contract::{Gate, GateContext};
pub use from_fn::{FnGate, Question, from_fn};
pub(crate) use metrics::group_requests;
pub use metrics::{AnalysisGate, ExposureGate, Foresight, MetricGate, Watch};
pub use probe::ProbeGate;
pub use replay::{Misjudged, rejudge};
pub use target_health::{TARGET_HEALTH, TargetHealthGate, target_health};
pub use usable::{Unusable, usable};
pub use webhook::WebhookGate;
pub use window::WindowGate;
