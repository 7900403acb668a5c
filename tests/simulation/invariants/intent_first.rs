//! Intent before effect (reliability S10, F-61, F-62): a durable record exists before the first write,
//! and it stands at a step that asks for at least the weight that is sent.

use cutover::adapters::sim::World;
use cutover::model::Intent;

use crate::history::History;
use crate::recorded::recorded;

use super::Invariant;

/// Nothing is sent that no durable decision asks for.
#[derive(Debug, Default)]
pub(crate) struct IntentFirst {
    ledger: usize,
    writes: usize,
}

impl Invariant for IntentFirst {
    fn rule(&self) -> &'static str {
        "intent before effect: what is sent was decided and stored before"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        while let Some(entry) = world.ledger().get(self.ledger) {
            self.ledger += 1;
            if entry.actor.is_ours() && history.stored.is_empty() {
                return Err(format!("{} writes before anything is durable", entry.actor));
            }
        }
        while let Some(write) = history.writes.get(self.writes) {
            self.writes += 1;
            let (Intent::Shift { weight }, Some(plan)) = (&write.intent, &history.plan) else {
                continue;
            };
            if history.is_back(write.sent) {
                continue;
            }
            let current = history.samples[write.sample].control(cutover::model::Role::Candidate);
            let Some(seen) = recorded(&history.body) else { continue };
            let allowed = plan.weight_after(seen.step);
            if *weight > allowed && weight.as_permille() > current {
                return Err(format!(
                    "process {} sends {weight} at {} ms, but the durable record stands at step {} with \
                     {allowed}",
                    write.process, write.sent, seen.step
                ));
            }
        }
        Ok(())
    }
}
