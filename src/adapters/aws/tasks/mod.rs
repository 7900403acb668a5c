//! The tasks and targets of a service, counted for whoever holds them.

mod counting;
mod holder;
mod kept;
mod running;
mod stopped;
mod tally;
mod target;

pub(super) use counting::{Counting, REUSES};
pub(super) use holder::Holder;
pub(super) use stopped::kinds;
pub(super) use tally::Tally;
