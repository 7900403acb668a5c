//! Everything at once.

use std::time::Duration;

use crate::model::Plan;
use crate::model::ServiceShape;
use crate::model::Weight;

use super::contract::Strategy;
use super::frame::shift;
use super::frame::traffic_plan;
use super::plan_error::PlanError;

/// Full capacity, then all production traffic in one shift; stable goes as soon as the bake is over.
///
/// `CodeDeployDefault.ECSAllAtOnce`. The default bakes for no time at all, so nothing is watched
/// under load before stable goes; [`BlueGreen`](super::BlueGreen) is the same with a bake.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct AllAtOnce {
    /// How long the candidate serves everything, watched, before stable goes. Zero.
    pub bake: Duration,
}

impl Strategy for AllAtOnce {
    fn name(&self) -> &'static str {
        "all_at_once"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        let traffic = vec![shift(Weight::FULL)];
        traffic_plan(self.name(), shape, traffic, self.bake)
    }
}
