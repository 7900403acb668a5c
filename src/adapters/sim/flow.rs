//! A constant share of the requests.

/// All requests, in parts.
pub(super) const WHOLE: u64 = 1_000_000_000;

/// A constant share of the requests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flow {
    /// The share in parts of [`WHOLE`].
    pub(super) parts: u64,
    /// The revision that serves it; none where there is no target.
    pub(super) revision: Option<usize>,
    /// The target group it goes through.
    pub(super) group: Option<usize>,
    /// The share of it that fails, in per mille.
    pub(super) failing: u64,
}
