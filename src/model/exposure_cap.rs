//! How much a candidate may serve.
#![expect(clippy::exhaustive_structs, reason = "specs and applications build these")]

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::metric_rule::check_settle;
use super::ppm::Ppm;
use super::time::as_millis;
use super::weight::Weight;

/// How many requests the candidate may serve, and how many of them badly: 5xx and refused connections.
///
/// Counted by the metrics of its target group, which are a minute or two late: what was served in the
/// last minutes is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExposureCap {
    /// Requests at most.
    pub requests: Option<u64>,
    /// Failed requests at most.
    pub failed: Option<u64>,
    /// A share of an error budget at most.
    pub budget: Option<ErrorBudget>,
    /// Holds while the candidate's weight is below this; 100 % for the whole way up.
    pub below: Weight,
    /// How long after its end a minute may still change.
    #[serde(with = "as_millis")]
    pub settle: Duration,
}

/// A share of the requests that an objective allows to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBudget {
    /// The share of requests that must succeed: 99.9 %.
    pub objective: Ppm,
    /// Requests in the time for which the objective is given, as 30 days.
    pub requests: u64,
    /// The share of the budget that the candidate may use: 5 %.
    pub share: Ppm,
}

impl ErrorBudget {
    /// How many requests of the candidate may fail.
    pub fn allowed(&self) -> u64 {
        let part = |share: Ppm| u128::from(share.millionths());
        let of = part(self.objective.complement()) * part(self.share);
        u64::try_from(u128::from(self.requests) * of / 1_000_000_000_000).unwrap_or(u64::MAX)
    }
}

impl ExposureCap {
    /// Whether it caps something.
    ///
    /// # Errors
    ///
    /// The field, its value and what to give instead.
    pub fn check(&self) -> Result<(), String> {
        if self.requests.is_none() && self.failed.is_none() && self.budget.is_none() {
            return Err("no cap is given; give `requests`, `failed` or `error_budget`".to_owned());
        }
        if self.below == Weight::ZERO {
            return Err(
                "`below` is 0 %; give the weight from which on it does not count".to_owned()
            );
        }
        if self.budget.is_some_and(|budget| budget.allowed() == 0) {
            return Err("`error_budget` allows less than one failed request; \
                        give more `requests` or a larger `share`"
                .to_owned());
        }
        check_settle(self.settle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_an_error_budget_is_a_number_of_requests() {
        let budget = |objective, requests, share| ErrorBudget {
            objective: Ppm::new(objective).unwrap(),
            requests,
            share: Ppm::new(share).unwrap(),
        };
        assert_eq!(budget(999_000, 10_000_000, 50_000).allowed(), 500);
        assert_eq!(budget(999_900, 1_000_000, 100_000).allowed(), 10);
        assert_eq!(budget(1_000_000, 1_000_000, 100_000).allowed(), 0);
        assert_eq!(budget(999_500, u64::MAX, 1_000_000).allowed(), 9_223_372_036_854_775);
    }
}
