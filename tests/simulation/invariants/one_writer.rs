//! Rule 8 (design, section 4; reliability S9, F-06, F-09, F-43): one writer for a service. Whoever has
//! taken over is the only one to write from then on, and no write is sent to a resource while an earlier
//! one to it may still take effect, unless it only lowers the candidate's weight.

use cutover::adapters::sim::Actor;
use cutover::adapters::sim::Call;
use cutover::adapters::sim::LedgerEntry;
use cutover::adapters::sim::World;
use cutover::model::Intent;

use crate::history::History;
use crate::history::Known;
use crate::history::Millis;
use crate::history::Write;

use super::Invariant;
use super::rule_write::RuleWrite;

/// A process and how often it has begun or taken up the deployment. One that lost its lease and found
/// it free again later is another writer than before: whoever drove in between has been taken over.
type Writer = (Actor, usize);

/// One writer, and one un-settled write for each resource.
#[derive(Debug, Default)]
pub(crate) struct OneWriter {
    ledger: usize,
    writers: Vec<Writer>,
    writes: usize,
}

impl Invariant for OneWriter {
    fn rule(&self) -> &'static str {
        "rule 8: one writer, and one un-settled write for each resource"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        while let Some(entry) = world.ledger().get(self.ledger) {
            self.ledger += 1;
            if !entry.actor.is_ours() {
                continue;
            }
            let sent = entry.sent_at.as_millis();
            let writer = (entry.actor.clone(), history.begun(entry.actor.name(), sent));
            if self.writers.last() != Some(&writer) {
                if self.writers.contains(&writer) {
                    return Err(format!("{} writes again after it was taken over", entry.actor));
                }
                self.writers.push(writer);
            }
        }
        while let Some(write) = history.writes.get(self.writes) {
            unsettled(history, &history.writes[..self.writes], write)?;
            self.writes += 1;
        }
        Ok(())
    }

    fn finish(&mut self, world: &World, history: &History) -> Result<(), String> {
        self.check(world, history)?;
        let ours: Vec<&LedgerEntry> =
            world.ledger().iter().filter(|entry| entry.actor.is_ours()).collect();
        for (index, entry) in ours.iter().enumerate() {
            let Some(effect) = entry.effective_at else { continue };
            let overtaken = ours[index + 1..].iter().find(|later| {
                later.sent_at < effect
                    && target(&later.call).is_some()
                    && target(&later.call) == target(&entry.call)
            });
            if let Some(later) = overtaken.filter(|later| !lowers(&later.call, &entry.call, world))
            {
                return Err(format!(
                    "{:?} is sent at {} ms while {:?} of {} ms takes effect only at {} ms",
                    later.call,
                    later.sent_at.as_millis(),
                    entry.call,
                    entry.sent_at.as_millis(),
                    effect.as_millis()
                ));
            }
        }
        Ok(())
    }
}

/// The one thing that a call changes.
fn target(call: &Call) -> Option<String> {
    match call {
        Call::UpdateTaskSet { task_set, .. } | Call::DeleteTaskSet { task_set, .. } => {
            Some(task_set.to_string())
        }
        Call::UpdateServicePrimaryTaskSet { .. } | Call::UpdateService { .. } => {
            Some("service".to_owned())
        }
        // a mark in a rule's tags says who writes, and moves nothing
        _ => RuleWrite::of(call).map(|write| write.rule.to_string()),
    }
}

/// Whether a rule write gives the candidate nothing or little, or no more than the one before it that is
/// still on its way: such a write waits for nobody. A turn back begins with it, and a roll's turn back
/// may begin well above the half; whichever of the two comes in last, the candidate has no more than
/// was decided before.
fn lowers(call: &Call, open: &Call, world: &World) -> bool {
    let (Some(write), Some(open)) = (RuleWrite::of(call), RuleWrite::of(open)) else {
        return false;
    };
    let Some(green) = world.state().groups.get(1) else { return true };
    let share = write.permille(&green.arn);
    share < 500 || share <= open.permille(&green.arn)
}

fn unsettled(history: &History, before: &[Write], write: &Write) -> Result<(), String> {
    let resource = write.intent.resource();
    if let Intent::Shift { weight } = &write.intent {
        let now = &history.samples[write.sample];
        let highest = now.control(cutover::model::Role::Candidate);
        let intended = before.iter().rev().find_map(|earlier| match &earlier.intent {
            Intent::Shift { weight } => Some(weight.as_permille()),
            _ => None,
        });
        if weight.as_permille() <= highest.max(intended.unwrap_or(0)) {
            return Ok(());
        }
    }
    let open = |earlier: &&Write| {
        let age: Millis = write.sent - earlier.sent;
        let unknown = matches!(earlier.answered, None | Some((_, Known::Unknown)));
        earlier.intent.resource() == resource && unknown && age < history.terms.settle
    };
    if let Some(earlier) = before.iter().rev().find(open) {
        return Err(format!(
            "process {} sends {:?} at {} ms although {:?} of {} ms is not settled",
            write.process, write.intent, write.sent, earlier.intent, earlier.sent
        ));
    }
    Ok(())
}
