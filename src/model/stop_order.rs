//! The switch that stops every deployment of a store.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::time::Timestamp;

/// One turn of the switch: who, when, and why or to let go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "operators build it")]
pub struct StopOrder {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why everything is to stop; none lets go.
    pub reason: Option<String>,
}

impl StopOrder {
    /// How many orders a store keeps at least.
    pub const KEPT: usize = 64;

    /// The order to stop that is in force, if one is: the last word counts.
    pub fn in_force(orders: &[Self]) -> Option<&Self> {
        orders.last().filter(|order| order.reason.is_some())
    }

    /// Adds an order to those that were given, and forgets the oldest beyond [`KEPT`](Self::KEPT).
    pub fn add(self, orders: &mut Vec<Self>) {
        orders.push(self);
        let over = orders.len().saturating_sub(Self::KEPT);
        orders.drain(..over);
    }
}

impl fmt::Display for StopOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, by, reason } = self;
        match reason {
            Some(reason) => write!(f, "stopped by {by} at {at}: {reason}"),
            None => write!(f, "let go by {by} at {at}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_word_counts_and_the_oldest_are_forgotten() {
        let order = |at, reason: Option<&str>| StopOrder {
            at: Timestamp::from_millis(at),
            by: "ann".to_owned(),
            reason: reason.map(str::to_owned),
        };
        let mut orders = Vec::new();
        assert_eq!(StopOrder::in_force(&orders), None);
        for at in 0..100 {
            order(at, Some("a fire")).add(&mut orders);
        }
        assert_eq!(orders.len(), StopOrder::KEPT);
        assert_eq!(StopOrder::in_force(&orders).unwrap().at, Timestamp::from_millis(99));
        order(100, None).add(&mut orders);
        assert_eq!(StopOrder::in_force(&orders), None);
    }
}
