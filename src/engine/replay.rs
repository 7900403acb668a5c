//! Making every decision of a record again, from what it was made from.

use crate::model::Decision;
use crate::model::Record;

use super::apply::apply;
use super::apply::remember;
use super::decide::decide;

/// A decision that is made differently now: the record, or this version of the crate, is not what it
/// says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {index} says {recorded:?}, but its own facts lead to {decided:?}")]
#[non_exhaustive]
pub struct Divergence {
    /// Which entry, from 0.
    pub index: usize,
    /// What was recorded.
    pub recorded: Box<Decision>,
    /// What is decided now.
    pub decided: Box<Decision>,
}

/// Decides every entry again. Answers how many agreed.
pub fn replay(record: &Record) -> Result<usize, Divergence> {
    let mut state = record.snapshot.clone();
    for (index, entry) in record.entries.iter().enumerate() {
        remember(&mut state, &entry.facts);
        let decided = decide(&record.header, &state, &entry.facts);
        if decided != entry.decision {
            let recorded = Box::new(entry.decision.clone());
            return Err(Divergence { index, recorded, decided: Box::new(decided) });
        }
        apply(&mut state, &entry.decision);
    }
    Ok(record.entries.len())
}
