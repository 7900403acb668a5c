//! A whole spec as it stands in the file.

use serde::Deserialize;

use crate::model::AlarmName;
use crate::model::DeploymentId;
use crate::model::GateId;
use crate::model::InvalidId;
use crate::model::ServiceId;
use crate::model::Topology;

use super::gate_document::GateDocument;
use super::gate_document::HookDocument;
use super::limits_document::LimitsDocument;
use super::revision_source::RevisionSource;
use super::strategy_document::StrategyDocument;
use super::traffic_document::TrafficDocument;

/// Every field of the file format.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) deployment: Option<DeploymentId>,
    pub(super) service: ServiceDocument,
    pub(super) revision: RevisionSource,
    pub(super) strategy: StrategyDocument,
    #[serde(default)]
    pub(super) alarms: AlarmsDocument,
    #[serde(default)]
    pub(super) gates: Vec<GateDocument>,
    #[serde(default)]
    pub(super) hooks: Vec<HookDocument>,
    #[serde(default)]
    pub(super) limits: LimitsDocument,
    #[serde(default)]
    pub(super) topology: Topology,
    pub(super) traffic: Option<TrafficDocument>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceFields {
    cluster: String,
    name: String,
}

/// Which service.
#[derive(Debug, Deserialize)]
#[serde(try_from = "ServiceFields")]
pub(super) struct ServiceDocument(pub(super) ServiceId);

impl TryFrom<ServiceFields> for ServiceDocument {
    type Error = String;

    fn try_from(fields: ServiceFields) -> Result<Self, String> {
        ServiceId::new(fields.cluster, fields.name).map(Self).map_err(|error| error.to_string())
    }
}

/// The `alarms` shorthand: a blocking gate of that id that watches from start to end.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "Vec<AlarmName>")]
pub(super) struct AlarmsDocument {
    pub(super) gate: Option<(GateId, Vec<AlarmName>)>,
}

impl TryFrom<Vec<AlarmName>> for AlarmsDocument {
    type Error = InvalidId;

    fn try_from(names: Vec<AlarmName>) -> Result<Self, InvalidId> {
        let id = GateId::new("alarms")?;
        Ok(Self { gate: (!names.is_empty()).then_some((id, names)) })
    }
}
