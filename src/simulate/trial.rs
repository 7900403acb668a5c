//! What is tried.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::asked::Asked;
use super::setting::Setting;
use super::stand_in::StandIn;
use crate::gate::Gate;
use crate::model::GateId;
use crate::model::GateKind;
use crate::model::GateSpec;
use crate::model::HookSpec;
use crate::model::Limits;
use crate::model::Plan;
use crate::model::ServiceShape;
use crate::spec::DeploymentSpec;
use crate::strategy::PlanError;
use crate::strategy::Strategy;

/// What is tried: a way to deploy, and what is known of the service.
#[derive(Debug, Clone)]
pub struct Trial {
    /// What the plan does not say of the service.
    pub setting: Setting,
    pub(super) strategy: Arc<dyn Strategy>,
    pub(super) gates: Vec<GateSpec>,
    pub(super) hooks: Vec<HookSpec>,
    pub(super) limits: Limits,
    pub(super) code: BTreeMap<GateId, Arc<dyn Gate>>,
}

/// A spec as the strategy that it is: its plan has its gates and hooks.
#[derive(Debug)]
struct Specified {
    spec: DeploymentSpec,
    name: String,
}

impl Strategy for Specified {
    fn name(&self) -> &str {
        &self.name
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        self.spec.plan(shape)
    }
}

impl Trial {
    /// What this spec says, with its `traffic` in the setting. Its service and its revision are not looked
    /// at.
    pub fn of(spec: &DeploymentSpec) -> Self {
        let name = spec.strategy().name().to_owned();
        let mut trial = Self::new(Specified { spec: spec.clone(), name });
        trial.limits = spec.limits().clone();
        // the plan brings them along; what they name must be there all the same
        trial.gates = spec.gates().to_vec();
        if let Some(load) = spec.load() {
            trial.setting = trial.setting.with_load(load);
        }
        trial
    }

    /// A strategy without gates, but for the one that is always on. Gates that the strategy brings along
    /// are to be given too: what they name is looked for before it is asked for a plan.
    pub fn new(strategy: impl Strategy + 'static) -> Self {
        Self {
            setting: Setting::default(),
            strategy: Arc::new(strategy),
            gates: Vec::new(),
            hooks: Vec::new(),
            limits: Limits::default(),
            code: BTreeMap::new(),
        }
    }

    /// Sets what the plan does not say of the service.
    #[must_use]
    pub const fn with_setting(mut self, setting: Setting) -> Self {
        self.setting = setting;
        self
    }

    /// Adds a gate.
    #[must_use]
    pub fn with_gate(mut self, gate: GateSpec) -> Self {
        self.gates.push(gate);
        self
    }

    /// Adds a hook. It answers `continue` at once.
    #[must_use]
    pub fn with_hook(mut self, hook: HookSpec) -> Self {
        self.hooks.push(hook);
        self
    }

    /// Sets the times and counts.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Gives the code of a custom gate. It is shared by every run, so what it keeps must not matter.
    /// Without code a custom gate passes as long as the world can be read.
    #[must_use]
    pub fn with_code(mut self, gate: GateId, code: Arc<dyn Gate>) -> Self {
        self.code.insert(gate, code);
        self
    }

    /// The custom gates among these, parts of others included, each with its code.
    pub(super) fn coded(&self, gates: &[GateSpec]) -> Vec<(GateId, Arc<dyn Gate>)> {
        let custom = Asked::leaves(gates).filter(|(_, kind)| **kind == GateKind::Custom);
        let coded = custom.map(|(id, _)| {
            let code = self.code.get(id).cloned();
            (id.clone(), code.unwrap_or_else(|| Arc::new(StandIn)))
        });
        coded.collect()
    }
}
