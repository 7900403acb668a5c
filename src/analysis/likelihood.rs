//! The likelihood of a share of bad requests under a ratio of rates.

use serde::Deserialize;
use serde::Serialize;

use super::counts::Counts;
use super::real::real;

/// How a period's bad requests fell on the two sides. Given their number, and rare, the candidate's are
/// binomial with the share `θ(r) = r·s / (r·s + 1 − s)`, where `s` is the candidate's share of all requests
/// and `r` the ratio of the candidate's rate to stable's; the rate itself cancels out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Split {
    /// Bad requests of the candidate.
    pub(super) candidate: f64,
    /// Bad requests of both.
    pub(super) all: f64,
    /// The candidate's share of all requests.
    pub(super) share: f64,
}

impl Split {
    pub(super) fn of(counts: &Counts) -> Self {
        Self {
            candidate: real(counts.candidate_bad),
            all: real(counts.candidate_bad) + real(counts.stable_bad),
            share: counts.share(),
        }
    }

    /// `x_c ln(θ(to)/θ(from)) + x_b ln((1−θ(to))/(1−θ(from)))`.
    pub(super) fn log_ratio(&self, to: f64, from: f64) -> f64 {
        self.earned(libm::log(to / from), self.log_scale(to) - self.log_scale(from))
    }

    /// The same from its parts, `ln(to/from)` and the difference of the scales: no difference of nearly equal
    /// numbers occurs in it.
    pub(super) fn earned(&self, log_ratio: f64, log_scale: f64) -> f64 {
        self.candidate * log_ratio - self.all * log_scale
    }

    /// `ln(r·s + 1 − s)`, by which the likelihood of a ratio is scaled.
    pub(super) fn log_scale(&self, ratio: f64) -> f64 {
        libm::log1p((ratio - 1.0) * self.share)
    }

    /// The candidate's share of bad requests at a ratio of rates.
    pub(super) fn theta(&self, ratio: f64) -> f64 {
        let candidate = ratio * self.share;
        candidate / (candidate + 1.0 - self.share)
    }

    /// The logarithm of the odds of a request being the candidate's.
    pub(super) fn log_odds(&self) -> f64 {
        libm::log(self.share) - libm::log1p(-self.share)
    }

    /// Two periods as one, at the mean of their log-odds, which no rounding takes out from between them.
    pub(super) fn joined(self, other: Self) -> Self {
        let all = self.all + other.all;
        let sum = self.log_odds() * self.all + other.log_odds() * other.all;
        let share = 1.0 / (1.0 + libm::exp(-sum / all));
        let share = share.max(self.share.min(other.share)).min(self.share.max(other.share));
        Self { candidate: self.candidate + other.candidate, all, share }
    }

    /// Whether periods can have led to this.
    pub(super) fn is_valid(&self) -> bool {
        let counts = self.candidate >= 0.0 && self.all >= self.candidate && self.all.is_finite();
        counts && self.all > 0.0 && self.share > 0.0 && self.share < 1.0
    }
}

/// `ln Σ weight · exp(log)`, without overflow.
pub(super) fn log_mixture(terms: impl Iterator<Item = (f64, f64)> + Clone) -> f64 {
    let top = terms.clone().map(|(_, log)| log).fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = terms.map(|(weight, log)| weight * libm::exp(log - top)).sum();
    top + libm::log(sum)
}
