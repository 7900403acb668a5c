//! Linear.

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

/// Equal steps at equal intervals: ECS's `LINEAR` (`stepPercent`, `stepBakeTimeInMinutes`,
/// `bakeTimeInMinutes`) and CodeDeploy's `TimeBasedLinear`.
///
/// The last step is what remains to 100 % and is followed by the final bake only, as with ECS.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct Linear {
    /// How much traffic each step adds. 10 %.
    pub step: Weight,
    /// How long each weight below 100 % is watched. One minute.
    pub interval: Duration,
    /// How long both revisions run after the last shift. Five minutes.
    pub final_bake: Duration,
}

impl Default for Linear {
    /// `CodeDeployDefault.ECSLinear10PercentEvery1Minutes`, with a final bake.
    fn default() -> Self {
        Self {
            step: Weight::at_most(100),
            interval: Duration::from_mins(1),
            final_bake: FINAL_BAKE,
        }
    }
}

impl Strategy for Linear {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        let step = usize::from(self.step.as_permille());
        if step == 0 {
            return Err(PlanError::OutOfBounds {
                field: "linear.step".to_owned(),
                value: self.step.to_string(),
                bounds: "0.1 % to 100 %".to_owned(),
            });
        }
        let below = (step..1000).step_by(step).flat_map(|permille| {
            let weight = Weight::at_most(u64::try_from(permille).unwrap_or(1000));
            [shift(weight), bake(self.interval)]
        });
        let traffic = below.chain([shift(Weight::FULL)]).collect();
        traffic_plan(self.name(), shape, traffic, self.final_bake)
    }
}
