//! What to deploy, where and how.

use crate::model::DeploymentId;
use crate::model::GateSpec;
use crate::model::HookSpec;
use crate::model::Limits;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::Topology;
use crate::strategy::Strategy;

/// One deployment as it is asked for.
#[derive(Debug, Clone)]
pub struct DeploymentRequest<'a> {
    pub(super) id: DeploymentId,
    pub(super) service: ServiceId,
    pub(super) revision: Revision,
    pub(super) strategy: &'a dyn Strategy,
    pub(super) gates: Vec<GateSpec>,
    pub(super) hooks: Vec<HookSpec>,
    pub(super) limits: Limits,
    pub(super) topology: Topology,
}

impl<'a> DeploymentRequest<'a> {
    /// Moves `service` to `revision` by `strategy`. The id must be new: it is how the deployment is
    /// found again.
    pub fn new(
        id: DeploymentId,
        service: ServiceId,
        revision: Revision,
        strategy: &'a dyn Strategy,
    ) -> Self {
        Self {
            id,
            service,
            revision,
            strategy,
            gates: Vec::new(),
            hooks: Vec::new(),
            limits: Limits::default(),
            topology: Topology::default(),
        }
    }

    /// Adds a gate. A custom one must be registered on the deployer under the same id.
    #[must_use]
    pub fn gate(mut self, gate: GateSpec) -> Self {
        self.gates.push(gate);
        self
    }

    /// Adds a hook. Its code must be registered on the deployer under the same id.
    #[must_use]
    pub fn hook(mut self, hook: HookSpec) -> Self {
        self.hooks.push(hook);
        self
    }

    /// Sets the times and counts.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Says of the service what it does not say of itself.
    #[must_use]
    pub fn topology(mut self, topology: Topology) -> Self {
        self.topology = topology;
        self
    }
}
