//! Time as it accrues: only while it is watched, and never for a restart.

use std::time::Duration;

use crate::model::Direction;
use crate::model::HoldReason;
use crate::model::Now;
use crate::model::Span;
use crate::model::State;
use crate::model::Step;
use crate::model::Weight;

use super::anomaly::off_course;
use super::drain::is_leaving;
use super::lacking::routed;
use super::machine::Engine;
use super::rules::follows;
use super::verdicts::watches;

impl Engine {
    /// Counts the time since the last complete cycle, once.
    pub(super) fn accrue(&mut self, now: Now) {
        let gap = self.last_cycle.map_or(Duration::ZERO, |last| now.elapsed.since(last));
        self.last_cycle = Some(now.elapsed);
        self.since_last_cycle = gap.min(self.record.header.limits.max_gap);
        self.accrue_bake(now);
        self.accrue_away(now);
        self.accrue_shown(now);
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
        let mut covered = vec![Span { from: self.accounted, to: now.elapsed }];
        let (header, state) = (&self.record.header, &self.state);
        let mut passes = self.facts.seen().is_some_and(|world| !off_course(header, state, world));
        for (spec, slot) in plan.gates.iter().zip(&self.slots) {
            if spec.covers_bakes() && watches(&self.record.header, &self.state, spec) {
                let reading = self.facts.gates.iter().find(|reading| reading.gate == spec.id);
                passes &= reading.is_some_and(|reading| reading.verdict.is_pass());
                covered = slot.covers.of(&covered);
            }
        }
        // Time that no gate could speak for may still be spoken for by the next answer.
        if !passes {
            return;
        }
        self.facts.accrued.bake += covered.iter().map(|span| span.length()).sum::<Duration>();
        self.accounted = covered.last().map_or(self.accounted, |last| last.to);
    }

    /// Counts how long the side that goes has been seen without traffic, without a gap.
    fn accrue_away(&mut self, now: Now) {
        let gone = match self.state.direction {
            Direction::Forward => Weight::FULL,
            Direction::Rollback => Weight::ZERO,
        };
        let Some(world) = self.facts.seen() else { return };
        let is_gone = world.weight() == Some(gone);
        let gap = self.last_away.map(|last| now.elapsed.since(last));
        let watched = gap.filter(|gap| *gap <= self.record.header.limits.max_gap);
        self.last_away = is_gone.then_some(now.elapsed);
        let (Some(watched), true) = (watched, is_gone) else {
            // whatever happened in a gap that long was not seen: it counts from here again
            self.facts.accrued.away = Duration::ZERO;
            self.facts.accrued.asked = Duration::ZERO;
            self.forget_counts();
            return;
        };
        let (header, accrued) = (&self.record.header, &mut self.facts.accrued);
        if accrued.away >= follows(header) && is_leaving(header, &self.state) {
            accrued.asked += watched;
        }
        accrued.away += watched;
    }

    /// Counts how long this stage's traffic has been seen where it is to be, without a gap.
    fn accrue_shown(&mut self, now: Now) {
        let Some(world) = self.facts.seen() else { return };
        if routed(&self.record.header, &self.state, world) != Some(true) {
            self.facts.accrued.shown = Duration::ZERO;
            self.last_shown = None;
            return;
        }
        let gap = self.last_shown.map(|last| now.elapsed.since(last));
        let watched = gap.filter(|gap| *gap <= self.record.header.limits.max_gap);
        self.facts.accrued.shown += watched.unwrap_or_default();
        self.last_shown = Some(now.elapsed);
    }

    /// Counts the time that a hold has taken against the limit that bounds it.
    pub(super) fn accrue_hold(&mut self, reason: &HoldReason) {
        let spent = std::mem::take(&mut self.since_last_cycle);
        match charge(&self.state, reason) {
            Charge::Nothing => {}
            Charge::Stalled => self.facts.accrued.stalled += spent,
            Charge::Held => self.facts.accrued.held += spent,
        }
    }
}

/// What the time of a hold counts against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charge {
    /// Nothing: a person, a bake or a hook has limits of its own.
    Nothing,
    /// The time without progress.
    Stalled,
    /// The hold limit.
    Held,
}

/// What the time of this hold counts against.
pub(super) fn charge(state: &State, reason: &HoldReason) -> Charge {
    let forward = state.direction == Direction::Forward && !state.committed;
    match reason {
        HoldReason::Baking
        | HoldReason::Approval
        | HoldReason::Hook
        | HoldReason::GateWaits { .. }
        | HoldReason::Stopped { .. }
        | HoldReason::Paused
        | HoldReason::Draining
        | HoldReason::Propagating => Charge::Nothing,
        _ if state.hook.is_some() => Charge::Nothing,
        HoldReason::Gate { .. }
        | HoldReason::Insufficient { .. }
        | HoldReason::MissingGate { .. }
        | HoldReason::Drift { .. }
        | HoldReason::Blind
            if forward =>
        {
            Charge::Held
        }
        HoldReason::Waiting
        | HoldReason::Settling
        | HoldReason::Reached
        | HoldReason::Restoring
        | HoldReason::NoRoom { .. }
        | HoldReason::Gate { .. }
        | HoldReason::Insufficient { .. }
        | HoldReason::MissingGate { .. }
        | HoldReason::Drift { .. }
        | HoldReason::Blind => Charge::Stalled,
    }
}
