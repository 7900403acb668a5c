//! Which weight was in force when.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::model::Timestamp;
use crate::model::Weight;

/// Changes that are remembered: periods are judged minutes later.
const KNOWN: usize = 8;

/// How long the load balancer and our own looks may lag behind a change.
const SLACK: Duration = Duration::from_mins(2);

/// The weights that were read, each with AWS's time of the first look that saw it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Weights(VecDeque<(Timestamp, Option<Weight>)>);

impl Weights {
    /// Notes what was read now; none where rules differ, or nothing could be read.
    pub(super) fn note(&mut self, at: Timestamp, weight: Option<Weight>) {
        if self.0.back().is_none_or(|(_, known)| *known != weight) {
            self.0.push_back((at, weight));
        }
        while self.0.len() > KNOWN {
            self.0.pop_front();
        }
    }

    /// The weight that was in force throughout a period, if it is known and nothing changed near it.
    pub(super) fn throughout(&self, from: Timestamp, to: Timestamp) -> Option<Weight> {
        let set = self.0.iter().rposition(|(at, _)| at.after(SLACK) <= from)?;
        let calm = self.0.get(set + 1).is_none_or(|(next, _)| *next >= to.after(SLACK));
        self.0.get(set).filter(|_| calm).and_then(|(_, weight)| *weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_counts_for_periods_that_lie_wholly_within_it() {
        let minute = |at: u64| Timestamp::from_millis(at * 60_000);
        let weight = |percent| Weight::percent(percent).ok();
        let mut weights = Weights::default();
        for (at, percent) in [(10, 5), (11, 5), (20, 25)] {
            weights.note(minute(at), weight(percent));
        }
        let of = |at: u64| weights.throughout(minute(at), minute(at + 1));
        assert_eq!([of(9), of(11), of(12), of(17)], [None, None, weight(5), weight(5)]);
        assert_eq!([of(18), of(20), of(21), of(22)], [None, None, None, weight(25)]);
    }
}
