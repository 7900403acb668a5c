//! Where a deployment is, for a process that does not drive it.

use crate::model::HolderId;
use crate::model::Progress;
use crate::model::Record;
use crate::ports::StoredRequest;

/// What the store knows of a deployment.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeploymentStatus {
    /// Where it was at its last recorded decision, and what was seen then.
    pub progress: Progress,
    /// Who holds its lease; none: nobody drives it, or its driver has just died.
    pub holder: Option<HolderId>,
    /// The record: plan, baseline and decisions.
    pub record: Record,
    /// What was asked of it through the store, and what became of it; oldest first.
    pub requests: Vec<StoredRequest>,
}
