//! The world as it was, for stale reads.

use std::collections::VecDeque;
use std::time::Duration;

use super::state::State;
use crate::model::Elapsed;

/// How far apart two snapshots are at least.
const APART: Duration = Duration::from_secs(1);

/// Snapshots of the world, each with the time until which it held.
#[derive(Debug, Default)]
pub(super) struct History {
    /// How far back reads may look; none where no read ever is stale, and nothing is kept.
    reach: Option<Duration>,
    snapshots: VecDeque<(Elapsed, State)>,
}

impl History {
    pub(super) fn reaching(reach: Option<Duration>) -> Self {
        Self { reach, ..Self::default() }
    }

    /// Keeps the world as it is, just before it changes.
    pub(super) fn keep(&mut self, now: Elapsed, state: &State) {
        let Some(reach) = self.reach else { return };
        if self.snapshots.back().is_some_and(|(until, _)| now.since(*until) < APART) {
            return;
        }
        while self.snapshots.front().is_some_and(|(until, _)| now.since(*until) > reach) {
            self.snapshots.pop_front();
        }
        self.snapshots.push_back((now, state.clone()));
    }

    /// The world as it was at this time; none if that is how it is now.
    pub(super) fn at(&self, at: Elapsed) -> Option<&State> {
        let first = self.snapshots.partition_point(|(until, _)| *until <= at);
        self.snapshots.get(first).map(|(_, state)| state)
    }
}
