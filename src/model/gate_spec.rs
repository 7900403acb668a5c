//! Gates as data: what a plan says about who may stop it.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::health_rule::HealthRule;
use super::id::AlarmName;
use super::id::GateId;
use super::time::as_millis;

/// A gate of a plan: an id, what it asks, and what its answers may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "strategies and specs build it")]
pub struct GateSpec {
    /// The id by which steps, records and registrations name this gate.
    pub id: GateId,
    /// What it asks.
    pub kind: GateKind,
    /// What its answers may do.
    pub mode: GateMode,
    /// What no answer does.
    pub inconclusive: Inconclusive,
    /// `true`: watches the whole deployment. `false`: only the bakes that name it.
    pub always: bool,
}

/// What a gate asks. Built-in kinds are data; custom ones are registered under the gate's id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum GateKind {
    /// Whether `CloudWatch` alarms (metric or composite) are quiet.
    Alarms {
        /// Their names; a name that does not exist is an error at start.
        names: Vec<AlarmName>,
        /// Why a deployment may start although one of them is red. Recorded. A red alarm is then
        /// overlooked until it has been seen quiet once.
        accept_red_at_start: Option<String>,
    },
    /// Whether the candidate's targets are healthy enough for the weight they carry. Always on.
    TargetHealth(HealthRule),
    /// A gate of the application's own, registered on the deployer under this id.
    Custom,
}

impl GateKind {
    /// Whether it reads metrics.
    pub const fn reads_metrics(&self) -> bool {
        match self {
            Self::Alarms { .. } | Self::TargetHealth { .. } | Self::Custom => false,
        }
    }
}

/// What a gate's answers may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GateMode {
    /// `Fail` rolls back, `Inconclusive` follows the policy.
    Blocking,
    /// `Fail` holds only.
    HoldOnly,
    /// Recorded, never acts.
    ObserveOnly,
}

/// What happens while a gate cannot tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Inconclusive {
    /// Nothing advances; after the limit the deployment rolls back.
    Hold {
        /// How long in all.
        #[serde(with = "as_millis")]
        limit: Duration,
    },
    /// Nothing advances for as long as it takes; the wait counts against no limit but the overall
    /// deadline. For what says when, not whether.
    Wait,
    /// Roll back at once.
    Rollback,
    /// Go on as if it had passed. An explicit choice, never a default.
    Continue,
}
