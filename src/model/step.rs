//! What a plan is made of.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::hook_spec::HookAction;
use super::id::GateId;
use super::share::Share;
use super::stage::Stage;
use super::time::as_millis;
use super::weight::Weight;

/// One step of a plan. A strategy makes steps; the engine alone carries them out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the engine must carry out every kind; a new one is breaking"
)]
pub enum Step {
    /// Give the candidate a share of the current desired count and wait until it is healthy.
    Scale {
        /// The share, rounded up to tasks.
        share: Share,
    },
    /// Move test traffic to the candidate.
    TestTraffic,
    /// Move production traffic to this weight for the candidate.
    Shift {
        /// The candidate's weight.
        weight: Weight,
    },
    /// Wait with traffic on while gates watch.
    Bake {
        /// How much watched time is needed.
        #[serde(with = "as_millis")]
        duration: Duration,
        /// Gates that watch this bake only, besides those that watch the whole deployment.
        #[serde(default)]
        gates: Vec<GateId>,
    },
    /// Wait for a person.
    Approval {
        /// How long to wait at most.
        #[serde(with = "as_millis")]
        timeout: Duration,
        /// What happens when nobody answers in time.
        default: HookAction,
    },
    /// Replace stable by the candidate batch by batch within ECS's two percentages.
    Roll {
        /// Healthy tasks never below `ceil(desired * this / 100)`.
        minimum_healthy_percent: u32,
        /// Tasks never above `floor(desired * this / 100)`.
        maximum_percent: u32,
    },
    /// Let the platform replace the tasks in its own batches (ECS's rolling update).
    Delegate {
        /// Passed on as `minimumHealthyPercent`.
        minimum_healthy_percent: u32,
        /// Passed on as `maximumPercent`.
        maximum_percent: u32,
    },
}

impl Step {
    /// The stages this step goes through, in order. `shifted` says whether production traffic has
    /// been given to the candidate by an earlier step, `is_final` whether this is the plan's last.
    pub const fn stages(&self, shifted: bool, is_final: bool) -> &'static [Stage] {
        match self {
            Self::Scale { .. } | Self::Roll { .. } | Self::Delegate { .. } => {
                &[Stage::PreScaleUp, Stage::ScaleUp, Stage::PostScaleUp]
            }
            Self::TestTraffic => &[Stage::TestTrafficShift, Stage::PostTestTrafficShift],
            Self::Shift { .. } => &[
                Stage::PreProductionTrafficShift,
                Stage::ProductionTrafficShift,
                Stage::PostProductionTrafficShift,
            ],
            Self::Bake { .. } if is_final => &[Stage::Bake],
            Self::Approval { .. } | Self::Bake { .. } if !shifted => {
                &[Stage::PreProductionTrafficShift]
            }
            Self::Approval { .. } | Self::Bake { .. } => &[Stage::ProductionTrafficShift],
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scale { share } => write!(f, "scale the candidate to {share} of desired"),
            Self::TestTraffic => f.write_str("move test traffic to the candidate"),
            Self::Shift { weight } => write!(f, "shift {weight} of production traffic"),
            Self::Bake { duration, .. } => write!(f, "bake {}", Human(*duration)),
            Self::Approval { timeout, default } => {
                write!(f, "wait for approval, {} at most, then {default}", Human(*timeout))
            }
            Self::Roll { minimum_healthy_percent, maximum_percent } => {
                write!(f, "roll within {minimum_healthy_percent} % and {maximum_percent} %")
            }
            Self::Delegate { minimum_healthy_percent, maximum_percent } => write!(
                f,
                "hand over to ECS's rolling update within {minimum_healthy_percent} % and {maximum_percent} %"
            ),
        }
    }
}

/// A duration as people write it: `1h 5m`, `90s` as `1m 30s`, `250ms`.
pub(crate) struct Human(pub(crate) Duration);

impl Human {
    /// The same without what is less than a second, from one second on.
    pub(crate) const fn whole(self) -> Self {
        if self.0.as_secs() == 0 { self } else { Self(Duration::from_secs(self.0.as_secs())) }
    }
}

impl fmt::Display for Human {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        let parts = [
            (seconds / 3600, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
            (u64::from(millis), "ms"),
        ];
        let mut written = false;
        for (count, unit) in parts {
            if count > 0 {
                write!(f, "{}{count}{unit}", if written { " " } else { "" })?;
                written = true;
            }
        }
        if written { Ok(()) } else { f.write_str("0s") }
    }
}
