//! A call on its way.

use std::time::Duration;

use super::call::Call;

/// A call that was sent and has not taken effect yet.
#[derive(Debug)]
pub(super) struct Inflight {
    pub(super) call: Call,
    /// Its ledger entry, if it changes something.
    pub(super) entry: Option<usize>,
    /// Whether someone still waits for the answer.
    pub(super) awaited: bool,
    /// How old a world it reads.
    pub(super) stale: Duration,
}
