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
    /// The load balancer it comes through.
    pub(super) balancer: Option<usize>,
    /// The share of it that fails, in per mille.
    pub(super) failing: u64,
}

/// Requests for which there is no target.
pub(super) const UNSERVED: Flow =
    Flow { parts: 0, revision: None, group: None, balancer: None, failing: 1000 };

impl Flow {
    /// The same with another share.
    pub(super) const fn with(self, parts: u64) -> Self {
        Self { parts, ..self }
    }
}
