//! How much of the load is the candidate's.

use crate::model::Observation;
use crate::model::RouterObservation;
use crate::model::Weight;

/// The candidate's share of the load: its weight, or, where nothing is weighted, everything once stable
/// has no tasks.
pub(super) fn load(world: &Observation) -> Weight {
    let weighted = world.router.as_ref().filter(|_| world.fleet.delegated.is_none());
    let replaced = world.fleet.stable.as_ref().is_none_or(|stable| stable.target == 0);
    let alone =
        if replaced && world.fleet.candidate.is_some() { Weight::FULL } else { Weight::ZERO };
    weighted.map_or(alone, RouterObservation::highest)
}
