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

/// What changes with the age of a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ageing {
    /// Nothing.
    #[default]
    None,
    /// A leak: with every minute that a task runs it fails so much more and becomes so much slower.
    Leak {
        /// Parts per million of the requests, a minute.
        ppm_per_minute: u32,
        /// Milliseconds of the 99th percentile, a minute.
        ms_per_minute: u32,
    },
    /// A cold cache: a task fails more and is slower at first.
    Cold {
        /// For how long.
        lasts: Duration,
        /// Parts per million of the requests, on top of the revision's own.
        error_ppm: u32,
        /// The 99th percentile of response times in milliseconds meanwhile.
        latency_ms: u32,
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
    /// The same in parts per million, on top of it. 0.
    pub error_ppm: u32,
    /// What changes with the age of its tasks. Nothing.
    pub ageing: Ageing,
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
            error_ppm: 0,
            ageing: Ageing::None,
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

    /// The same, but answers this share of requests, in parts per million, with a 5xx, on top of the
    /// one in per mille.
    #[must_use]
    pub const fn with_error_ppm(mut self, error_ppm: u32) -> Self {
        self.error_ppm = error_ppm;
        self
    }

    /// The same, changing with the age of its tasks.
    #[must_use]
    pub const fn with_ageing(mut self, ageing: Ageing) -> Self {
        self.ageing = ageing;
        self
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

    /// Whether its rates are said in parts per million.
    pub(super) fn is_fine(&self) -> bool {
        self.error_ppm > 0 || self.ageing != Ageing::None
    }

    /// The share of requests, in parts per million, that a healthy task of this age fails.
    pub(super) fn error_ppm_at(&self, age: Duration) -> u64 {
        let own = u64::from(self.error_permille) * 1000 + u64::from(self.error_ppm);
        let more = match self.ageing {
            Ageing::Leak { ppm_per_minute, .. } => grown(ppm_per_minute, age),
            Ageing::Cold { lasts, error_ppm, .. } if age < lasts => u64::from(error_ppm),
            Ageing::None | Ageing::Cold { .. } => 0,
        };
        own.saturating_add(more).min(1_000_000)
    }

    /// The 99th percentile of response times, in milliseconds, of a task of this age.
    pub(super) fn latency_ms_at(&self, age: Duration) -> u32 {
        match self.ageing {
            Ageing::Leak { ms_per_minute, .. } => {
                let more = u32::try_from(grown(ms_per_minute, age)).unwrap_or(u32::MAX);
                self.latency_ms.saturating_add(more)
            }
            Ageing::Cold { lasts, latency_ms, .. } if age < lasts => latency_ms,
            Ageing::None | Ageing::Cold { .. } => self.latency_ms,
        }
    }

    /// The same, but only this share of tasks, in per mille, meets the fate.
    #[must_use]
    pub const fn with_afflicted_permille(mut self, permille: u32) -> Self {
        self.afflicted_permille = permille;
        self
    }
}

/// What grows by so much a minute has grown to, at this age.
fn grown(per_minute: u32, age: Duration) -> u64 {
    let grown = u128::from(per_minute) * age.as_millis() / 60_000;
    u64::try_from(grown).unwrap_or(u64::MAX)
}

impl Default for Behaviour {
    fn default() -> Self {
        Self::healthy()
    }
}
