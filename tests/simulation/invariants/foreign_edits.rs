//! Rule 9 (design, section 4; reliability S13, S14, F-80): someone else's change is never silently
//! overwritten on the way forward, and what belongs to nobody of ours is not touched.

use cutover::adapters::sim::Call;
use cutover::adapters::sim::LedgerEntry;
use cutover::adapters::sim::World;
use cutover::model::ListenerRuleArn;

use crate::history::History;
use crate::history::Millis;

use super::Invariant;
use super::rule_write::RuleWrite;

/// Nobody else's edit is overwritten going forward.
#[derive(Debug, Default)]
pub(crate) struct ForeignEdits {
    seen: usize,
    /// A write that only takes traffic from the candidate may go out before the turn back is told; a
    /// turn back must follow. When it was sent, and what it did.
    lowered: Option<(Millis, String)>,
}

/// How long it may take until the turn back is told: as long as the store may be away.
const TOLD: Millis = 300_000;

fn writes(entry: &LedgerEntry, to: &ListenerRuleArn) -> Option<RuleWrite> {
    RuleWrite::of(&entry.call).filter(|write| write.rule == *to)
}

impl Invariant for ForeignEdits {
    fn rule(&self) -> &'static str {
        "rule 9: nobody else's change is overwritten going forward"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        let ledger = world.ledger();
        while let Some(entry) = ledger.get(self.seen) {
            let earlier = &ledger[..self.seen];
            self.seen += 1;
            if !entry.actor.is_ours() {
                continue;
            }
            not_ours(world, history, entry)?;
            let Some(RuleWrite { rule, .. }) = RuleWrite::of(&entry.call) else { continue };
            let sent = entry.sent_at.as_millis();
            if history.is_back(sent) {
                continue;
            }
            let seen_by_then = earlier.iter().rev().find(|of| {
                let known = |at: cutover::model::Elapsed| {
                    of.actor.is_ours() || at.as_millis() + history.terms.blind <= sent
                };
                writes(of, &rule).is_some() && of.effective_at.is_some_and(known)
            });
            let Some(last) = seen_by_then.filter(|last| !last.actor.is_ours()) else { continue };
            let Some(green) = world.state().groups.get(1) else { continue };
            let share = |of: &LedgerEntry| writes(of, &rule).map(|to| to.permille(&green.arn));
            let ours = earlier
                .iter()
                .rev()
                .find(|of| of.actor.is_ours() && of.effective_at.is_some() && share(of).is_some());
            let before = ours.and_then(share).unwrap_or(0);
            // Whoever takes it up from the record, after a crash or with a new lease, cannot tell an edit
            // back to what was once ours from ours. A roll's weights follow its capacity and are not
            // journaled one by one, so there it cannot tell any that is no lower than what is journaled.
            let once = earlier.iter().any(|of| of.actor.is_ours() && share(of) == share(last));
            let began = ours.map_or(0, |ours| ours.sent_at.as_millis());
            let seems_ours = |known: u16| match history.terms.roll {
                Some(_) => share(last) >= Some(known.into()),
                None => once || share(last) == Some(0),
            };
            let lost =
                history.taken_up.iter().any(|(at, known)| *at >= began && seems_ours(*known));
            if share(last) == Some(before) || lost {
                continue;
            }
            let what = format!(
                "{} overwrites at {sent} ms what {} had written at {} ms",
                entry.actor,
                last.actor,
                last.sent_at.as_millis()
            );
            if share(entry) >= share(last) {
                return Err(what);
            }
            self.lowered.get_or_insert((sent, what));
        }
        match &self.lowered {
            Some((sent, what)) if history.now > sent + TOLD && !history.is_back(sent + TOLD) => {
                Err(what.clone())
            }
            _ => Ok(()),
        }
    }
}

/// A write to a task set that is neither role.
fn not_ours(world: &World, history: &History, entry: &LedgerEntry) -> Result<(), String> {
    let (Call::UpdateTaskSet { task_set, .. } | Call::DeleteTaskSet { task_set, .. }) = &entry.call
    else {
        return Ok(());
    };
    let found = world.state().home().sets.iter().find(|set| set.id == *task_set);
    match found {
        Some(set) if history.role_of(&set.revision).is_none() => {
            Err(format!("{} writes to someone else's task set {}", entry.actor, set.id))
        }
        _ => Ok(()),
    }
}
