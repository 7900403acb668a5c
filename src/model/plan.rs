//! A plan: data that can be printed, simulated, stored, resumed and explained.

use serde::Deserialize;
use serde::Serialize;

use super::gate_spec::GateSpec;
use super::hook_spec::HookSpec;
use super::share::Share;
use super::stage::Stage;
use super::step::Step;
use super::weight::Weight;

/// What a strategy makes of a service: steps, and the gates and hooks that go with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "strategies outside this crate build it")]
pub struct Plan {
    /// The strategy's name, for people.
    pub strategy: String,
    /// The steps in order. The last one is the final bake.
    pub steps: Vec<Step>,
    /// Gates, named by id.
    #[serde(default)]
    pub gates: Vec<GateSpec>,
    /// Hooks, named by id.
    #[serde(default)]
    pub hooks: Vec<HookSpec>,
    /// What a reader should know about how this plan came to be.
    #[serde(default)]
    pub notes: Vec<String>,
}

impl Plan {
    /// The production weight in force once step `index` has been carried out.
    #[must_use]
    pub fn weight_after(&self, index: usize) -> Weight {
        self.up_to(index)
            .filter_map(|step| match step {
                Step::Shift { weight } => Some(*weight),
                Step::Roll { .. } | Step::Delegate { .. } => Some(Weight::FULL),
                Step::Scale { .. }
                | Step::TestTraffic
                | Step::Bake { .. }
                | Step::Approval { .. } => None,
            })
            .last()
            .unwrap_or(Weight::ZERO)
    }

    /// The candidate's share of the desired count once step `index` has been carried out.
    #[must_use]
    pub fn share_after(&self, index: usize) -> Share {
        self.up_to(index)
            .filter_map(|step| match step {
                Step::Scale { share } => Some(*share),
                Step::Roll { .. } | Step::Delegate { .. } => Some(Share::FULL),
                Step::Shift { .. }
                | Step::TestTraffic
                | Step::Bake { .. }
                | Step::Approval { .. } => None,
            })
            .last()
            .unwrap_or_default()
    }

    /// Whether test traffic has been moved by a step up to and including `index`.
    #[must_use]
    pub fn tests_after(&self, index: usize) -> bool {
        self.up_to(index).any(|step| matches!(step, Step::TestTraffic))
    }

    /// The stages of step `index`, in order; none where there is no such step.
    #[must_use]
    pub fn stages(&self, index: usize) -> &'static [Stage] {
        let shifted = index > 0 && self.weight_after(index - 1) > Weight::ZERO;
        let is_final = index + 1 == self.steps.len();
        self.steps.get(index).map_or(&[], |step| step.stages(shifted, is_final))
    }

    /// The roll of this plan, if it rolls: its two percentages.
    #[must_use]
    pub fn roll(&self) -> Option<(u32, u32)> {
        self.steps.iter().find_map(|step| match step {
            Step::Roll { minimum_healthy_percent, maximum_percent } => {
                Some((*minimum_healthy_percent, *maximum_percent))
            }
            Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Bake { .. }
            | Step::Approval { .. }
            | Step::Delegate { .. } => None,
        })
    }

    /// The hand-over to the platform, if this plan delegates: its two percentages.
    #[must_use]
    pub fn delegation(&self) -> Option<(u32, u32)> {
        self.steps.iter().find_map(|step| match step {
            Step::Delegate { minimum_healthy_percent, maximum_percent } => {
                Some((*minimum_healthy_percent, *maximum_percent))
            }
            Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Bake { .. }
            | Step::Approval { .. }
            | Step::Roll { .. } => None,
        })
    }

    fn up_to(&self, index: usize) -> impl Iterator<Item = &Step> {
        self.steps.iter().take(index.saturating_add(1))
    }
}
