//! A request, as the local cloud remembers it.

use super::wire_fault::WireFault;
use crate::model::Elapsed;

/// A request, as the local cloud remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReceivedCall {
    /// The operation with IAM's prefix, `ecs:UpdateService`, whether it is modelled or not.
    pub operation: String,
    /// Who called.
    pub actor: String,
    /// When it came in, by the world's clock.
    pub at: Elapsed,
    /// The request id of its answer.
    pub request_id: String,
    /// What went wrong with it on the wire.
    pub fault: Option<WireFault>,
}

impl ReceivedCall {
    /// Whether it would change anything: everything but `Describe…`, `List…` and `Get…`.
    pub fn is_write(&self) -> bool {
        let (_, name) = self.operation.split_once(':').unwrap_or(("", &self.operation));
        !["Describe", "List", "Get"].iter().any(|verb| name.starts_with(verb))
    }
}
