//! Why there is no plan.

/// Why a strategy has no plan for a service. Each variant says what is wrong and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The revision to deploy serves already.
    #[error(
        "`{revision}` already runs; name another revision, or register a new one and deploy that"
    )]
    AlreadyRunning {
        /// The revision, short.
        revision: String,
    },
    /// The service cannot hold two revisions side by side.
    #[error(
        "{strategy} needs a second role beside stable, which this service cannot hold; \
         use an EXTERNAL service (task sets) or a pair of services, or deploy it `rolling`"
    )]
    NoSecondRole {
        /// The strategy.
        strategy: String,
    },
    /// Production traffic cannot be weighted.
    #[error(
        "{strategy} moves production traffic, but no load balancer rule forwards to two target groups \
         of this service; add one, or deploy it `rolling`, which needs none"
    )]
    NoRouter {
        /// The strategy.
        strategy: String,
    },
    /// There is no test listener or rule.
    #[error(
        "{strategy} moves test traffic, but the service has no test listener or rule; \
         name one, or leave test traffic out"
    )]
    NoTestTraffic {
        /// The strategy.
        strategy: String,
    },
    /// A roll within these percentages would never move.
    #[error(
        "a roll cannot progress: {arithmetic}; \
         lower minimum_healthy_percent, raise maximum_percent or run more tasks"
    )]
    CannotProgress {
        /// Both bounds in numbers.
        arithmetic: String,
    },
    /// A value outside its bounds.
    #[error("`{field}` is {value}; give {bounds}")]
    OutOfBounds {
        /// The field.
        field: String,
        /// The value as given.
        value: String,
        /// What it may be.
        bounds: String,
    },
    /// A list of steps that the engine could not carry out safely.
    #[error("step {step}: {why}")]
    InvalidSteps {
        /// The step's number, from 1 as people count.
        step: usize,
        /// What is wrong and what would be right.
        why: String,
    },
    /// Gates or hooks that do not fit together.
    #[error("{what} `{id}` {why}")]
    InvalidId {
        /// `gate` or `hook`.
        what: &'static str,
        /// Its id.
        id: String,
        /// What is wrong and what would be right.
        why: &'static str,
    },
    /// ECS starts no second task on a container instance that holds one.
    #[error(
        "`maximum_percent` is {maximum_percent} on a DAEMON service; give 100: ECS stops a daemon's \
         task before it starts the next one"
    )]
    DaemonNeedsMaximum100 {
        /// The value as given.
        maximum_percent: u32,
    },
    /// A daemon has one task per container instance and no second role.
    #[error(
        "{strategy} cannot deploy a DAEMON service; deploy it `rolling` with maximum_percent 100"
    )]
    DaemonNeedsRolling {
        /// The strategy.
        strategy: String,
    },
    /// No predefined deployment configuration has this name.
    #[error("`{name}` is not one of CodeDeploy's configurations for ECS; give one of {known}")]
    UnknownConfiguration {
        /// The name as given.
        name: String,
        /// The names there are.
        known: String,
    },
    /// A strategy's own reason.
    #[error("{strategy}: {why}")]
    Refused {
        /// The strategy.
        strategy: String,
        /// What is wrong and what would be right.
        why: String,
    },
}

impl PlanError {
    /// A step that cannot be; `index` counts from 0, as the plan does.
    pub(crate) fn step(index: usize, why: impl Into<String>) -> Self {
        Self::InvalidSteps { step: index + 1, why: why.into() }
    }
}
