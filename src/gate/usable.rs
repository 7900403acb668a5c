//! Whether a gate can be asked about a deployment, before it begins.

use super::metrics::askable;
use crate::model::GateId;
use crate::model::GateSpec;
use crate::model::Subject;

/// A gate that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("gate `{gate}`: `{field}`: {why}")]
#[non_exhaustive]
pub struct Unusable {
    /// Which.
    pub gate: GateId,
    /// What it asks: `metric`, `exposure`, `analysis`.
    pub field: String,
    /// What is wrong there: the field, its value and what to give instead.
    pub why: String,
}

/// Whether a gate's settings promise something and name what this deployment has.
///
/// # Errors
///
/// [`Unusable`], with what to change.
pub fn usable(spec: &GateSpec, subject: &Subject) -> Result<(), Unusable> {
    if spec.kind.advance_early().is_some() && !spec.covers_bakes() {
        let why = "`advance_early` is given, but no bake waits for this gate, so it ends none; make it \
                   blocking, with another `inconclusive` than `continue`, or leave it out";
        let (gate, field) = (spec.id.clone(), "analysis".to_owned());
        return Err(Unusable { gate, field, why: why.to_owned() });
    }
    spec.kind.leaves().into_iter().try_for_each(|(_, kind)| {
        let refused = |(field, why): (&str, String)| Unusable {
            gate: spec.id.clone(),
            field: field.to_owned(),
            why,
        };
        askable(kind, subject).map_err(refused)
    })
}
