//! What a check wants to know of a plan.

use std::time::Duration;

use crate::model::GateKind;
use crate::model::GateSpec;
use crate::model::Plan;
use crate::model::Step;
use crate::model::Weight;

/// What a check wants to know of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlanFacts<'a>(pub(super) &'a Plan);

impl PlanFacts<'_> {
    /// Whether it needs a candidate beside stable.
    pub(super) fn has_two_roles(self) -> bool {
        self.0.delegation().is_none()
    }

    /// Whether it moves production traffic.
    pub(crate) fn shifts(self) -> bool {
        self.0.steps.iter().any(|step| matches!(step, Step::Shift { .. }))
    }

    /// Whether it replaces tasks a few at a time.
    pub(super) fn rolls(self) -> bool {
        self.0.roll().is_some()
    }

    /// Whether it moves test traffic.
    pub(crate) fn tests(self) -> bool {
        self.0.steps.iter().any(|step| matches!(step, Step::TestTraffic))
    }

    /// Its longest wait under gates; none without any. A fault is to be seen in it at the latest.
    pub(super) fn longest_bake(self) -> Option<Duration> {
        let bakes = self.0.steps.iter().filter_map(|step| match step {
            Step::Bake { duration, .. } => Some(*duration),
            Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Approval { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. } => None,
        });
        bakes.max()
    }

    /// The bakes that a gate watches while the candidate has traffic: the numbers of their steps, from 1,
    /// and how long they last.
    pub(super) fn bakes_under(self, gate: &GateSpec) -> Vec<(usize, Duration)> {
        let steps = self.0.steps.iter().enumerate();
        let bakes = steps.filter_map(|(index, step)| match step {
            Step::Bake { duration, gates } if gate.always || gates.contains(&gate.id) => {
                (self.0.weight_after(index) > Weight::ZERO).then_some((index + 1, *duration))
            }
            Step::Bake { .. }
            | Step::Scale { .. }
            | Step::TestTraffic
            | Step::Shift { .. }
            | Step::Approval { .. }
            | Step::Roll { .. }
            | Step::Delegate { .. } => None,
        });
        bakes.collect()
    }

    /// Whether anything of it watches alarms.
    pub(super) fn has_alarms(self) -> bool {
        self.0
            .gates
            .iter()
            .flat_map(|gate| gate.kind.leaves())
            .any(|(_, kind)| matches!(kind, GateKind::Alarms { .. }))
    }
}
