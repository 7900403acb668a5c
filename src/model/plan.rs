//! A plan: data that can be printed, simulated, stored, resumed and explained.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::gate_spec::GateSpec;
use super::hook_spec::HookSpec;
use super::insufficient::Insufficient;
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

    /// Whether a gate watches while step `index` is carried out: always, or because that bake names it.
    #[must_use]
    pub fn watches(&self, index: usize, spec: &GateSpec) -> bool {
        let named = match self.steps.get(index) {
            Some(Step::Bake { gates, .. }) => gates.contains(&spec.id),
            Some(
                Step::Scale { .. }
                | Step::TestTraffic
                | Step::Shift { .. }
                | Step::Approval { .. }
                | Step::Roll { .. }
                | Step::Delegate { .. },
            )
            | None => false,
        };
        spec.always || named
    }

    /// The least watched time after which the bake at step `index` may end before its own, once all that
    /// compares the candidate with stable shows safe: the longest that a gate asks for on whose coverage
    /// it waits. None where it takes its time: nobody lets it end early, one side has all the traffic and
    /// nothing is compared, or it is the final one.
    #[must_use]
    pub fn early_end(&self, index: usize) -> Option<Duration> {
        let Some(Step::Bake { duration, .. }) = self.steps.get(index) else { return None };
        if !self.divides(index) {
            return None;
        }
        let asking =
            self.gates.iter().filter(|spec| spec.covers_bakes() && self.watches(index, spec));
        let after = asking.filter_map(|spec| spec.kind.advance_early()).max();
        after.filter(|after| after < duration)
    }

    /// How long the bake at step `index` may wait for an approval when it has run its time without proof.
    #[must_use]
    pub fn longest_approval(&self, index: usize) -> Duration {
        let watching = self.gates.iter().filter(|spec| spec.acts() && self.watches(index, spec));
        let timeouts = watching.filter_map(|spec| match spec.kind.insufficient() {
            Some(Insufficient::Approval { timeout, .. }) => Some(timeout),
            Some(Insufficient::Advance | Insufficient::Hold) | None => None,
        });
        let compares = self.divides(index);
        timeouts.max().filter(|_| compares).unwrap_or_default()
    }

    /// Whether the bake at step `index` has traffic on both sides, so that there is something to compare.
    pub(crate) fn divides(&self, index: usize) -> bool {
        let weight = self.weight_after(index);
        let is_final = index + 1 == self.steps.len();
        weight > Weight::ZERO && weight < Weight::FULL && !is_final
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
