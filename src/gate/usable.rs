//! Whether a gate can be asked about a deployment, before it begins.

use super::metrics::askable;
use crate::model::GateId;
use crate::model::GateSpec;
use crate::model::Subject;

/// A gate that cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("gate `{gate}`: {why}")]
#[non_exhaustive]
pub struct Unusable {
    /// Which.
    pub gate: GateId,
    /// The field, its value and what to give instead.
    pub why: String,
}

/// Whether a gate's settings promise something and name what this deployment has.
///
/// # Errors
///
/// [`Unusable`], with what to change.
pub fn usable(spec: &GateSpec, subject: &Subject) -> Result<(), Unusable> {
    askable(&spec.kind, subject).map_err(|why| Unusable { gate: spec.id.clone(), why })
}
