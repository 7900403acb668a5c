//! What a service says of itself.

use std::sync::Arc;

use crate::model::Elapsed;

/// One entry of a service's `events`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceEvent {
    /// Its number, unique in the world.
    pub number: u64,
    /// When.
    pub at: Elapsed,
    /// ECS's words.
    pub message: Arc<str>,
}
