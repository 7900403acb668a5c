//! Where a deployment is, as its durable record says.

use cutover::model::Decision;
use cutover::model::Direction;

/// What a durable record says about where the deployment is.
pub(crate) struct Recorded {
    pub step: usize,
    pub direction: Direction,
    pub committed: bool,
    /// The candidate's weight as it was last read back.
    pub weight: u16,
}

/// Folds the decisions of a durable record by their meaning alone.
pub(crate) fn recorded(body: &[u8]) -> Option<Recorded> {
    let record = cutover::record::decode(body).ok()?;
    let snapshot = &record.snapshot;
    let mut seen = Recorded {
        step: snapshot.step,
        direction: snapshot.direction,
        committed: snapshot.committed,
        weight: snapshot.weight.as_permille(),
    };
    for entry in &record.entries {
        seen.weight = entry.facts.weight.as_permille();
        match &entry.decision {
            Decision::Enter { step, .. } => seen.step = *step,
            Decision::Rollback { .. } => seen.direction = Direction::Rollback,
            Decision::Commit => seen.committed = true,
            _ => {}
        }
    }
    Some(seen)
}
