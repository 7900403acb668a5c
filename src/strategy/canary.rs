//! Canary.

use std::time::Duration;

use crate::model::Plan;
use crate::model::ServiceShape;
use crate::model::Weight;

use super::contract::Strategy;
use super::frame::FINAL_BAKE;
use super::frame::bake;
use super::frame::shift;
use super::frame::traffic_plan;
use super::plan_error::PlanError;

/// A small share of the traffic first, the rest after a bake: ECS's `CANARY` (`canaryPercent`,
/// `canaryBakeTimeInMinutes`, `bakeTimeInMinutes`) and CodeDeploy's `TimeBasedCanary`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct Canary {
    /// The first share. 10 %.
    pub weight: Weight,
    /// How long it is watched. Five minutes.
    pub bake: Duration,
    /// How long both revisions run after the last shift. Five minutes.
    pub final_bake: Duration,
}

impl Default for Canary {
    /// `CodeDeployDefault.ECSCanary10Percent5Minutes`, with a final bake.
    fn default() -> Self {
        Self { weight: Weight::at_most(100), bake: Duration::from_mins(5), final_bake: FINAL_BAKE }
    }
}

impl Strategy for Canary {
    fn name(&self) -> &'static str {
        "canary"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        if self.weight == Weight::ZERO {
            return Err(PlanError::OutOfBounds {
                field: "canary.weight".to_owned(),
                value: self.weight.to_string(),
                bounds: "0.1 % to 100 %".to_owned(),
            });
        }
        let mut traffic = vec![shift(self.weight), bake(self.bake)];
        if self.weight < Weight::FULL {
            traffic.push(shift(Weight::FULL));
        }
        traffic_plan(self.name(), shape, traffic, self.final_bake)
    }
}
