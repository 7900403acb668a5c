//! The writes that a stage wants, and which of them may go out now.

use crate::model::CallToken;
use crate::model::Command;
use crate::model::Direction;
use crate::model::EventKind;
use crate::model::HoldReason;
use crate::model::Intent;
use crate::model::Now;

use super::decide::is_over;
use super::difference::lower;
use super::difference::wants;
use super::machine::Cycle;
use super::machine::Engine;
use super::output::Output;
use super::scaling::owed;

impl Engine {
    /// Sends the writes that close the difference between what the stage wants and what was seen.
    pub(super) fn write(&mut self, now: Now, reason: &HoldReason) {
        if *reason == HoldReason::Restoring {
            if let Some(intent) = owed(&self.record.header, &self.state, &self.facts) {
                self.send(now, intent, false);
            }
            return;
        }
        let forward = self.state.direction == Direction::Forward && !self.state.committed;
        if forward && !lets_forward_writes(reason) {
            return;
        }
        let (header, state, facts) = (&self.record.header, &self.state, &self.facts);
        if *reason == HoldReason::Settling && is_over(header, state, facts) {
            return;
        }
        let wants = wants(&self.record.header, &self.state, &self.facts);
        let fresh = self.is_fresh(now);
        // Half an answer shows room, or a lack, that is not there.
        let facts_unsure = self.facts.unsure;
        for intent in wants.into_intents() {
            let lowers = self.lowers(&intent);
            let raises = matches!(intent, Intent::Shift { .. }) && !lowers;
            if facts_unsure && !lowers {
                continue;
            }
            if raises && (!fresh || *reason != HoldReason::Waiting) {
                continue;
            }
            self.send(now, intent, lowers);
        }
    }

    /// Takes traffic off the candidate at once: the one write that waits neither for the store nor
    /// for a settle, because the rollback plan was recorded before the first effect.
    pub(super) fn lower_now(&mut self, now: Now) {
        self.refresh_writes(now);
        let freshness = self.record.header.limits.freshness;
        let header = &self.record.header;
        if header.plan.delegation().is_some() {
            return;
        }
        if now.elapsed.since(self.observed_at) > freshness {
            if let Cycle::Idle(_) = self.cycle {
                self.cycle = Cycle::Idle(now.elapsed);
            }
            return;
        }
        let world = self.facts.observation.as_ref();
        if let Some(weight) = world.and_then(|world| lower(header, &self.facts, world)) {
            self.send(now, Intent::Shift { weight }, true);
        }
    }

    fn lowers(&self, intent: &Intent) -> bool {
        let router = self.facts.observation.as_ref().and_then(|world| world.router.as_ref());
        match (intent, router) {
            (Intent::Shift { weight }, Some(router)) => *weight <= router.lowest(),
            _ => false,
        }
    }

    fn send(&mut self, now: Now, intent: Intent, lowers: bool) {
        if self.writes.must_wait(&intent, lowers, now.elapsed) {
            return;
        }
        if let Intent::Shift { weight } = &intent {
            self.facts.sent = Some(*weight);
        }
        let seq = self.writes.send(&intent, now.elapsed);
        let token = CallToken::derived(&self.record.header.subject.deployment, "launch");
        self.tell(now, EventKind::Writing { intent: intent.clone() });
        self.out.push_back(Output::Execute(Command::Write { seq, intent, token }));
    }
}

/// Whether going forward may write while it holds for this reason.
const fn lets_forward_writes(reason: &HoldReason) -> bool {
    match reason {
        HoldReason::Waiting
        | HoldReason::Baking
        | HoldReason::Insufficient { .. }
        | HoldReason::Approval
        | HoldReason::NoRoom { .. }
        | HoldReason::Draining
        | HoldReason::Reached
        | HoldReason::Propagating => true,
        HoldReason::Paused
        | HoldReason::Stopped { .. }
        | HoldReason::Hook
        | HoldReason::Gate { .. }
        | HoldReason::GateWaits { .. }
        | HoldReason::MissingGate { .. }
        | HoldReason::Drift { .. }
        | HoldReason::Blind
        | HoldReason::Restoring
        | HoldReason::Settling => false,
    }
}
