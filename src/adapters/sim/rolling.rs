//! ECS's own rolling update.

/// A rolling update of the `ECS` controller.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rolling {
    /// `minimumHealthyPercent`.
    pub minimum_healthy_percent: u32,
    /// `maximumPercent`.
    pub maximum_percent: u32,
    /// The task set (ECS deployment) that is to have all tasks.
    pub target: u32,
    /// The one that was completed before; none at the first deployment.
    pub origin: Option<u32>,
    /// Whether the circuit breaker opened and `target` is the one from before.
    pub going_back: bool,
    /// What its circuit breaker does.
    pub breaker: Breaker,
    /// How far it is.
    pub state: RollingState,
}

/// What a deployment circuit breaker does once it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Breaker {
    /// There is none: a deployment never fails.
    Disabled,
    /// The deployment fails and stays.
    Fails,
    /// The deployment fails and the one completed before comes back.
    GoesBack,
}

/// How far a rolling update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RollingState {
    /// `IN_PROGRESS`, be it forward or back.
    InProgress,
    /// `COMPLETED`.
    Completed,
    /// `FAILED`, and the revision before is back at full count.
    RolledBack,
    /// `FAILED`, and there was nothing to go back to.
    Failed,
}

impl Rolling {
    /// Tasks that must stay healthy: `ceil(desired * minimum_healthy_percent / 100)`.
    pub fn floor(&self, desired: u32) -> u32 {
        let tasks = (u64::from(desired) * u64::from(self.minimum_healthy_percent)).div_ceil(100);
        u32::try_from(tasks).unwrap_or(u32::MAX)
    }

    /// Tasks that may run or start: `floor(desired * maximum_percent / 100)`.
    pub fn ceiling(&self, desired: u32) -> u32 {
        let tasks = u64::from(desired) * u64::from(self.maximum_percent) / 100;
        u32::try_from(tasks).unwrap_or(u32::MAX)
    }
}
