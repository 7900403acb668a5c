//! ECS's own rolling update.

/// A rolling update of the `ECS` controller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rolling {
    /// `minimumHealthyPercent`.
    pub minimum_healthy_percent: u32,
    /// `maximumPercent`.
    pub maximum_percent: u32,
    /// The task set (ECS deployment) that is being rolled out.
    pub target: u32,
    /// How far it is.
    pub state: RolloutState,
}

/// `rolloutState` of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RolloutState {
    /// `IN_PROGRESS`.
    InProgress,
    /// `COMPLETED`.
    Completed,
    /// `FAILED`: the circuit breaker went back to the revision before.
    RolledBack,
}
