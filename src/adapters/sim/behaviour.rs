//! How a revision behaves once it runs.

use std::time::Duration;

/// What becomes of a revision's tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fate {
    /// They start, become healthy and stay so.
    Healthy,
    /// The container exits before the task runs (`TaskFailedToStart`).
    FailsToStart,
    /// The image cannot be pulled (`TaskFailedToStart`, `CannotPullContainerError`).
    ImagePullError,
    /// Each task exits this long after it began to run (`EssentialContainerExited`); as ECS replaces
    /// it, this is a crash loop.
    CrashesAfter(Duration),
    /// Health checks never succeed.
    NeverHealthy,
    /// Requests and health checks fail from this long after the task began to run.
    UnhealthyAfter(Duration),
    /// Requests and health checks fail and succeed in turns.
    Flaps {
        /// How long they succeed at a time.
        up: Duration,
        /// How long they fail at a time.
        down: Duration,
    },
}

/// How a revision behaves once it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behaviour {
    /// What becomes of its tasks.
    pub fate: Fate,
    /// Whether its tasks can be placed at all. Yes.
    pub placeable: bool,
    /// The share of tasks, in per mille, that meet the fate; the others are healthy. 1000.
    pub afflicted_permille: u32,
    /// Time from launch to `RUNNING`; none for the scenario's [`Timing`](super::Timing).
    pub start: Option<Duration>,
    /// The share of requests, in per mille, that its healthy tasks answer with a 5xx. 0.
    pub error_permille: u32,
    /// The 99th percentile of its response times in milliseconds. 50.
    pub latency_ms: u32,
}

impl Behaviour {
    /// Starts, becomes healthy and answers every request.
    pub const fn healthy() -> Self {
        Self {
            fate: Fate::Healthy,
            placeable: true,
            afflicted_permille: 1000,
            start: None,
            error_permille: 0,
            latency_ms: 50,
        }
    }

    /// Meets this fate.
    pub const fn doomed(fate: Fate) -> Self {
        let mut behaviour = Self::healthy();
        behaviour.fate = fate;
        behaviour
    }

    /// Healthy, but answers this share of requests, in per mille, with a 5xx.
    pub const fn erring(error_permille: u32) -> Self {
        let mut behaviour = Self::healthy();
        behaviour.error_permille = error_permille;
        behaviour
    }

    /// The same with another 99th percentile of response times.
    #[must_use]
    pub const fn with_latency_ms(mut self, latency_ms: u32) -> Self {
        self.latency_ms = latency_ms;
        self
    }

    /// The same with a fixed time from launch to `RUNNING`.
    #[must_use]
    pub const fn with_start(mut self, start: Duration) -> Self {
        self.start = Some(start);
        self
    }

    /// The same, but only this share of tasks, in per mille, meets the fate.
    #[must_use]
    pub const fn with_afflicted_permille(mut self, permille: u32) -> Self {
        self.afflicted_permille = permille;
        self
    }
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::healthy()
    }
}
