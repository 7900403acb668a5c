//! Deciding, recording the decision, and only then acting on it.

use crate::model::Command;
use crate::model::Decision;
use crate::model::Direction;
use crate::model::EventKind;
use crate::model::HoldReason;
use crate::model::HookKey;
use crate::model::Now;
use crate::model::Operator;
use crate::model::Role;
use crate::model::Stage;
use crate::model::Step;

use super::apply::apply;
use super::apply::remember;
use super::bake::shown;
use super::counting::Counting;
use super::decide::decide;
use super::glance::Glance;
use super::journal::append;
use super::machine::Cycle;
use super::machine::Engine;
use super::machine::Put;
use super::output::Output;
use super::pace::next_poll;
use super::request::Answer;
use super::request::judge;
use super::verdicts::watches;

impl Engine {
    /// Goes as far as it can without another input.
    pub(super) fn advance(&mut self, now: Now) {
        if self.state.ending.is_none() {
            self.take_requests(now);
            self.take_hook(now);
            if self.cycle == Cycle::Ready {
                self.accrue(now);
                self.count_requests(now);
                self.watch_scaling(now);
                self.consider(now);
            }
            if matches!(self.cycle, Cycle::Idle(at) if at <= now.elapsed) {
                self.look(now);
            }
        } else if self.put == Put::Done {
            self.take_requests(now);
        }
        if matches!(self.put, Put::Again(at) if at <= now.elapsed) {
            self.put_record();
        }
        let glance = Some(Glance::of(&self.state, &self.facts));
        if self.glance != glance {
            self.glance = glance;
            let progress = self.progress().into();
            self.tell(now, EventKind::Progress(progress));
        }
    }

    fn put_record(&mut self) {
        // Putting again puts the very same: the same number, the same decision.
        if self.put == Put::Done {
            self.record.seq = self.record.seq.saturating_add(1);
        }
        self.put = Put::UnderWay;
        self.out.push_back(Output::Persist);
    }

    /// The record has been written: what was decided counts, and what it allows may be done.
    pub(super) fn persisted(&mut self, now: Now) {
        if self.put == Put::Done {
            return;
        }
        self.put = Put::Done;
        self.checkpointed = now.elapsed;
        if let Some(request) = self.answering.take() {
            self.tell(now, EventKind::Accepted { request });
        }
        let Some(decision) = self.deciding.take() else {
            return;
        };
        self.announce(now, &decision);
        if let Decision::RunHook { .. } = decision {
            self.run_hook(now);
        }
        if let Decision::Enter { stage, .. } = decision {
            if has_effect(stage) {
                self.entered = now.elapsed;
            }
            self.accounted = now.elapsed;
        }
        // The same evidence serves while it is young; otherwise everything is read again first.
        self.cycle = match self.cycle {
            Cycle::Idle(_) if self.is_fresh(now) => Cycle::Ready,
            Cycle::Idle(_) => Cycle::Idle(now.elapsed),
            Cycle::Observing(_) | Cycle::Asking(_) | Cycle::Ready => self.cycle,
        };
    }

    pub(super) fn is_fresh(&self, now: Now) -> bool {
        let freshness = self.record.header.limits.freshness;
        let young = |read_at| now.elapsed.since(read_at) <= freshness;
        let (header, state) = (&self.record.header, &self.state);
        let asks = state.direction == Direction::Forward && !state.committed;
        let mut watching = header.plan.gates.iter().zip(&self.slots).filter(|(spec, slot)| {
            // A gate whose bake is over is not asked any more and grows old, as all do on the way back.
            // Nor is one waited for that only observes.
            asks && slot.asked.is_some() && spec.acts() && watches(header, state, spec)
        });
        self.facts.seen().is_some()
            && young(self.observed_at)
            && watching.all(|(_, slot)| young(slot.read_at))
    }

    fn announce(&mut self, now: Now, decision: &Decision) {
        let direction = self.state.direction;
        match decision {
            Decision::Enter { step, stage } => {
                self.tell_of_bake(now, *step, *stage);
                self.tell(now, EventKind::Stage { direction, step: *step, stage: *stage });
            }
            Decision::Rollback { cause } => {
                self.tell(now, EventKind::RollbackStarted { cause: cause.clone() });
                let (step, stage) = (self.state.step, self.state.stage);
                self.tell(now, EventKind::Stage { direction, step, stage });
            }
            Decision::Commit => {
                self.tell(now, EventKind::Committed);
                let (step, stage) = (self.state.step, self.state.stage);
                self.tell(now, EventKind::Stage { direction, step, stage });
            }
            Decision::End { ending } => {
                let cause = self.state.cause.clone();
                let (status, ending) = (ending.status(), ending.clone());
                self.tell(now, EventKind::Finished { status, ending, cause });
            }
            Decision::Hold { .. }
            | Decision::RunHook { .. }
            | Decision::HookDone { .. }
            | Decision::Pause
            | Decision::Continue
            | Decision::Approve
            | Decision::Promote => {}
        }
    }

    /// Tells what was shown in the bake before this step, when the step begins.
    fn tell_of_bake(&mut self, now: Now, step: usize, stage: Stage) {
        let header = &self.record.header;
        let begins = header.plan.stages(step).first() == Some(&stage);
        let forward = self.state.direction == Direction::Forward && !self.state.promoted;
        let Some(over) = step.checked_sub(1).filter(|_| begins && forward) else { return };
        let (Some(Step::Bake { duration, .. }), Some(entry)) =
            (header.plan.steps.get(over), self.record.entries.last())
        else {
            return;
        };
        if let Some(proof) = shown(header, over, &entry.facts) {
            let (watched, bake) = (entry.facts.accrued.bake, *duration);
            self.tell(now, EventKind::BakeEnded { step: over, watched, bake, proof });
        }
    }

    fn run_hook(&mut self, now: Now) {
        let Some(hook) = self.state.hook.clone() else {
            return;
        };
        let deployment = self.record.header.subject.deployment.clone();
        let state = &self.state;
        let key = HookKey::new(deployment, hook, state.direction, state.step, state.stage);
        self.hook = Some(key.clone());
        self.tell(now, EventKind::HookCalled { key: key.clone() });
        self.out.push_back(Output::Execute(Command::RunHook { key }));
    }

    /// Answers operators. While the record is being written they wait, but for the traffic that an
    /// abort takes off the candidate at once.
    fn take_requests(&mut self, now: Now) {
        let turns =
            |(request, _): &(Operator, _)| matches!(request, Operator::Abort | Operator::Rollback);
        if self.put != Put::Done {
            let may_turn = self.state.stage != Stage::Reconcile && !self.state.committed;
            if may_turn && self.requests.iter().any(turns) {
                self.lower_now(now);
            }
            return;
        }
        while let Some((request, by)) = self.requests.pop_front() {
            match judge(&self.record.header, &self.state, request) {
                Answer::Already => self.tell(now, EventKind::Accepted { request }),
                Answer::Refuse(why) => {
                    self.tell(now, EventKind::Refused { request, why: why.to_owned() });
                }
                Answer::Take => {
                    self.facts.operator = Some(request);
                    self.facts.asked_by = by;
                    self.answering = Some(request);
                    self.decide_and_record(now);
                    self.facts.operator = None;
                    self.facts.asked_by = None;
                    return;
                }
            }
        }
    }

    fn take_hook(&mut self, now: Now) {
        if self.put == Put::Done && self.facts.hook.is_some() {
            self.decide_and_record(now);
            self.facts.hook = None;
        }
    }

    /// Takes over what this process's own writes may do to the world beyond what was seen of it.
    pub(super) fn refresh_writes(&mut self, now: Now) {
        self.facts.settled = self.writes.settled(now.elapsed);
        self.facts.catching_up = self.writes.catching_up(now.elapsed);
        self.facts.left = self.writes.left(Role::Stable, self.observed_at);
        let asked = |role| self.writes.asked(role, now.elapsed);
        self.facts.asked = [asked(Role::Stable), asked(Role::Candidate)];
    }

    fn refresh_facts(&mut self, now: Now) {
        self.facts.current = self.observed_at >= self.entered;
        for reading in &mut self.facts.gates {
            let index =
                self.record.header.plan.gates.iter().position(|spec| spec.id == reading.gate);
            let slot = index.and_then(|index| self.slots.get(index));
            reading.current = slot.is_some_and(|slot| slot.read_at >= self.entered);
        }
        self.refresh_writes(now);
        let limits = &self.record.header.limits;
        self.facts.overdue = limits
            .deadline
            .is_some_and(|deadline| now.wall.since(self.record.header.created) >= deadline);
        remember(&mut self.state, &self.facts);
    }

    /// Decides on a complete look. Until the last decision is recorded nothing new is decided.
    pub(super) fn consider(&mut self, now: Now) {
        self.cycle = Cycle::Idle(next_poll(now.elapsed, self.record.header.limits.poll));
        if self.put != Put::Done {
            if self.state.direction == Direction::Rollback {
                self.lower_now(now);
            }
            return;
        }
        // A hook that another process had started runs again, under the same key.
        if self.state.hook.is_some() && self.hook.is_none() && self.facts.hook.is_none() {
            self.run_hook(now);
        }
        self.decide_and_record(now);
    }

    fn decide_and_record(&mut self, now: Now) {
        self.refresh_facts(now);
        let decision = decide(&self.record.header, &self.state, &self.facts);
        match decision {
            Decision::Hold { reason } => self.hold(now, &reason),
            decision @ (Decision::Enter { .. }
            | Decision::RunHook { .. }
            | Decision::HookDone { .. }
            | Decision::Pause
            | Decision::Continue
            | Decision::Approve
            | Decision::Promote
            | Decision::Rollback { .. }
            | Decision::Commit
            | Decision::End { .. }) => self.record_decision(now, decision),
        }
    }

    fn record_decision(&mut self, now: Now, decision: Decision) {
        append(&mut self.record, self.token, now.wall, &self.facts, &decision);
        apply(&mut self.state, &decision);
        self.facts.accrued = self.state.accrued;
        self.facts.drain.clone_from(&self.state.drain);
        self.facts.high_water = self.state.high_water;
        self.facts.rejected = None;
        self.waiting = None;
        if let Decision::Enter { stage, .. } = decision
            && has_effect(stage)
        {
            self.entered = now.elapsed;
        }
        if let Decision::Rollback { .. } = decision {
            self.hook = None;
            self.writes.turn();
            self.last_away = None;
            self.counting = Counting::default();
            self.gone_since = None;
            self.facts.gone = false;
            self.entered = now.elapsed;
            self.lower_now(now);
        }
        if decision == Decision::Commit {
            self.entered = now.elapsed;
        }
        self.deciding = Some(decision);
        self.put_record();
    }

    fn hold(&mut self, now: Now, reason: &HoldReason) {
        let news = self.waiting.as_ref() != Some(reason);
        let checkpoint = self.record.header.limits.checkpoint;
        let due = now.elapsed.since(self.checkpointed) >= checkpoint;
        if news {
            self.tell(now, EventKind::Holding { reason: reason.clone() });
            if let HoldReason::Drift { what } = reason {
                self.tell(now, EventKind::Drift { what: what.clone() });
            }
        }
        self.waiting = Some(reason.clone());
        if *reason == HoldReason::Waiting {
            self.cycle = Cycle::Idle(self.next_look(now));
        }
        if (news && is_telling(reason)) || due {
            let decision = Decision::Hold { reason: reason.clone() };
            append(&mut self.record, self.token, now.wall, &self.facts, &decision);
            if let Decision::Hold { reason } = &decision {
                self.accrue_hold(reason);
            }
            self.checkpointed = now.elapsed;
            self.deciding = Some(decision);
            self.put_record();
        } else {
            self.write(now, reason);
        }
        // Counted after the entry, which must hold what the decision was made from.
        self.accrue_hold(reason);
    }
}

/// Whether entering a stage makes earlier evidence worthless: something changes, or time is counted.
const fn has_effect(stage: Stage) -> bool {
    match stage {
        Stage::ScaleUp
        | Stage::TestTrafficShift
        | Stage::ProductionTrafficShift
        | Stage::Bake
        | Stage::CleanUp => true,
        Stage::Reconcile
        | Stage::PreScaleUp
        | Stage::PostScaleUp
        | Stage::PostTestTrafficShift
        | Stage::PreProductionTrafficShift
        | Stage::PostProductionTrafficShift => false,
    }
}

/// Whether a new hold of this kind is worth an entry of its own.
const fn is_telling(reason: &HoldReason) -> bool {
    !matches!(
        reason,
        HoldReason::Waiting | HoldReason::Settling | HoldReason::Draining | HoldReason::Propagating
    )
}
