//! A record gone through once more, decision by decision.

use crate::model::Direction;
use crate::model::GateId;
use crate::model::Record;
use crate::model::State;

use super::apply::apply;
use super::apply::remember;
use super::because::because;
use super::verdicts::watches;

/// Where a deployment was when an entry of its record was decided, and why it was.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// Where it was just before.
    pub state: State,
    /// The gates whose answers counted.
    pub watching: Vec<GateId>,
    /// Why it was decided so, in sentences without full stops.
    pub because: Vec<String>,
}

/// Goes through a record: a moment for each entry, and the state after the last one.
pub fn retrace(record: &Record) -> (Vec<Moment>, State) {
    let header = &record.header;
    let mut state = record.snapshot.clone();
    let moments = record.entries.iter().map(|entry| {
        remember(&mut state, &entry.facts);
        let because = because(header, &state, &entry.facts, &entry.decision);
        let forward = state.direction == Direction::Forward && !state.committed;
        let watching =
            header.plan.gates.iter().filter(|spec| forward && watches(header, &state, spec));
        let watching = watching.map(|spec| spec.id.clone()).collect();
        let moment = Moment { state: state.clone(), watching, because };
        apply(&mut state, &entry.decision);
        moment
    });
    let moments = moments.collect();
    (moments, state)
}
