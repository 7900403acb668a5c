//! Rule 6 (design, section 4; reliability S6, F-142): once a deployment goes back it goes back: the
//! candidate's weights that are sent never grow again, nothing forward is entered, nothing is committed.

use cutover::adapters::sim::World;
use cutover::model::Direction;
use cutover::model::EventKind;
use cutover::model::Intent;

use crate::history::History;
use crate::history::Known;
use crate::history::Write;

use super::Invariant;

/// A rollback is never left again.
#[derive(Debug, Default)]
pub(crate) struct Sticky {
    writes: usize,
    told: usize,
    /// The weights that were sent and not refused, as indices into the history's writes.
    own: Vec<usize>,
}

fn weight_of(write: &Write) -> Option<u16> {
    match &write.intent {
        Intent::Shift { weight } => Some(weight.as_permille()),
        _ => None,
    }
}

impl Invariant for Sticky {
    fn rule(&self) -> &'static str {
        "rule 6: a rollback is sticky"
    }

    fn check(&mut self, _world: &World, history: &History) -> Result<(), String> {
        while let Some(write) = history.writes.get(self.writes) {
            self.writes += 1;
            let back = history.rollback.is_some_and(|since| since < write.sent);
            match &write.intent {
                Intent::Shift { weight } => {
                    let weight = weight.as_permille();
                    let now =
                        history.samples[write.sample].control(cutover::model::Role::Candidate);
                    // whoever takes over knows what the rules say, not what was sent in vain; what was
                    // surely refused was never sent
                    let refused = |index: &usize| {
                        let answer = &history.writes[*index].answered;
                        matches!(answer, Some((at, Known::Rejected)) if *at <= write.sent)
                    };
                    self.own.retain(|index| !refused(index));
                    let own = self.own.iter().rev().map(|index| &history.writes[*index]);
                    let own = own.filter(|own| own.process == write.process);
                    let last = own.map(|own| (own.sent, weight_of(own))).next();
                    // what was sent long ago is there, and what someone else made of it is lowered
                    let limit = match last {
                        Some((sent, Some(own))) if sent + history.terms.settle <= write.sent => {
                            own.max(now)
                        }
                        Some((_, Some(own))) => own,
                        _ => now,
                    };
                    if back && weight > limit {
                        return Err(format!(
                            "process {} raises the candidate from {limit} to {weight} per mille at {} ms",
                            write.process, write.sent
                        ));
                    }
                    // the first write back goes out before the turn back is told
                    self.own.push(self.writes - 1);
                }
                Intent::Launch { .. } | Intent::Promote | Intent::Delegate { .. } if back => {
                    let own = matches!(&write.intent, Intent::Delegate { revision, .. }
                        if Some(revision) == history.stable.as_ref());
                    if !own {
                        return Err(format!("{:?} is sent on the way back", write.intent));
                    }
                }
                _ => {}
            }
        }
        while let Some(told) = history.told.get(self.told) {
            self.told += 1;
            let back = history.rollback.is_some_and(|since| since < told.at);
            let forward = match &told.event.kind {
                EventKind::Stage { direction, .. } => *direction == Direction::Forward,
                EventKind::Committed => true,
                _ => false,
            };
            if back && forward {
                return Err(format!("{:?} after the deployment turned back", told.event.kind));
            }
        }
        Ok(())
    }
}
