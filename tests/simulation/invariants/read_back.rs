//! Rule 1, second half (design, section 4; reliability S2, F-20): a weight counts as set only when it
//! has been read back from all rules after it was sent.

use cutover::adapters::sim::World;
use cutover::model::Direction;
use cutover::model::EventKind;
use cutover::model::Intent;
use cutover::model::Plan;
use cutover::model::Stage;
use cutover::model::Step;

use crate::history::Answer;
use crate::history::History;
use crate::history::Told;

use super::Invariant;

/// A shift step is left only after a read that shows its weight in every rule.
#[derive(Debug, Default)]
pub(crate) struct ReadBack {
    seen: usize,
}

/// The weight that a step of a plan wants, where the step is a shift.
fn shift_of(plan: &Plan, step: usize) -> Option<u16> {
    match plan.steps.get(step) {
        Some(Step::Shift { weight }) => Some(weight.as_permille()),
        _ => None,
    }
}

fn check(told: &Told, wanted: u16, history: &History) -> Result<(), String> {
    let shifts = history.writes.iter().rev();
    let sent = shifts
        // a lower weight may go out while the step's own entry is still being written
        .filter(|write| matches!(write.intent, Intent::Shift { weight } if weight.as_permille() == wanted))
        .filter(|write| write.sent <= told.at)
        .map(|write| write.sent)
        .next()
        .unwrap_or(0);
    let mut reads = history.reads.iter().rev().take_while(|read| read.began >= sent);
    if reads.any(|read| read.answer == (Answer::Router { weight: Some(wanted) })) {
        return Ok(());
    }
    Err(format!("the step counts {wanted} per mille as set, but no read since the write shows it"))
}

impl Invariant for ReadBack {
    fn rule(&self) -> &'static str {
        "rule 1: a weight counts as set when it was read back from all rules"
    }

    fn check(&mut self, _world: &World, history: &History) -> Result<(), String> {
        while let Some(told) = history.told.get(self.seen) {
            self.seen += 1;
            let EventKind::Stage {
                direction: Direction::Forward,
                step,
                stage: Stage::PostProductionTrafficShift,
            } = &told.event.kind
            else {
                continue;
            };
            let wanted = history.plan.as_ref().and_then(|plan| shift_of(plan, *step));
            if let Some(wanted) = wanted {
                check(told, wanted, history)?;
            }
        }
        Ok(())
    }
}
