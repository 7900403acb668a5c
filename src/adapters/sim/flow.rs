//! A constant share of the requests.

/// All requests, in parts.
pub(super) const WHOLE: u64 = 1_000_000_000;

/// Every request that may fail, in parts.
pub(super) const MILLION: u64 = 1_000_000;

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
    /// The share of it that fails, in parts of [`MILLION`].
    pub(super) failing: u64,
    /// The 99th percentile of its response times in milliseconds.
    pub(super) latency_ms: u32,
}

/// Requests for which there is no target.
pub(super) const UNSERVED: Flow =
    Flow { parts: 0, revision: None, group: None, balancer: None, failing: MILLION, latency_ms: 0 };

impl Flow {
    /// The same with another share.
    pub(super) const fn with(self, parts: u64) -> Self {
        Self { parts, ..self }
    }
}
