//! At which point of a deployment a gate is asked.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::id::DeploymentId;
use super::id::GateId;
use super::stage::Stage;

/// What a gate is asked about: the same key at every look of one stage, in every process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "tests of gates build it")]
pub struct GateKey {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The gate.
    pub gate: GateId,
    /// The step's index.
    pub step: usize,
    /// The stage.
    pub stage: Stage,
}

impl fmt::Display for GateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.deployment, self.gate, self.step, self.stage)
    }
}
