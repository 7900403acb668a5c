//! What one complete period of both sides says.

use serde::Deserialize;
use serde::Serialize;

use super::real::LARGEST;
use super::real::nearest;
use super::real::real;

/// Requests, and those of them that went badly, of both sides in the same complete period.
///
/// *Bad* is whatever a metric counts against a side: an error, a request slower than an objective.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "gates build it")]
pub struct Counts {
    /// Requests that stable served.
    pub stable_requests: u64,
    /// Those of them that went badly.
    pub stable_bad: u64,
    /// Requests that the candidate served.
    pub candidate_requests: u64,
    /// Those of them that went badly.
    pub candidate_bad: u64,
}

/// Numbers that cannot be counts of requests. They are an error of the source, never evidence.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCounts {
    /// More went badly than was asked.
    #[error("{bad} bad of {requests} requests")]
    MoreBadThanRequests {
        /// The bad ones.
        bad: u64,
        /// All of them.
        requests: u64,
    },
    /// So many that sums would no longer be exact.
    #[error("{0} is more than 2^53")]
    TooMany(u64),
    /// Not a number, infinite, negative or more than 2^53.
    #[error("{0} is no count")]
    NoCount(f64),
}

impl Counts {
    /// The count nearest to a sum as a metrics service gives it.
    pub fn count(sum: f64) -> Result<u64, InvalidCounts> {
        nearest(sum).ok_or(InvalidCounts::NoCount(sum))
    }

    /// The same period with the sides exchanged: for counts of which *fewer* is worse, as sign-ins or
    /// orders, where the candidate is worse when stable has more of them.
    #[must_use]
    pub const fn exchanged(self) -> Self {
        Self {
            stable_requests: self.candidate_requests,
            stable_bad: self.candidate_bad,
            candidate_requests: self.stable_requests,
            candidate_bad: self.stable_bad,
        }
    }

    /// Whether these can be counts of requests.
    pub const fn check(&self) -> Result<(), InvalidCounts> {
        let sides = [
            (self.stable_bad, self.stable_requests),
            (self.candidate_bad, self.candidate_requests),
        ];
        let [stable, candidate] = sides;
        if stable.0 > stable.1 {
            return Err(InvalidCounts::MoreBadThanRequests { bad: stable.0, requests: stable.1 });
        }
        if candidate.0 > candidate.1 {
            return Err(InvalidCounts::MoreBadThanRequests {
                bad: candidate.0,
                requests: candidate.1,
            });
        }
        let total = self.stable_requests.saturating_add(self.candidate_requests);
        if total > LARGEST { Err(InvalidCounts::TooMany(total)) } else { Ok(()) }
    }

    /// Whether one side served nothing, so that the period compares nothing.
    pub const fn one_sided(&self) -> bool {
        self.stable_requests == 0 || self.candidate_requests == 0
    }

    /// The candidate's share of all requests, between 0 and 1; zero without requests.
    pub(super) fn share(&self) -> f64 {
        let all = real(self.stable_requests) + real(self.candidate_requests);
        if all > 0.0 { real(self.candidate_requests) / all } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_counts_is_an_error() {
        let good = Counts { stable_requests: 10, candidate_requests: 5, ..Counts::default() };
        assert!(good.check().is_ok());
        assert!(Counts { stable_bad: 11, ..good }.check().is_err());
        assert!(Counts { candidate_bad: 6, ..good }.check().is_err());
        assert!(Counts { candidate_requests: LARGEST, ..good }.check().is_err());
        assert!(Counts { candidate_requests: u64::MAX, ..good }.check().is_err());
        assert!(Counts::count(f64::NAN).is_err());
        assert!(Counts::count(-1.0).is_err());
    }
}
