//! The requests that came in.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use super::received_call::ReceivedCall;

/// So many requests are remembered one by one; older ones are only counted.
const REMEMBERED: usize = 100_000;

/// The requests that came in, retries by the client included.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    newest: VecDeque<ReceivedCall>,
    counts: BTreeMap<(String, String), u64>,
    writes: u64,
    total: u64,
}

impl Calls {
    pub(super) fn note(&mut self, call: ReceivedCall) {
        let key = (call.actor.clone(), call.operation.clone());
        *self.counts.entry(key).or_insert(0) += 1;
        self.total += 1;
        self.writes += u64::from(call.is_write());
        if self.newest.len() == REMEMBERED {
            self.newest.pop_front();
        }
        self.newest.push_back(call);
    }

    /// How many came in.
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// How many would change nothing.
    pub const fn reads(&self) -> u64 {
        self.total - self.writes
    }

    /// How many would change something.
    pub const fn writes(&self) -> u64 {
        self.writes
    }

    /// How many there were of this operation, `ecs:UpdateService`.
    pub fn count(&self, operation: &str) -> u64 {
        self.counts.iter().filter(|((_, of), _)| of == operation).map(|(_, count)| count).sum()
    }

    /// How many there were of each operation.
    pub fn by_operation(&self) -> BTreeMap<&str, u64> {
        let mut sums = BTreeMap::new();
        for ((_, operation), count) in &self.counts {
            *sums.entry(operation.as_str()).or_insert(0) += count;
        }
        sums
    }

    /// How many there were by each actor (first) of each operation (second).
    pub const fn by_actor(&self) -> &BTreeMap<(String, String), u64> {
        &self.counts
    }

    /// One by one, oldest first; the newest 100 000 where there were more.
    pub fn iter(&self) -> impl Iterator<Item = &ReceivedCall> {
        self.newest.iter()
    }
}
