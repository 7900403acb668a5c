//! The `strategy` of a spec.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_saphyr::Spanned;

use crate::model::GateId;
use crate::model::GateSpec;
use crate::strategy::AllAtOnce;
use crate::strategy::BlueGreen;
use crate::strategy::Canary;
use crate::strategy::Linear;
use crate::strategy::Rolling;
use crate::strategy::Steps;
use crate::strategy::Strategy;
use crate::strategy::named;

use super::percent::Percent;
use super::roll_percentages::RollPercentages;
use super::step_document::StepDocument;
use super::switch::Switch;
use super::time_span::TimeSpan;
use super::whole::Whole;

const NAMES: [&str; 7] =
    ["rolling", "blue_green", "canary", "linear", "all_at_once", "steps", "code_deploy"];

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RollingFields {
    minimum_healthy_percent: Option<Whole>,
    maximum_percent: Option<Whole>,
    bake: Option<TimeSpan>,
}

impl RollingFields {
    fn strategy(self) -> Rolling {
        let Self { minimum_healthy_percent, maximum_percent, bake } = self;
        let (minimum_healthy_percent, maximum_percent) =
            RollPercentages { minimum_healthy_percent, maximum_percent }.over_defaults();
        let bake = bake.map_or_else(|| Rolling::default().bake, |span| span.0);
        Rolling { minimum_healthy_percent, maximum_percent, bake }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlueGreenFields {
    bake: Option<TimeSpan>,
    #[serde(default)]
    test_traffic: Switch,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CanaryFields {
    weight: Percent,
    bake: TimeSpan,
    final_bake: Option<TimeSpan>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinearFields {
    step: Percent,
    interval: TimeSpan,
    final_bake: Option<TimeSpan>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AllAtOnceFields {
    bake: Option<TimeSpan>,
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct CodeDeployName(Arc<dyn Strategy>);

impl TryFrom<String> for CodeDeployName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        named(&name).map(|strategy| Self(Arc::from(strategy))).map_err(|error| error.to_string())
    }
}

/// The strategy as a spec gives it.
#[derive(Debug)]
pub(super) enum StrategyDocument {
    /// Complete.
    Ready(Arc<dyn Strategy>),
    /// A free list, whose gates stand elsewhere in the spec.
    Steps(Vec<StepDocument>),
}

impl StrategyDocument {
    /// The gates that each bake of a free list names, with the step's index.
    pub(super) fn bake_gates(&self) -> impl Iterator<Item = (usize, &[Spanned<GateId>])> {
        let steps = match self {
            Self::Ready(_) => &[],
            Self::Steps(steps) => steps.as_slice(),
        };
        steps.iter().enumerate().filter_map(|(index, step)| match step {
            StepDocument::Bake(bake) => Some((index, bake.gates.as_slice())),
            _ => None,
        })
    }

    pub(super) fn strategy(self, gates: &[GateSpec]) -> Arc<dyn Strategy> {
        match self {
            Self::Ready(strategy) => strategy,
            Self::Steps(steps) => Arc::new(Steps {
                steps: steps.into_iter().map(StepDocument::step).collect(),
                gates: gates.to_vec(),
            }),
        }
    }
}

fn ready(strategy: impl Strategy + 'static) -> StrategyDocument {
    StrategyDocument::Ready(Arc::new(strategy))
}

fn blue_green(fields: &BlueGreenFields) -> StrategyDocument {
    let bake = fields.bake.map_or_else(|| BlueGreen::default().bake, |span| span.0);
    ready(BlueGreen { bake, test_traffic: fields.test_traffic.0 })
}

fn all_at_once(fields: &AllAtOnceFields) -> StrategyDocument {
    ready(AllAtOnce { bake: fields.bake.map_or_else(|| AllAtOnce::default().bake, |span| span.0) })
}

impl<'de> Deserialize<'de> for StrategyDocument {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(Choice)
    }
}

/// A bare name where everything has a default, or a name with its fields.
struct Choice;

impl<'de> Visitor<'de> for Choice {
    type Value = StrategyDocument;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "one of {}", NAMES.map(|name| format!("`{name}`")).join(", "))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<StrategyDocument, E> {
        match name {
            "rolling" => Ok(ready(Rolling::default())),
            "blue_green" => Ok(ready(BlueGreen::default())),
            "all_at_once" => Ok(ready(AllAtOnce::default())),
            "canary" => Err(E::custom("is `canary` alone; give `canary: {weight: 10%, bake: 5m}`")),
            "linear" => {
                Err(E::custom("is `linear` alone; give `linear: {step: 10%, interval: 1m}`"))
            }
            "steps" => Err(E::custom("is `steps` alone; give `steps: [...]`")),
            "code_deploy" => Err(E::custom("is `code_deploy` alone; give `code_deploy: NAME`")),
            other => Err(E::unknown_variant(other, &NAMES)),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<StrategyDocument, A::Error> {
        let Some(name) = map.next_key::<String>()? else {
            return Err(A::Error::custom("is empty; give one strategy"));
        };
        let chosen = match name.as_str() {
            "rolling" => {
                let fields = map.next_value::<Option<RollingFields>>()?.unwrap_or_default();
                ready(fields.strategy())
            }
            "blue_green" => {
                blue_green(&map.next_value::<Option<BlueGreenFields>>()?.unwrap_or_default())
            }
            "canary" => {
                let fields: CanaryFields = map.next_value()?;
                let default = Canary::default().final_bake;
                let final_bake = fields.final_bake.map_or(default, |span| span.0);
                ready(Canary { weight: fields.weight.weight, bake: fields.bake.0, final_bake })
            }
            "linear" => {
                let fields: LinearFields = map.next_value()?;
                let default = Linear::default().final_bake;
                let final_bake = fields.final_bake.map_or(default, |span| span.0);
                ready(Linear { step: fields.step.weight, interval: fields.interval.0, final_bake })
            }
            "all_at_once" => {
                all_at_once(&map.next_value::<Option<AllAtOnceFields>>()?.unwrap_or_default())
            }
            "steps" => StrategyDocument::Steps(map.next_value()?),
            "code_deploy" => StrategyDocument::Ready(map.next_value::<CodeDeployName>()?.0),
            other => return Err(A::Error::unknown_variant(other, &NAMES)),
        };
        match map.next_key::<String>()? {
            None => Ok(chosen),
            Some(_) => Err(A::Error::custom("is followed by another strategy; keep one of them")),
        }
    }
}
