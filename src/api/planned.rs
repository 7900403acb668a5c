//! What would be deployed, and how.

use crate::model::Baseline;
use crate::model::Plan;
use crate::model::ServiceShape;

/// What would be deployed, and how.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Planned {
    /// The plan, with every gate and hook.
    pub plan: Plan,
    /// The service as the strategy saw it.
    pub shape: ServiceShape,
    /// The world before the first write.
    pub baseline: Baseline,
}
