//! When a lease is good, when it must be renewed, and when someone else's is over.
//!
//! No absolute times: a holder counts from the moment before it asked, a watcher from the moment it
//! first saw the renewal count that still stands (the `DynamoDB` lock client's rule). Clock rates that
//! differ are tolerated up to `duration / renew_deadline`, as in Kubernetes' leader election.

use std::time::Duration;

use crate::model::Elapsed;
use crate::model::FencingToken;

/// Lease times that cannot work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` is {value:?}: {why}")]
#[non_exhaustive]
pub struct InvalidTerms {
    /// Which of the times.
    pub field: &'static str,
    /// Its value.
    pub value: Duration,
    /// What it must be.
    pub why: &'static str,
}

/// How long a lease lasts and how it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseTerms {
    /// How long it lasts without a renewal. 60 s.
    pub duration: Duration,
    /// After this long without a successful renewal the holder stops by itself. 40 s. What lies
    /// between the two is the longest pause between checking the lease and a request on the wire.
    pub renew_deadline: Duration,
    /// Time between two renewals. 8 s.
    pub renew_every: Duration,
}

impl Default for LeaseTerms {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { duration: seconds(60), renew_deadline: seconds(40), renew_every: seconds(8) }
    }
}

impl LeaseTerms {
    /// Terms that fit together: `renew_every * 1.2 < renew_deadline < duration`.
    pub fn new(
        duration: Duration,
        renew_deadline: Duration,
        renew_every: Duration,
    ) -> Result<Self, InvalidTerms> {
        if renew_deadline >= duration {
            let why = "must be shorter than `duration`";
            return Err(InvalidTerms { field: "renew_deadline", value: renew_deadline, why });
        }
        if renew_every.is_zero()
            || renew_every.saturating_mul(6) >= renew_deadline.saturating_mul(5)
        {
            let why = "must be above zero and less than `renew_deadline` / 1.2";
            return Err(InvalidTerms { field: "renew_every", value: renew_every, why });
        }
        Ok(Self { duration, renew_deadline, renew_every })
    }

    /// Whether a holder whose last successful renewal was asked for at `renewed` may still act.
    pub fn may_act(&self, renewed: Elapsed, now: Elapsed) -> bool {
        now.since(renewed) < self.renew_deadline
    }

    /// When that holder renews next.
    pub fn renew_at(&self, renewed: Elapsed) -> Elapsed {
        renewed.after(self.renew_every)
    }
}

/// Watches someone else's lease until it is over.
#[derive(Debug, Clone, Copy)]
pub struct LeaseWatch {
    token: FencingToken,
    renewals: u64,
    since: Elapsed,
}

impl LeaseWatch {
    /// Begins to watch a lease that looks like this now.
    pub const fn new(token: FencingToken, renewals: u64, now: Elapsed) -> Self {
        Self { token, renewals, since: now }
    }

    /// Whether the lease has not been renewed since the last look.
    pub const fn stands(&self, token: FencingToken, renewals: u64) -> bool {
        token.number() == self.token.number() && renewals == self.renewals
    }

    /// Takes another look; answers whether the lease has stood still for its whole duration.
    pub fn is_over(
        &mut self,
        token: FencingToken,
        renewals: u64,
        duration: Duration,
        now: Elapsed,
    ) -> bool {
        if !self.stands(token, renewals) {
            *self = Self::new(token, renewals, now);
        }
        now.since(self.since) >= duration
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    #[test]
    fn terms_that_do_not_fit_are_refused_by_name() {
        let seconds = Duration::from_secs;
        assert!(LeaseTerms::new(seconds(60), seconds(40), seconds(8)).is_ok());
        let field = |terms: Result<LeaseTerms, InvalidTerms>| terms.unwrap_err().field;
        assert_eq!(field(LeaseTerms::new(seconds(40), seconds(40), seconds(8))), "renew_deadline");
        assert_eq!(field(LeaseTerms::new(seconds(60), seconds(40), seconds(34))), "renew_every");
        assert_eq!(field(LeaseTerms::new(seconds(60), seconds(40), seconds(0))), "renew_every");
    }

    #[test]
    fn a_lease_is_over_when_its_renewals_stand_still() {
        let (token, minute) = (FencingToken::new(3), Duration::from_secs(60));
        let mut watch = LeaseWatch::new(token, 7, at(0));
        assert!(!watch.is_over(token, 7, minute, at(59)));
        assert!(!watch.is_over(token, 8, minute, at(60)), "it was renewed in between");
        assert!(!watch.is_over(token, 8, minute, at(119)));
        assert!(watch.is_over(token, 8, minute, at(120)));
    }

    #[test]
    fn a_holder_stops_before_its_lease_is_over_for_others() {
        let terms = LeaseTerms::default();
        assert!(terms.may_act(at(0), at(39)));
        assert!(!terms.may_act(at(0), at(40)));
        assert!(terms.renew_deadline < terms.duration);
    }
}
