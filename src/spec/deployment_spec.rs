//! One deployment, described in a file.

use std::sync::Arc;

use crate::model::DeploymentId;
use crate::model::Finite;
use crate::model::GateKind;
use crate::model::GateMode;
use crate::model::GateSpec;
use crate::model::HookSpec;
use crate::model::Inconclusive;
use crate::model::InsufficientData;
use crate::model::Limits;
use crate::model::Load;
use crate::model::Plan;
use crate::model::ServiceId;
use crate::model::ServiceShape;
use crate::model::Topology;
use crate::strategy::PlanError;
use crate::strategy::Strategy;
use crate::strategy::check;

use super::cross_check::cross_check;
use super::document::Document;
use super::gate_document::HookDocument;
use super::revision_source::RevisionSource;
use super::spec_error::SpecError;
use super::traffic_document::TrafficDocument;

/// One deployment, described in a file: which service, which revision, which way, watched by what.
#[derive(Debug, Clone)]
pub struct DeploymentSpec {
    deployment: Option<DeploymentId>,
    service: ServiceId,
    revision: RevisionSource,
    strategy: Arc<dyn Strategy>,
    gates: Vec<GateSpec>,
    hooks: Vec<HookSpec>,
    limits: Limits,
    topology: Topology,
    load: Option<Load>,
    sees: Finite,
}

impl DeploymentSpec {
    /// Reads a spec from YAML or JSON. `source_name` is what errors call the file.
    pub fn parse(text: &str, source_name: &str) -> Result<Self, SpecError> {
        let mut path = String::new();
        let options = serde_saphyr::options! { with_snippet: false };
        let document: Document =
            serde_saphyr::with_deserializer_from_str_with_options(text, options, |input| {
                serde_path_to_error::deserialize(input).map_err(|error| {
                    path = error.path().to_string();
                    error.into_inner()
                })
            })
            .map_err(|error| SpecError::new(source_name, &path, &error))?;
        cross_check(&document, source_name)?;
        Ok(Self::from_document(document))
    }

    fn from_document(document: Document) -> Self {
        let limits = document.limits.0;
        let shorthand = document.alarms.gate.map(|(id, names)| GateSpec {
            id,
            kind: GateKind::Alarms {
                names,
                accept_red_at_start: None,
                insufficient_data: InsufficientData::default(),
            },
            mode: GateMode::Blocking,
            inconclusive: Inconclusive::Hold { limit: limits.hold_limit },
            always: true,
        });
        let full = document.gates.iter().map(|gate| gate.spec(limits.hold_limit));
        let gates: Vec<GateSpec> = shorthand.into_iter().chain(full).collect();
        Self {
            deployment: document.deployment,
            service: document.service.0,
            revision: document.revision,
            strategy: document.strategy.strategy(&gates),
            gates,
            hooks: document.hooks.iter().map(HookDocument::spec).collect(),
            limits,
            topology: document.topology,
            load: document.traffic.map(|traffic| traffic.load),
            sees: document.traffic.map_or_else(TrafficDocument::usual, |traffic| traffic.sees),
        }
    }

    /// The deployment's id, where the spec gives one.
    pub const fn deployment(&self) -> Option<&DeploymentId> {
        self.deployment.as_ref()
    }

    /// The service to deploy.
    pub const fn service(&self) -> &ServiceId {
        &self.service
    }

    /// Where the revision to deploy comes from.
    pub const fn revision(&self) -> &RevisionSource {
        &self.revision
    }

    /// The strategy.
    pub fn strategy(&self) -> Box<dyn Strategy> {
        Box::new(Arc::clone(&self.strategy))
    }

    /// Every gate, the `alarms` shorthand (as gate `alarms`) included.
    pub fn gates(&self) -> &[GateSpec] {
        &self.gates
    }

    /// Every hook.
    pub fn hooks(&self) -> &[HookSpec] {
        &self.hooks
    }

    /// The limits, defaults filled in.
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the service does not say of itself.
    pub const fn topology(&self) -> &Topology {
        &self.topology
    }

    /// What the service serves when all is well, where the spec says so.
    pub const fn load(&self) -> Option<Load> {
        self.load
    }

    /// The ratio of the candidate's error rate to stable's that every step which compares them is expected to
    /// see; 5 where the spec says nothing of it.
    pub const fn sees(&self) -> Finite {
        self.sees
    }

    /// The whole plan for a service: the strategy's, with the gates and hooks of this spec.
    pub fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        let mut plan = self.strategy.plan(shape)?;
        for gate in &self.gates {
            if !plan.gates.iter().any(|planned| planned.id == gate.id) {
                plan.gates.push(gate.clone());
            }
        }
        plan.hooks.extend(self.hooks.iter().cloned());
        check(&plan, shape)?;
        Ok(plan)
    }
}
