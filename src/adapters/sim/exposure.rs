//! How many requests each revision served.

use crate::model::Revision;

/// Millionths of a request in a whole one.
pub(super) const MICRO: u64 = 1_000_000;

/// How many production requests a revision served.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exposure {
    /// The revision.
    pub revision: Revision,
    pub(super) micro: u64,
    pub(super) failed_micro: u64,
}

impl Exposure {
    /// Requests it served, failed ones included.
    pub const fn requests(&self) -> u64 {
        self.micro / MICRO
    }

    /// Requests it failed.
    pub const fn failed(&self) -> u64 {
        self.failed_micro / MICRO
    }
}
