//! Rule 7 (design, section 4; reliability S7, L4): a terminal status agrees with the world, and nothing
//! is written after it.

use cutover::adapters::sim::World;
use cutover::model::Ending;
use cutover::model::Leftover;
use cutover::model::Role;
use cutover::model::StopReason;

use crate::history::History;
use crate::truth::Sample;

use super::Invariant;

/// The end is what it says.
#[derive(Debug, Default)]
pub(crate) struct Terminal {
    seen: usize,
    committed: bool,
}

impl Invariant for Terminal {
    fn rule(&self) -> &'static str {
        "rule 7: a terminal status agrees with the world, and nothing is written after it"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        if history.committed.is_some() && !self.committed {
            self.committed = true;
            serves(history)?;
        }
        let Some(ended) = history.ended else {
            self.seen = world.ledger().len();
            return Ok(());
        };
        while let Some(entry) = world.ledger().get(self.seen) {
            self.seen += 1;
            if entry.actor.is_ours() && entry.sent_at.as_millis() > ended {
                return Err(format!("{} sends {:?} after the ending", entry.actor, entry.call));
            }
        }
        Ok(())
    }

    fn finish(&mut self, world: &World, history: &History) -> Result<(), String> {
        self.check(world, history)?;
        let (Some(ended), Some(ending)) = (history.ended, &history.ending) else { return Ok(()) };
        let ours = || world.ledger().iter().filter(|entry| entry.actor.is_ours());
        if let Some(late) = ours().find(|entry| {
            entry.effective_at.is_some_and(|at| at.as_millis() > ended) && entry.error.is_none()
        }) {
            return Err(format!(
                "a write of {} takes effect after the ending",
                late.sent_at.as_millis()
            ));
        }
        let untouched = StopReason::Operator;
        if let Ending::Stopped { reason, .. } = ending {
            let none = *reason == untouched || *reason == StopReason::Refused;
            if none && ours().any(|entry| entry.effective_at.is_some()) {
                return Err(format!("{reason:?} says that nothing was changed, but something was"));
            }
            return Ok(());
        }
        // what others did since the last look, or since there was no way back, is not ours to answer for
        let since = history.committed.unwrap_or(ended).min(ended);
        let from = since.saturating_sub(history.terms.blind + history.terms.settle);
        if history.terms.actions.iter().any(|at| *at >= from) {
            return Ok(());
        }
        agrees(ending, history)
    }
}

fn serves(history: &History) -> Result<(), String> {
    let basis = history.basis(history.now);
    let desired = basis.iter().map(|sample| sample.desired).min().unwrap_or(0);
    let needed = if desired == 0 { 0 } else { history.terms.needed(1000, desired) };
    if basis.iter().any(|sample| sample.role(Role::Candidate).healthy >= needed) {
        return Ok(());
    }
    Err(format!("committed although the candidate never had {needed} healthy targets lately"))
}

fn all_at(sample: &Sample, permille: u16) -> bool {
    sample.rules().all(|rule| rule.control[1] == permille)
}

fn agrees(ending: &Ending, history: &History) -> Result<(), String> {
    let now = history.truth();
    let terms = &history.terms;
    let first = history.is_first();
    let routed = terms.router && !first && !terms.delegated;
    let listed = |leftovers: &[Leftover]| !leftovers.is_empty();
    match ending {
        Ending::Successful { leftovers } => {
            if routed && !all_at(now, 1000) {
                return Err(format!("successful, but the rules say {:?}", now.rules));
            }
            if !now.role(Role::Stable).is_gone() && !listed(leftovers) {
                return Err("successful, but stable is still there and not listed".to_owned());
            }
            if now.role(Role::Candidate).is_gone() {
                return Err("successful, but there is no candidate".to_owned());
            }
        }
        Ending::RollbackSuccessful { leftovers } => {
            if routed && !all_at(now, 0) {
                return Err(format!("rolled back, but the rules say {:?}", now.rules));
            }
            let stable = now.role(Role::Stable);
            if !first && stable.target != now.desired {
                return Err(format!(
                    "rolled back, but stable has {} tasks for {} desired",
                    stable.target, now.desired
                ));
            }
            if !now.role(Role::Candidate).is_gone() && !listed(leftovers) {
                return Err(
                    "rolled back, but the candidate is still there and not listed".to_owned()
                );
            }
        }
        Ending::RollbackFailed { remaining } if remaining.is_empty() => {
            return Err("the rollback failed, but nothing remains to be done".to_owned());
        }
        _ => {}
    }
    Ok(())
}
