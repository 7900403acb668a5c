//! Time as it accrues: only while it is watched, and never for a restart.

use std::time::Duration;

use crate::model::Direction;
use crate::model::HoldReason;
use crate::model::Now;
use crate::model::Observation;
use crate::model::Span;
use crate::model::Step;
use crate::model::Weight;

use super::anomaly::anomaly;
use super::lacking::shifted;
use super::machine::Engine;
use super::verdicts::covers_bakes;
use super::verdicts::watches;

impl Engine {
    /// Counts the time since the last complete cycle, once.
    pub(super) fn accrue(&mut self, now: Now) {
        let gap = self.last_cycle.map_or(Duration::ZERO, |last| now.elapsed.since(last));
        self.last_cycle = Some(now.elapsed);
        self.since_last_cycle = gap.min(self.record.header.limits.max_gap);
        self.accrue_bake(now);
        self.accrue_away(gap);
    }

    fn accrue_bake(&mut self, now: Now) {
        let plan = &self.record.header.plan;
        match plan.steps.get(self.state.step) {
            Some(Step::Bake { .. }) => {}
            Some(Step::Approval { .. }) => {
                self.facts.accrued.bake += self.since_last_cycle;
                return;
            }
            Some(
                Step::Scale { .. }
                | Step::TestTraffic
                | Step::Shift { .. }
                | Step::Roll { .. }
                | Step::Delegate { .. },
            )
            | None => return,
        }
        if self.state.direction == Direction::Rollback || self.state.committed {
            return;
        }
        let mut covered = Span { from: self.accounted, to: now.elapsed };
        let (header, state, facts) = (&self.record.header, &self.state, &self.facts);
        // At another weight, or with a role gone, there is nothing to watch.
        let mut passes = facts.observation.as_ref().is_some_and(|world| {
            shifted(header, state, world).is_none()
                && anomaly(header, state, facts, world).is_none()
        });
        for (spec, slot) in plan.gates.iter().zip(&self.slots) {
            if covers_bakes(spec) && watches(&self.record.header, &self.state, spec) {
                let reading = self.facts.gates.iter().find(|reading| reading.gate == spec.id);
                passes &= reading.is_some_and(|reading| reading.verdict.is_pass());
                covered = covered.intersection(slot.covers);
            }
        }
        if !passes {
            self.accounted = now.elapsed;
            return;
        }
        self.facts.accrued.bake += covered.length();
        self.accounted = self.accounted.max(covered.to);
    }

    /// Counts how long the side that goes has been seen without traffic at every look.
    fn accrue_away(&mut self, gap: Duration) {
        let gone = match self.state.direction {
            Direction::Forward => Weight::FULL,
            Direction::Rollback => Weight::ZERO,
        };
        let is_away = self.facts.observation.as_ref().and_then(Observation::weight) == Some(gone);
        let watched = self.was_away && is_away && gap <= self.record.header.limits.max_gap;
        if watched {
            self.facts.accrued.away += gap;
        } else if !is_away {
            self.facts.accrued.away = Duration::ZERO;
        }
        self.was_away = is_away;
    }

    /// Counts the time that a hold has taken against the limit that bounds it.
    pub(super) fn accrue_hold(&mut self, reason: &HoldReason) {
        let spent = std::mem::take(&mut self.since_last_cycle);
        let forward = self.state.direction == Direction::Forward && !self.state.committed;
        let running_hook = self.state.hook.is_some();
        match reason {
            HoldReason::Baking
            | HoldReason::Approval
            | HoldReason::Paused
            | HoldReason::Draining => {}
            _ if running_hook => {}
            HoldReason::Waiting | HoldReason::Settling | HoldReason::NoRoom { .. } => {
                self.facts.accrued.stalled += spent;
            }
            HoldReason::Gate { .. }
            | HoldReason::MissingGate { .. }
            | HoldReason::Drift { .. }
            | HoldReason::Blind
                if forward =>
            {
                self.facts.accrued.held += spent;
            }
            HoldReason::Gate { .. }
            | HoldReason::MissingGate { .. }
            | HoldReason::Drift { .. }
            | HoldReason::Blind => self.facts.accrued.stalled += spent,
        }
    }
}
