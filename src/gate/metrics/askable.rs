//! Whether a gate that reads metrics can be asked.

use super::analysis_rules::AnalysisRules;
use super::comparing::Comparing;
use super::exposure_rules::ExposureRules;
use super::placeholders::resolve;
use crate::model::GateKind;
use crate::model::Subject;

/// Whether a gate's numbers promise something and its dimensions are those of this deployment.
///
/// An error says the field, its value and what to give instead.
pub(crate) fn askable(kind: &GateKind, subject: &Subject) -> Result<(), String> {
    match kind {
        GateKind::Metric(rule) => {
            rule.check()?;
            resolve(&rule.queries, subject).map(|_| ())
        }
        GateKind::Exposure(cap) => {
            cap.check()?;
            resolve(&ExposureRules::queries(), subject).map(|_| ())
        }
        GateKind::Analysis(rule) => {
            rule.check()?;
            Comparing::new(rule, "").map_err(|error| error.to_string())?;
            // the first deployment has nothing to compare with, and passes
            if subject.baseline.stable.is_none() {
                return Ok(());
            }
            resolve(AnalysisRules::new(rule.clone()).queries(), subject).map(|_| ())
        }
        GateKind::Alarms { .. } | GateKind::TargetHealth(_) | GateKind::Custom => Ok(()),
    }
}
