//! Blue/green.

use std::time::Duration;

use crate::model::Plan;
use crate::model::ServiceShape;
use crate::model::Step;
use crate::model::Weight;

use super::contract::Strategy;
use super::frame::FINAL_BAKE;
use super::frame::shift;
use super::frame::traffic_plan;
use super::plan_error::PlanError;

/// A full copy beside the one that serves, all traffic at once, and the old one kept while the bake
/// lasts: ECS's `BLUE_GREEN` (`bakeTimeInMinutes`).
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct BlueGreen {
    /// How long both revisions run after the shift. Five minutes.
    pub bake: Duration,
    /// Whether test traffic goes to the candidate before production traffic does. No.
    pub test_traffic: bool,
}

impl Default for BlueGreen {
    fn default() -> Self {
        Self { bake: FINAL_BAKE, test_traffic: false }
    }
}

impl Strategy for BlueGreen {
    fn name(&self) -> &'static str {
        "blue_green"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        let test = self.test_traffic.then_some(Step::TestTraffic);
        let traffic = test.into_iter().chain([shift(Weight::FULL)]).collect();
        traffic_plan(self.name(), shape, traffic, self.bake)
    }
}
