//! Rolling.

use std::time::Duration;

use crate::model::Plan;
use crate::model::RollBounds;
use crate::model::Scheduling;
use crate::model::ServiceShape;
use crate::model::Step;

use super::check::check;
use super::check::refuse_running;
use super::contract::Strategy;
use super::frame::FIRST;
use super::frame::NOTHING_SERVES;
use super::frame::SCALE_UP;
use super::frame::bake;
use super::frame::plan;
use super::plan_error::PlanError;

/// Batch by batch within ECS's `minimumHealthyPercent` and `maximumPercent`: ECS's `ROLLING`.
///
/// With a second role the engine rolls itself (a rule, not a list of batches); without one the batches
/// are left to ECS's own rolling update. It needs no load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct Rolling {
    /// Healthy tasks never below `ceil(desired × this / 100)`. 100, at most 100.
    pub minimum_healthy_percent: u32,
    /// Tasks in all never above `floor(desired × this / 100)`. 200, at least 100.
    pub maximum_percent: u32,
    /// How long the candidate is watched once it has taken over. Zero.
    pub bake: Duration,
}

impl Default for Rolling {
    /// ECS's defaults for a REPLICA service, 100 % and 200 %.
    fn default() -> Self {
        Self { minimum_healthy_percent: 100, maximum_percent: 200, bake: Duration::ZERO }
    }
}

impl Rolling {
    /// The console's defaults for a DAEMON service, 50 % and 100 %. (The API's minimum is 0 %.)
    pub const fn daemon() -> Self {
        Self { minimum_healthy_percent: 50, maximum_percent: 100, bake: Duration::ZERO }
    }

    /// The two percentages.
    pub const fn bounds(&self) -> RollBounds {
        RollBounds {
            minimum_healthy_percent: self.minimum_healthy_percent,
            maximum_percent: self.maximum_percent,
        }
    }

    fn step(&self, shape: &ServiceShape) -> Step {
        let (minimum_healthy_percent, maximum_percent) =
            (self.minimum_healthy_percent, self.maximum_percent);
        if !shape.two_roles || shape.scheduling == Scheduling::Daemon {
            Step::Delegate { minimum_healthy_percent, maximum_percent }
        } else if shape.stable.is_none() {
            SCALE_UP
        } else {
            Step::Roll { minimum_healthy_percent, maximum_percent }
        }
    }
}

impl Strategy for Rolling {
    fn name(&self) -> &'static str {
        "rolling"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        refuse_running(shape)?;
        let nothing = shape.desired == 0;
        let first = shape.stable.is_none().then_some(FIRST);
        let nothing_serves = nothing.then_some(NOTHING_SERVES);
        let notes: Vec<&str> = first.into_iter().chain(nothing_serves).collect();
        let last = bake(if nothing { Duration::ZERO } else { self.bake });
        let plan = plan(self.name(), vec![self.step(shape), last], Vec::new(), &notes);
        check(&plan, shape)?;
        Ok(plan)
    }
}
