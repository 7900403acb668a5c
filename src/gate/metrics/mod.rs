//! Gates that read metrics: what a period is, which periods are evidence, and who judges them.

mod analysis_gate;
mod analysis_rules;
mod askable;
mod comparing;
mod exposure_gate;
mod exposure_rules;
mod foresight;
mod grid;
mod group_requests;
mod look;
mod metric_gate;
mod metric_rules;
mod periods;
mod placeholders;
mod reading;
mod sides;
mod traffic;
mod weights;

pub use analysis_gate::AnalysisGate;
pub(super) use analysis_rules::AnalysisRules;
pub(super) use askable::askable;
pub use exposure_gate::ExposureGate;
pub(super) use exposure_rules::ExposureRules;
pub use foresight::{Foresight, Watch};
pub(crate) use group_requests::group_requests;
pub use metric_gate::MetricGate;
pub(super) use metric_rules::MetricRules;
pub(super) use traffic::Traffic;
