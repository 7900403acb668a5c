//! Whether a gate that reads metrics can be asked.

use super::analysis_rules::AnalysisRules;
use super::comparing::Comparing;
use super::exposure_rules::ExposureRules;
use super::placeholders::resolve;
use crate::model::AnalysisRule;
use crate::model::GateKind;
use crate::model::Subject;

/// Whether a gate's numbers promise something and its dimensions are those of this deployment.
///
/// An error says what the gate asks, and the field, its value and what to give instead.
pub(crate) fn askable(kind: &GateKind, subject: &Subject) -> Result<(), (&'static str, String)> {
    match kind {
        GateKind::Metric(rule) => {
            let queries = rule.check().and_then(|()| resolve(&rule.queries, subject));
            queries.map(|_| ()).map_err(|why| ("metric", why))
        }
        GateKind::Exposure(cap) => {
            let queries = cap.check().and_then(|()| resolve(&ExposureRules::queries(), subject));
            queries.map(|_| ()).map_err(|why| ("exposure", why))
        }
        GateKind::Analysis(rule) => analysis(rule, subject).map_err(|why| ("analysis", why)),
        _ => Ok(()),
    }
}

fn analysis(rule: &AnalysisRule, subject: &Subject) -> Result<(), String> {
    rule.check()?;
    Comparing::new(rule, "").map_err(|error| error.to_string())?;
    // the first deployment has nothing to compare with, and passes
    if subject.baseline.stable.is_none() {
        return Ok(());
    }
    resolve(AnalysisRules::new(rule.clone()).queries(), subject).map(|_| ())
}
