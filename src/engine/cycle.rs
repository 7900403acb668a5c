//! One look at the world: observe, ask the gates, and be ready to decide.

use std::ops::Deref;

use crate::model::Command;
use crate::model::Direction;
use crate::model::Elapsed;
use crate::model::Evaluation;
use crate::model::EventKind;
use crate::model::GateReading;
use crate::model::GateSpec;
use crate::model::HoldReason;
use crate::model::HookKey;
use crate::model::HookResult;
use crate::model::Now;
use crate::model::Observation;
use crate::model::Outcome;
use crate::model::Role;
use crate::model::Shared;
use crate::model::State;
use crate::model::Weight;

use super::anomaly::anomaly;
use super::drain::leaves;
use super::machine::Cycle;
use super::machine::Engine;
use super::output::Output;
use super::pace::next_poll;
use super::path::in_force;
use super::verdicts::watches;

impl Engine {
    /// Asks for a look at the world.
    pub(super) fn look(&mut self, now: Now) {
        self.cycle = Cycle::Observing(now.elapsed);
        self.out.push_back(Output::Execute(Command::Observe));
    }

    /// Takes that a look failed; a new reason is told.
    pub(super) fn blind(&mut self, now: Now, why: String) {
        if self.blind_for.as_ref() != Some(&why) {
            self.blind_for = Some(why.clone());
            self.tell(now, EventKind::Blind { why });
        }
        self.observed(now, None);
    }

    /// Takes what was seen, or that nothing could be seen, and asks the gates.
    pub(super) fn observed(&mut self, now: Now, seen: Option<Shared<Observation>>) {
        let Cycle::Observing(asked) = self.cycle else {
            return;
        };
        self.facts.blind = seen.is_none();
        if let Some(world) = seen {
            // What happened in a gap that long was not seen.
            if asked.since(self.observed_at) > self.record.header.limits.max_gap {
                self.gone_since = None;
                self.odd_since = None;
                // what was missing before it is missing from now on, if it still is
                for since in &mut self.missing_since {
                    *since = since.map(|_| asked);
                }
            }
            self.observed_at = asked;
            self.digest(now, world);
        } else {
            // Two looks with a failed one between them are not look after look.
            self.barren_since = None;
        }
        let mut waiting = 0;
        if self.state.direction == Direction::Forward && !self.state.committed {
            for index in 0..self.slots.len() {
                let spec = self.record.header.plan.gates.get(index);
                if spec.is_some_and(|spec| watches(&self.record.header, &self.state, spec))
                    && self.is_due(asked, index)
                {
                    if let Some(slot) = self.slots.get_mut(index) {
                        slot.asked = Some(asked);
                        slot.awaited = true;
                    }
                    if let Some(spec) = spec {
                        self.facts.missing.retain(|missing| *missing != spec.id);
                    }
                    self.out.push_back(Output::Execute(Command::Evaluate { gate: index }));
                    waiting += usize::from(spec.is_some_and(GateSpec::acts));
                }
            }
        }
        self.cycle = if waiting == 0 { Cycle::Ready } else { Cycle::Asking(waiting) };
    }

    /// Whether a gate's answer is too old to stand beside the look that began at `look`. Looks may come
    /// quicker than gates are meant to be asked, but no weight rises twice on the same answer.
    fn is_due(&self, look: Elapsed, index: usize) -> bool {
        let poll = self.record.header.limits.poll;
        let Some(slot) = self.slots.get(index) else { return false };
        // One that only observes may take its time beyond the look that asked it.
        let spec = self.record.header.plan.gates.get(index);
        if slot.awaited && !spec.is_some_and(GateSpec::acts) {
            return false;
        }
        let asked = slot.asked;
        let changed = self.entered.max(self.pace.wrote_at());
        asked.is_none_or(|asked| asked <= changed || next_poll(asked, poll) <= look)
    }

    /// Takes from what was seen what later looks are compared with.
    fn digest(&mut self, now: Now, world: Shared<Observation>) {
        let (header, state, facts) = (&self.record.header, &self.state, &mut self.facts);
        facts.launched |= world.fleet.candidate.is_some();
        if let Some(weight) = world.weight() {
            let wanted = in_force(header, state).map(|step| header.plan.weight_after(step));
            let back = state.direction == Direction::Rollback && weight <= facts.weight;
            // A roll's weight rises: a lower one than was recorded is not what a predecessor sent.
            let inherits = self.adopts_until.is_some() && weight >= facts.weight;
            let rolls = inherits && header.plan.roll().is_some();
            if Some(weight) == facts.sent || Some(weight) == wanted || back || rolls {
                facts.weight = weight;
            }
            // The first read after that shows all that a predecessor may have sent.
            self.adopts_until = self.adopts_until.filter(|until| now.elapsed < *until);
        }
        let progress = measure(state, &world);
        if progress > facts.high_water {
            facts.high_water = progress;
            facts.accrued.stalled = std::time::Duration::ZERO;
        }
        let odd = anomaly(header, state, facts, &world).is_some();
        self.odd_since = if odd { self.odd_since.or(Some(now.elapsed)) } else { None };
        let settle = header.limits.settle;
        facts.confirmed = self.odd_since.is_some_and(|since| now.elapsed.since(since) >= settle);
        let before = facts.observation.as_ref();
        let roles = [Role::Stable, Role::Candidate];
        for (role, since) in roles.into_iter().zip(&mut self.missing_since) {
            let was_there = since.is_some() || before.is_some_and(|seen| seen.role(role).is_some());
            let missing = was_there && world.role(role).is_none();
            *since = if missing { since.or(Some(now.elapsed)) } else { None };
        }
        let doubtful =
            |since: &Option<Elapsed>| since.is_some_and(|since| now.elapsed.since(since) < settle);
        facts.unsure = self.missing_since.iter().any(doubtful);
        let barren = world.healthy(Role::Candidate) == 0;
        self.barren_since = if barren { self.barren_since.or(Some(now.elapsed)) } else { None };
        // one read may be old and two may be partial: the same must be seen for two whole intervals
        let long = header.limits.poll.saturating_mul(2);
        facts.barren = self.barren_since.is_some_and(|since| now.elapsed.since(since) >= long);
        let absent = world.role(leaves(state.direction)).is_none() && !odd;
        self.gone_since = if absent { self.gone_since.or(Some(now.elapsed)) } else { None };
        facts.gone = self.gone_since.is_some_and(|since| now.elapsed.since(since) >= settle);
        self.pace.seen(now.elapsed, before.map(Deref::deref), &world);
        facts.observation = Some(world);
    }

    /// Takes a gate's answer.
    pub(super) fn evaluated(&mut self, now: Now, gate: usize, evaluation: Evaluation) {
        let (Some(spec), Some(slot)) =
            (self.record.header.plan.gates.get(gate), self.slots.get_mut(gate))
        else {
            return;
        };
        if !std::mem::take(&mut slot.awaited) {
            return;
        }
        slot.read_at = evaluation.evidence.read_at;
        if evaluation.verdict.is_pass() {
            slot.covers.add(evaluation.evidence.covers);
            slot.passed = Some(evaluation.evidence.read_at);
        }
        let news = slot.told.as_ref() != Some(&evaluation.verdict);
        let event = news.then(|| {
            slot.told = Some(evaluation.verdict.clone());
            EventKind::Gate { gate: spec.id.clone(), verdict: evaluation.verdict.clone() }
        });
        let known = self.facts.gates.iter_mut().find(|reading| reading.gate == spec.id);
        if let Some(reading) = known {
            reading.before = std::mem::replace(&mut slot.memory, evaluation.memory.clone());
            reading.update(evaluation);
        } else {
            let before = std::mem::replace(&mut slot.memory, evaluation.memory.clone());
            self.facts.gates.push(GateReading::new(spec.id.clone(), before, evaluation));
        }
        let acts = spec.acts();
        if let Some(event) = event {
            self.tell(now, event);
        }
        if acts {
            self.answered();
        }
    }

    /// Takes that a gate cannot be asked in this process.
    pub(super) fn gate_missing(&mut self, gate: usize) {
        let awaited = self.slots.get_mut(gate).map(|slot| std::mem::take(&mut slot.awaited));
        let spec = self.record.header.plan.gates.get(gate).filter(|spec| spec.acts());
        if let (Some(spec), Some(true)) = (spec, awaited) {
            self.facts.missing.push(spec.id.clone());
            self.answered();
        }
    }

    fn answered(&mut self) {
        if let Cycle::Asking(left) = self.cycle {
            self.cycle = if left <= 1 { Cycle::Ready } else { Cycle::Asking(left - 1) };
        }
    }

    /// Takes a hook's answer, unless the deployment has moved on without it.
    pub(super) fn hook_answered(&mut self, now: Now, key: &HookKey, result: HookResult) {
        if self.hook.as_ref() != Some(key) {
            return;
        }
        self.hook = None;
        self.tell(now, EventKind::HookAnswered { key: key.clone(), result: result.clone() });
        if self.state.hook.as_ref() == Some(&key.hook) {
            self.facts.hook = Some(result);
        }
    }

    /// Takes a write's outcome, and looks again soon.
    pub(super) fn call_done(&mut self, now: Now, seq: u64, outcome: Outcome) {
        let Some((intent, refused)) = self.writes.done(seq, &outcome, now.elapsed) else {
            return;
        };
        if let Some(why) = refused {
            self.facts.rejected = Some(format!("{intent}: {why}"));
        }
        if let Outcome::Delegated(delegation) = &outcome {
            self.facts.delegation = Some(delegation.clone());
        }
        self.pace.wrote(now.elapsed);
        if let Outcome::Delegated(_) = &outcome {
            self.pace.delegated();
        }
        if let Cycle::Idle(at) = self.cycle
            && self.waiting == Some(HoldReason::Waiting)
        {
            let next = self.next_look(now);
            let is_delegated = matches!(outcome, Outcome::Delegated(_));
            self.cycle = Cycle::Idle(if is_delegated { next } else { at.min(next) });
        }
        self.tell(now, EventKind::Written { intent, outcome });
    }
}

impl Engine {
    /// When to look again while the world is to change.
    pub(super) fn next_look(&self, now: Now) -> Elapsed {
        let header = &self.record.header;
        let delay = header.subject.baseline.deregistration_delay;
        self.pace.next(now.elapsed, &header.limits, delay)
    }
}

/// A number that grows while a stage makes progress and stands still when it does not.
fn measure(state: &State, world: &Observation) -> u32 {
    let weight = world.weight().unwrap_or_default();
    let target = |role| world.role(role).map_or(0, |seen| seen.target);
    let gone = |role| u32::from(world.role(role).is_none()) * 1000;
    match (state.direction, state.committed) {
        (Direction::Forward, false) => {
            let shrunk = world.fleet.desired.saturating_sub(target(Role::Stable));
            world.healthy(Role::Candidate) + shrunk + u32::from(weight)
        }
        (Direction::Forward, true) => {
            let draining = world.fleet.stable.as_ref().is_some_and(|role| role.draining);
            gone(Role::Stable) + u32::from(draining) + u32::from(weight == Weight::FULL)
        }
        (Direction::Rollback, _) => {
            let draining = world.fleet.candidate.as_ref().is_some_and(|role| role.draining);
            let back = u32::from(weight.complement());
            world.healthy(Role::Stable) + back + gone(Role::Candidate) + u32::from(draining)
        }
    }
}
