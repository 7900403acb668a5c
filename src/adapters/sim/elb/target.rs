//! Targets that were registered by hand.

use crate::model::Elapsed;

/// A target that was registered by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// Its address or instance id.
    pub id: String,
    /// Its port.
    pub port: u32,
    /// When it was registered.
    pub registered_at: Elapsed,
    /// Until when it drains, once it was deregistered.
    pub drains_until: Option<Elapsed>,
}
