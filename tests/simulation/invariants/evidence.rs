//! Rule 5 (design, section 4; reliability S11, S12): no step forward without evidence that was gathered
//! after the previous one: the fleet, and the alarms where an alarm may stop the deployment.

use cutover::adapters::sim::World;
use cutover::model::Intent;

use crate::history::Answer;
use crate::history::History;
use crate::history::Write;

use super::Invariant;

/// Between two raises of the candidate's weight somebody looked.
#[derive(Debug, Default)]
pub(crate) struct FreshEvidence {
    seen: usize,
    /// The last raise: the highest weight so far and when it was sent.
    last: Option<(u16, u64)>,
}

impl FreshEvidence {
    fn raise(&self, history: &History, write: &Write, weight: u16) -> Result<(), String> {
        let Some((before, sent)) = self.last else { return Ok(()) };
        let looked = |wanted: &dyn Fn(Answer) -> bool| {
            let mut reads = history.reads.iter().rev().take_while(|read| read.began >= sent);
            reads.any(|read| {
                read.process == write.process && read.began <= write.sent && wanted(read.answer)
            })
        };
        let fleet = looked(&|answer| matches!(answer, Answer::Fleet { .. }));
        // where every policy says `continue`, to have asked in vain is enough
        let strict = history.terms.alarms.iter().any(|alarm| alarm.strict);
        let alarms = history.terms.alarms.is_empty()
            || looked(&|answer| answer == Answer::Alarms || answer == Answer::Failed && !strict);
        if fleet && alarms {
            return Ok(());
        }
        let missing = if fleet { "the alarms" } else { "the fleet" };
        Err(format!(
            "process {} goes from {before} to {weight} per mille at {} ms without a look at {missing} \
             since {sent} ms",
            write.process, write.sent
        ))
    }
}

impl Invariant for FreshEvidence {
    fn rule(&self) -> &'static str {
        "rule 5: no step forward without evidence gathered after the previous one"
    }

    fn check(&mut self, _world: &World, history: &History) -> Result<(), String> {
        while let Some(write) = history.writes.get(self.seen) {
            self.seen += 1;
            let Intent::Shift { weight } = &write.intent else { continue };
            let weight = weight.as_permille();
            if history.is_back(write.sent) || self.last.is_some_and(|(last, _)| weight <= last) {
                continue;
            }
            self.raise(history, write, weight)?;
            self.last = Some((weight, write.sent));
        }
        Ok(())
    }
}
