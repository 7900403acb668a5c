//! Which writes may still take effect. One un-settled write a resource; an unknown outcome settles
//! before it is judged.

use std::time::Duration;

use crate::model::Elapsed;
use crate::model::Intent;
use crate::model::Outcome;
use crate::model::Resource;
use crate::model::Role;

const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LONGEST_BACKOFF: Duration = Duration::from_mins(1);

#[derive(Debug, Default)]
struct Slot {
    /// The writes under way: their numbers and what they ask. More than one only where a lower weight
    /// has overtaken a higher one that has not answered.
    in_flight: Vec<(u64, Intent)>,
    /// Until when a write with an unknown outcome may still take effect.
    unknown_until: Option<Elapsed>,
    /// The last write that was acknowledged, and when.
    acknowledged: Option<(Intent, Elapsed)>,
    /// The most tasks that were asked for lately, and until when a read may not show them.
    asked: Option<(u32, Elapsed)>,
    /// Not to be tried again before.
    retry_at: Elapsed,
    /// Refusals in a row.
    refusals: u32,
}

/// What is known of this process's writes, by resource.
#[derive(Debug)]
pub(super) struct Writes {
    slots: [Slot; Resource::ALL.len()],
    settle: Duration,
    last_seq: u64,
    /// Up to this number writes were sent before the deployment turned back.
    turned: u64,
    /// Until when a read may not show those of them that were acknowledged.
    hidden_until: Option<Elapsed>,
}

fn index(resource: Resource) -> usize {
    Resource::ALL.iter().position(|known| *known == resource).unwrap_or_default()
}

impl Writes {
    /// Nothing was written by this process. With `inherited`, another one may have: everything it
    /// may have sent settles first.
    pub(super) fn new(settle: Duration, inherited: Option<Elapsed>) -> Self {
        let slot =
            || Slot { unknown_until: inherited.map(|now| now.after(settle)), ..Slot::default() };
        let slots = std::array::from_fn(|_| slot());
        Self { slots, settle, last_seq: 0, turned: 0, hidden_until: None }
    }

    /// The deployment turns back. What was sent before must be seen before it can be undone, and a
    /// read may be too old to show it although it was acknowledged.
    pub(super) fn turn(&mut self) {
        self.turned = self.last_seq;
        let acknowledged = self.slots.iter().filter_map(|slot| slot.acknowledged.as_ref());
        self.hidden_until = acknowledged.map(|(_, at)| at.after(self.settle)).max();
    }

    fn slot(&mut self, resource: Resource) -> Option<&mut Slot> {
        self.slots.get_mut(index(resource))
    }

    /// Whether this write must wait. A write that only takes exposure away does not wait for a
    /// settle, only for its own twin.
    pub(super) fn must_wait(&self, intent: &Intent, lowers: bool, now: Elapsed) -> bool {
        let Some(slot) = self.slots.get(index(intent.resource())) else {
            return true;
        };
        let twin = slot.in_flight.iter().any(|(_, sent)| sent == intent);
        let under_way = !slot.in_flight.is_empty() && (!lowers || twin);
        let unknown = slot.unknown_until.is_some_and(|until| until > now) && !lowers;
        // A read that does not show an acknowledged write yet is no reason to send it again.
        let just_done = slot
            .acknowledged
            .as_ref()
            .is_some_and(|(done, at)| done == intent && at.after(self.settle) > now && !lowers);
        under_way || unknown || just_done || slot.retry_at > now
    }

    /// Numbers a write that is sent now.
    pub(super) fn send(&mut self, intent: &Intent, now: Elapsed) -> u64 {
        self.last_seq += 1;
        let (seq, settle) = (self.last_seq, self.settle);
        if let Some(slot) = self.slot(intent.resource()) {
            slot.in_flight.push((seq, intent.clone()));
            if let Intent::Launch { tasks } | Intent::Scale { tasks, .. } = intent {
                let earlier = slot.asked.filter(|(_, until)| *until > now).map(|(tasks, _)| tasks);
                let until = now.after(settle.saturating_mul(2));
                slot.asked = Some((earlier.unwrap_or_default().max(*tasks), until));
            }
        }
        seq
    }

    /// Takes a write's outcome; answers what it was, and why it was refused for good if it was.
    pub(super) fn done(
        &mut self,
        seq: u64,
        outcome: &Outcome,
        now: Elapsed,
    ) -> Option<(Intent, Option<String>)> {
        let settle = self.settle;
        let (slot, index) = self.slots.iter_mut().find_map(|slot| {
            let index = slot.in_flight.iter().position(|(sent, _)| *sent == seq)?;
            Some((slot, index))
        })?;
        let (_, intent) = slot.in_flight.swap_remove(index);
        let mut refused = None;
        match outcome {
            Outcome::Applied | Outcome::Delegated(_) => {
                if seq <= self.turned {
                    self.hidden_until = self.hidden_until.max(Some(now.after(settle)));
                }
                slot.acknowledged = Some((intent.clone(), now));
                slot.refusals = 0;
            }
            Outcome::Unknown(_) => {
                slot.unknown_until = slot.unknown_until.max(Some(now.after(settle)));
            }
            Outcome::Rejected(failure) => {
                let doubled = 2_u32.saturating_pow(slot.refusals.min(16));
                let wait = FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF);
                slot.retry_at = now.after(wait);
                slot.refusals = slot.refusals.saturating_add(1);
                refused = failure.lasting.then(|| failure.message.clone());
            }
        }
        Some((intent, refused))
    }

    /// Whether no write may still take effect, nor one from before the turn still be hidden.
    pub(super) fn settled(&self, now: Elapsed) -> bool {
        let seen = self.hidden_until.is_none_or(|until| until <= now);
        seen && self.slots.iter().all(|slot| {
            slot.in_flight.is_empty() && slot.unknown_until.is_none_or(|until| until <= now)
        })
    }

    /// Whether a read of the production rules may not show yet what was acknowledged, or may come.
    pub(super) fn catching_up(&self, now: Elapsed) -> bool {
        self.slots.get(index(Resource::Rules)).is_none_or(|slot| {
            let acknowledged = slot.acknowledged.as_ref();
            let unknown = slot.unknown_until.is_some_and(|until| until > now);
            let young = acknowledged.is_some_and(|(_, at)| at.after(self.settle) > now);
            !slot.in_flight.is_empty() || unknown || young
        })
    }

    /// The most tasks that a role may have by what was asked for lately, whatever a read shows.
    pub(super) fn asked(&self, role: Role, now: Elapsed) -> u32 {
        let slot = self.slots.get(index(Resource::Tasks(role)));
        let asked = slot.and_then(|slot| slot.asked).filter(|(_, until)| *until > now);
        asked.map_or(0, |(tasks, _)| tasks)
    }

    /// How many tasks a role was left with by writes that a look sent at `seen` may not show; none
    /// where there was no such write.
    pub(super) fn left(&self, role: Role, seen: Elapsed) -> Option<u32> {
        let slot = self.slots.get(index(Resource::Tasks(role)))?;
        let under_way = slot.in_flight.iter().map(|(_, intent)| intent);
        let done = slot.acknowledged.as_ref().filter(|(_, at)| *at >= seen);
        let intents = under_way.chain(done.map(|(intent, _)| intent));
        intents
            .map(|intent| if let Intent::Scale { tasks, .. } = intent { *tasks } else { 0 })
            .min()
    }

    /// Whether a call has not answered yet.
    pub(super) fn under_way(&self) -> bool {
        self.slots.iter().any(|slot| !slot.in_flight.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CallFailure;
    use crate::model::Weight;

    const SETTLE: Duration = Duration::from_secs(90);

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    fn shift(percent: u32) -> Intent {
        Intent::Shift { weight: Weight::percent(percent).unwrap() }
    }

    fn failure() -> CallFailure {
        CallFailure { message: "timeout".to_owned(), lasting: false }
    }

    #[test]
    fn an_unknown_outcome_settles_before_the_next_write_but_not_before_a_lower_one() {
        let mut writes = Writes::new(SETTLE, None);
        let seq = writes.send(&shift(10), at(0));
        writes.done(seq, &Outcome::Unknown(failure()), at(5)).unwrap();
        assert!(!writes.settled(at(94)));
        assert!(writes.must_wait(&shift(10), false, at(94)));
        assert!(!writes.must_wait(&shift(0), true, at(6)));
        assert!(writes.settled(at(95)));
        assert!(!writes.must_wait(&shift(10), false, at(95)));
    }

    #[test]
    fn a_higher_weight_that_was_overtaken_still_has_to_settle() {
        let mut writes = Writes::new(SETTLE, None);
        let higher = writes.send(&shift(10), at(0));
        assert!(!writes.must_wait(&shift(0), true, at(1)));
        let lower = writes.send(&shift(0), at(0));
        writes.done(lower, &Outcome::Applied, at(2)).unwrap();
        assert!(!writes.settled(at(2)), "the higher one has not answered");
        writes.done(higher, &Outcome::Unknown(failure()), at(20)).unwrap();
        assert!(!writes.settled(at(109)));
        assert!(writes.settled(at(110)));
    }

    #[test]
    fn what_a_dead_process_may_have_sent_settles_first() {
        let writes = Writes::new(SETTLE, Some(at(100)));
        assert!(!writes.settled(at(189)));
        assert!(writes.settled(at(190)));
    }

    #[test]
    fn refusals_are_tried_again_later_and_later() {
        let mut writes = Writes::new(SETTLE, None);
        let mut waits = Vec::new();
        let mut now = at(0);
        for _ in 0..8 {
            let seq = writes.send(&shift(10), at(0));
            writes.done(seq, &Outcome::Rejected(failure()), now).unwrap();
            let mut waited = 0;
            while writes.must_wait(&shift(10), false, now) {
                now = now.after(Duration::from_secs(1));
                waited += 1;
            }
            waits.push(waited);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
    }
}
