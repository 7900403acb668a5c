//! Where a deployment is, in ECS's words.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// A lifecycle stage, named as ECS's `ServiceDeploymentLifecycleStage`, in time order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    clippy::exhaustive_enums,
    reason = "ECS's own list; a new stage is a breaking change here too"
)]
pub enum Stage {
    /// The world is read and held against the plan; nothing is written yet.
    Reconcile,
    /// Before the candidate gets capacity.
    PreScaleUp,
    /// The candidate gets capacity (for rolling: the whole roll).
    ScaleUp,
    /// The candidate has its capacity.
    PostScaleUp,
    /// Test traffic moves to the candidate.
    TestTrafficShift,
    /// Test traffic is on the candidate.
    PostTestTrafficShift,
    /// Before production traffic moves; also an approval that comes before the first shift.
    PreProductionTrafficShift,
    /// Production traffic moves, or bakes between two shifts.
    ProductionTrafficShift,
    /// Production traffic has reached a step's weight.
    PostProductionTrafficShift,
    /// The final bake: the candidate has everything, stable stands by.
    Bake,
    /// After the commit, stable goes; after a rollback, the candidate goes.
    CleanUp,
}

impl Stage {
    /// Every stage, in time order.
    pub const ALL: [Self; 11] = [
        Self::Reconcile,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::PreProductionTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::Bake,
        Self::CleanUp,
    ];

    /// The name that ECS prints, `PRE_SCALE_UP`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reconcile => "RECONCILE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::Bake => "BAKE",
            Self::CleanUp => "CLEAN_UP",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
