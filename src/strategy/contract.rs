//! What a strategy is.

use std::fmt::Debug;
use std::sync::Arc;

use crate::model::Plan;
use crate::model::ServiceShape;

use super::plan_error::PlanError;

/// Turns a service into a plan.
///
/// # Contract
///
/// - **Pure and synchronous.** The same shape gives the same plan; no clock, no chance, no network, no
///   state. Whatever a strategy wants to know stands in the [`ServiceShape`].
/// - **Called once**, when a deployment starts. The plan is stored; resuming, rolling back and
///   explaining need the plan and never the strategy, so a strategy may change or vanish afterwards.
/// - **A plan or a refusal.** What cannot work is refused here, with the reason and the fix, and not
///   left to fail in the middle. [`check`](super::check) holds every plan, also of strategies outside
///   this crate, against the rules that the engine relies on; call it at the end of `plan`.
///
/// A strategy only makes plans. It does not wait, write or judge health.
pub trait Strategy: Debug + Send + Sync {
    /// The strategy's name, for people and records.
    fn name(&self) -> &str;

    /// The plan for this service, or why there is none.
    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError>;
}

impl<S: Strategy + ?Sized> Strategy for Box<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        (**self).plan(shape)
    }
}

impl<S: Strategy + ?Sized> Strategy for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        (**self).plan(shape)
    }
}
