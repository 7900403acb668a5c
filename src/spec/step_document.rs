//! The steps of a free list.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;
use serde_saphyr::Spanned;

use crate::model::GateId;
use crate::model::Step;

use super::approval_document::ApprovalDocument;
use super::percent::Percent;
use super::roll_percentages::RollPercentages;
use super::time_span::TimeSpan;

/// One step as a spec gives it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StepDocument {
    Scale(Percent),
    TestTraffic,
    Shift(Percent),
    Bake(BakeDocument),
    Approval(ApprovalDocument),
    Roll(RollPercentages),
    Delegate(RollPercentages),
}

impl StepDocument {
    pub(super) fn step(self) -> Step {
        match self {
            Self::Scale(percent) => Step::Scale { share: percent.share },
            Self::TestTraffic => Step::TestTraffic,
            Self::Shift(percent) => Step::Shift { weight: percent.weight },
            Self::Bake(BakeDocument { duration, gates }) => {
                let gates = gates.into_iter().map(|gate| gate.value).collect();
                Step::Bake { duration: duration.0, gates }
            }
            Self::Approval(approval) => {
                Step::Approval { timeout: approval.timeout.0, default: approval.default }
            }
            Self::Roll(percentages) => {
                let (minimum_healthy_percent, maximum_percent) = percentages.over_defaults();
                Step::Roll { minimum_healthy_percent, maximum_percent }
            }
            Self::Delegate(percentages) => {
                let (minimum_healthy_percent, maximum_percent) = percentages.over_defaults();
                Step::Delegate { minimum_healthy_percent, maximum_percent }
            }
        }
    }
}

/// `5m`, or `{duration: 5m, gates: [smoke]}`.
#[derive(Debug)]
pub(super) struct BakeDocument {
    duration: TimeSpan,
    pub(super) gates: Vec<Spanned<GateId>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BakeFields {
    duration: TimeSpan,
    #[serde(default)]
    gates: Vec<Spanned<GateId>>,
}

impl<'de> Deserialize<'de> for BakeDocument {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = BakeDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as `5m`, or `duration` and `gates`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<BakeDocument, E> {
                let duration = TimeSpan::try_from(text.to_owned()).map_err(E::custom)?;
                Ok(BakeDocument { duration, gates: Vec::new() })
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<BakeDocument, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<BakeDocument, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<BakeDocument, A::Error> {
                let BakeFields { duration, gates } =
                    BakeFields::deserialize(MapAccessDeserializer::new(map))?;
                Ok(BakeDocument { duration, gates })
            }
        }

        input.deserialize_any(Either)
    }
}
