//! Gates as data: what a plan says about who may stop it.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::analysis_rule::AnalysisRule;
use super::calendar::Calendar;
use super::exposure_cap::ExposureCap;
use super::health_rule::HealthRule;
use super::id::AlarmName;
use super::id::GateId;
use super::insufficient::Insufficient;
use super::insufficient_data::InsufficientData;
use super::metric_rule::MetricRule;
use super::probe::Probe;
use super::time::as_millis;
use super::webhook::Webhook;

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

impl GateSpec {
    /// Whether its answers do anything, a missing one included.
    pub fn acts(&self) -> bool {
        self.mode != GateMode::ObserveOnly
    }

    /// Whether a bake advances only by the time it speaks for. A calendar says nothing of the candidate.
    pub fn covers_bakes(&self) -> bool {
        let watches = !matches!(self.kind, GateKind::Window(_));
        watches && self.mode == GateMode::Blocking && self.inconclusive != Inconclusive::Continue
    }
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
        /// What one of them without data is.
        #[serde(default, skip_serializing_if = "InsufficientData::is_inconclusive")]
        insufficient_data: InsufficientData,
    },
    /// Whether the candidate's targets are healthy enough for the weight they carry. Always on.
    TargetHealth(HealthRule),
    /// Whether a metric is what it must be.
    Metric(MetricRule),
    /// Whether the candidate has served no more than it may.
    Exposure(ExposureCap),
    /// Whether the candidate is worse than stable over the same minutes.
    Analysis(AnalysisRule),
    /// A gate of the application's own, registered on the deployer under this id.
    Custom,
    /// Whether the candidate answers HTTP requests through the test listener as it should.
    Probe(Probe),
    /// Whether someone who is told where the deployment is lets it go on.
    Webhook(Webhook),
    /// Whether it is a time at which the deployment may go forward.
    Window(Calendar),
    /// Whether all of these pass.
    All(Vec<GatePart>),
    /// Whether one of these passes.
    Any(Vec<GatePart>),
}

/// A part of a gate that is made of others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs build it")]
pub struct GatePart {
    /// Its name within the gate; a custom part is registered on the deployer under it.
    pub id: GateId,
    /// What it asks.
    pub kind: GateKind,
}

impl GateKind {
    /// How deep gates may be made of gates.
    pub const DEEPEST: usize = 4;
    /// How many parts a gate may be made of, those of its parts included.
    pub const MOST_PARTS: usize = 32;

    /// Whether it reads metrics.
    pub fn reads_metrics(&self) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().any(|part| part.kind.reads_metrics())
            }
            Self::Alarms { insufficient_data, .. } => !insufficient_data.is_inconclusive(),
            Self::TargetHealth { .. }
            | Self::Custom
            | Self::Probe(_)
            | Self::Webhook(_)
            | Self::Window(_) => false,
            Self::Metric(_) | Self::Exposure(_) | Self::Analysis(_) => true,
        }
    }

    /// The least watched time after which it lets a bake end early, by the most careful of its analyses;
    /// none where none of them does.
    pub fn advance_early(&self) -> Option<Duration> {
        match self {
            Self::Analysis(rule) => rule.advance_early.map(|early| early.after),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().filter_map(|part| part.kind.advance_early()).max()
            }
            Self::Alarms { .. }
            | Self::TargetHealth(_)
            | Self::Metric(_)
            | Self::Exposure(_)
            | Self::Custom
            | Self::Probe(_)
            | Self::Webhook(_)
            | Self::Window(_) => None,
        }
    }

    /// What a bake does that has run its time without proof, by the most careful of its analyses; none
    /// where it compares nothing.
    pub fn insufficient(&self) -> Option<Insufficient> {
        match self {
            Self::Analysis(rule) => Some(rule.insufficient),
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().filter_map(|part| part.kind.insufficient()).max()
            }
            Self::Alarms { .. }
            | Self::TargetHealth(_)
            | Self::Metric(_)
            | Self::Exposure(_)
            | Self::Custom
            | Self::Probe(_)
            | Self::Webhook(_)
            | Self::Window(_) => None,
        }
    }

    /// What it is made of, itself where it is not: every part's own name, if it has one, and what it
    /// asks. Those below [`DEEPEST`](Self::DEEPEST) are left out.
    pub fn leaves(&self) -> Vec<(Option<&GateId>, &Self)> {
        let mut leaves = Vec::new();
        self.gather(None, Self::DEEPEST, &mut leaves);
        leaves
    }

    fn gather<'a>(
        &'a self,
        id: Option<&'a GateId>,
        depth: usize,
        leaves: &mut Vec<(Option<&'a GateId>, &'a Self)>,
    ) {
        match (self, depth.checked_sub(1)) {
            (Self::All(parts) | Self::Any(parts), Some(depth)) => {
                for part in parts {
                    part.kind.gather(Some(&part.id), depth, leaves);
                }
            }
            (Self::All(_) | Self::Any(_), None) => {}
            (
                Self::Alarms { .. }
                | Self::TargetHealth { .. }
                | Self::Metric(_)
                | Self::Exposure(_)
                | Self::Analysis(_)
                | Self::Custom
                | Self::Probe(_)
                | Self::Webhook(_)
                | Self::Window(_),
                _,
            ) => leaves.push((id, self)),
        }
    }

    /// What is wrong with it, if anything: the field, as a path from the gate, and what would be right.
    pub fn fault(&self) -> Option<(String, String)> {
        self.fault_within(Self::DEEPEST)
    }

    fn fault_within(&self, depth: usize) -> Option<(String, String)> {
        let named = |kind: &str, fault: Option<(&str, String)>| {
            fault.map(|(field, why)| (format!("{kind}.{field}"), why))
        };
        match self {
            Self::Probe(probe) => named("probe", probe.fault()),
            Self::Webhook(webhook) => named("webhook", webhook.fault()),
            Self::Window(calendar) => named("window", calendar.fault()),
            Self::All(parts) => made_of("all", parts, depth),
            Self::Any(parts) => made_of("any", parts, depth),
            Self::Alarms { .. }
            | Self::TargetHealth(_)
            | Self::Metric(_)
            | Self::Exposure(_)
            | Self::Analysis(_)
            | Self::Custom => None,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().map(|part| 1 + part.kind.count()).sum()
            }
            Self::Alarms { .. }
            | Self::TargetHealth { .. }
            | Self::Metric(_)
            | Self::Exposure(_)
            | Self::Analysis(_)
            | Self::Custom
            | Self::Probe(_)
            | Self::Webhook(_)
            | Self::Window(_) => 0,
        }
    }
}

fn made_of(kind: &str, parts: &[GatePart], depth: usize) -> Option<(String, String)> {
    let Some(depth) = depth.checked_sub(1) else {
        let why = format!("lies deeper than {} gates; flatten it", GateKind::DEEPEST);
        return Some((kind.to_owned(), why));
    };
    if parts.is_empty() {
        return Some((kind.to_owned(), "has no part; give one at least".to_owned()));
    }
    if parts.iter().map(|part| 1 + part.kind.count()).sum::<usize>() > GateKind::MOST_PARTS {
        let why = format!("has more than {} parts; make several gates", GateKind::MOST_PARTS);
        return Some((kind.to_owned(), why));
    }
    parts.iter().enumerate().find_map(|(index, part)| {
        let place = format!("{kind}[{index}]");
        if parts.iter().take(index).any(|other| other.id == part.id) {
            let why = format!("is `{}` a second time; give each part a name of its own", part.id);
            return Some((format!("{place}.id"), why));
        }
        let (field, why) = part.kind.fault_within(depth)?;
        Some((format!("{place}.{field}"), why))
    })
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
