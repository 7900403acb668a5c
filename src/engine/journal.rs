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
    if record.entries.len() > MOST_ENTRIES {
        let oldest = record.entries.remove(0);
        let before = record.folded.map_or(0, |folded| folded.entries);
        record.folded = Some(Folded::new(before.saturating_add(1), oldest.last));
        remember(&mut record.snapshot, &oldest.facts);
        apply(&mut record.snapshot, &oldest.decision);
    }
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
