//! The record as it grows: decisions appended, equal holds collapsed, the oldest folded away.

use crate::model::Decision;
use crate::model::Entry;
use crate::model::Facts;
use crate::model::FencingToken;
use crate::model::Folded;
use crate::model::Record;
use crate::model::State;
use crate::model::Timestamp;

use super::apply::apply;
use super::apply::remember;

/// More entries than this are folded into the snapshot, oldest first, so that a record's size depends
/// on its spec and not on how long it runs.
const MOST_ENTRIES: usize = 128;

/// Entries that are larger than this together are folded too, in bytes: with its header a record stays
/// below 256 KiB.
const MOST_BYTES: usize = 200 * 1024;

/// So many entries stay in any case. Of three analyses with three metrics each, an entry has some 45 KiB.
const FEWEST_ENTRIES: usize = 2;

/// Adds a decision, or counts it where it repeats the last one.
pub(super) fn append(
    record: &mut Record,
    token: FencingToken,
    at: Timestamp,
    facts: &Facts,
    decision: &Decision,
) {
    let repeats = matches!(decision, Decision::Hold { .. });
    match record.entries.last_mut() {
        Some(last) if repeats && last.decision == *decision && last.token == token => {
            last.last = at;
            last.count = last.count.saturating_add(1);
            last.facts.clone_from(facts);
        }
        _ => record.entries.push(Entry::new(at, token, facts.clone(), decision.clone())),
    }
    let is_large = |entries: &[Entry]| {
        let bytes: usize = entries.iter().map(|entry| size(&entry.facts)).sum();
        entries.len() > MOST_ENTRIES || (entries.len() > FEWEST_ENTRIES && bytes > MOST_BYTES)
    };
    while is_large(&record.entries) {
        let oldest = record.entries.remove(0);
        let before = record.folded.map_or(0, |folded| folded.entries);
        record.folded = Some(Folded::new(before.saturating_add(1), oldest.last));
        remember(&mut record.snapshot, &oldest.facts);
        apply(&mut record.snapshot, &oldest.decision);
    }
}

/// About how many bytes the facts of an entry take: what differs from one to the next is counted, the
/// rest is guessed.
fn size(facts: &Facts) -> usize {
    let world = facts.observation.as_ref().map_or(0, |world| {
        let rules = world.router.as_ref().map_or(0, |router| router.rules.len());
        let roles = [&world.fleet.stable, &world.fleet.candidate];
        let failures = roles.into_iter().flatten().flat_map(|role| &role.failures);
        rules * 240 + failures.map(|failure| failure.reason.len() + 100).sum::<usize>()
    });
    let gates = facts.gates.iter().map(|reading| {
        let grounds = &reading.grounds;
        let kept = reading.before.0.len() + reading.memory.0.len() + grounds.input.0.len();
        // what is JSON within JSON is quoted
        200 + kept
            + kept / 4
            + 110 * grounds.measures.len()
            + grounds.turns.as_ref().map_or(0, String::len)
    });
    1_000 + world + gates.sum::<usize>()
}

/// The state after every decision of a record.
pub(super) fn fold(record: &Record) -> State {
    let mut state = record.snapshot.clone();
    for entry in &record.entries {
        remember(&mut state, &entry.facts);
        apply(&mut state, &entry.decision);
    }
    state
}
