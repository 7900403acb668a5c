//! What of the requests and their metrics is left to chance.

use std::time::Duration;

/// What of the requests and their metrics is left to chance.
///
/// At the end of every minute the failed requests of each revision in each target group are drawn:
/// from a binomial distribution with the rate that the revision had in that minute, or from a
/// beta-binomial one where failures come in bursts. Without a chance ([`Scenario::chance`]) every
/// minute has exactly its share.
///
/// [`Scenario::chance`]: super::Scenario::chance
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Chance {
    /// How strongly failures within one minute and group depend on each other (the intra-class
    /// correlation ρ of a beta-binomial distribution), in parts per million. 0: not at all.
    pub rho_ppm: u32,
    /// Minutes in which every revision fails more. None.
    pub blips: Option<Blips>,
    /// Data that are published later than others. None.
    pub late: Option<Late>,
    /// Data that are first published with too little in them. None.
    pub revised: Option<Revised>,
}

/// Minutes in which something that every revision needs fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a share and a rate")]
pub struct Blips {
    /// The share of minutes, in parts per million.
    pub share_ppm: u32,
    /// The share of requests that fail then, in parts per million, on top of the revision's own.
    pub error_ppm: u32,
}

/// Data that are published later than others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a share and a range")]
pub struct Late {
    /// The share of a group's minutes, in parts per million.
    pub share_ppm: u32,
    /// How much later than [`Timing::metric_delay`](super::Timing), drawn evenly, both included.
    pub by: (Duration, Duration),
}

/// Data that are first published with too little in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a share and what it means")]
pub struct Revised {
    /// The share of a group's minutes, in parts per million.
    pub share_ppm: u32,
    /// How much of the requests and of the failures is shown at first, in per mille.
    pub shown_permille: u32,
    /// How long after its publication the datum is complete.
    pub after: Duration,
}

impl Chance {
    /// Failures within a minute depend on each other: ρ in parts per million.
    #[must_use]
    pub const fn with_rho_ppm(mut self, rho_ppm: u32) -> Self {
        self.rho_ppm = rho_ppm;
        self
    }

    /// The same with shared blips.
    #[must_use]
    pub const fn with_blips(mut self, blips: Blips) -> Self {
        self.blips = Some(blips);
        self
    }

    /// The same with late data.
    #[must_use]
    pub const fn with_late(mut self, late: Late) -> Self {
        self.late = Some(late);
        self
    }

    /// The same with revised data.
    #[must_use]
    pub const fn with_revised(mut self, revised: Revised) -> Self {
        self.revised = Some(revised);
        self
    }
}
