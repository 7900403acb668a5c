//! How much a candidate may serve.
#![expect(clippy::exhaustive_structs, reason = "specs and applications build these")]

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::finite::Finite;
use super::metric_rule::check_settle;
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
    /// Percent of requests that must succeed: 99.9.
    pub objective: Finite,
    /// Requests in the time for which the objective is given, as 30 days.
    pub requests: u64,
    /// Percent of the budget that the candidate may use: 5.
    pub share: Finite,
}

impl ErrorBudget {
    /// How many requests of the candidate may fail.
    pub fn allowed(&self) -> u64 {
        // ten millionths are enough for objectives with seven nines
        let parts = |percent: f64| libm::round(percent * 1e5).clamp(0.0, 1e7);
        let whole = |number: f64| to_whole(number);
        let fails = u128::from(whole(1e7 - parts(self.objective.get())));
        let share = u128::from(whole(parts(self.share.get())));
        let allowed = u128::from(self.requests) * fails * share / 100_000_000_000_000;
        u64::try_from(allowed).unwrap_or(u64::MAX)
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0 to 1e7 and whole"
)]
fn to_whole(number: f64) -> u64 {
    number.clamp(0.0, 1e7) as u64
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
        if let Some(ErrorBudget { objective, share, .. }) = self.budget {
            let percents = [("objective", objective), ("share", share)];
            for (field, value) in percents {
                if !(0.0..=100.0).contains(&value.get()) || value == Finite::ZERO {
                    return Err(format!(
                        "`error_budget.{field}` is {value} %; give more than 0 % and at most 100 %"
                    ));
                }
            }
        }
        check_settle(self.settle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_an_error_budget_is_a_number_of_requests() {
        let percent = |number: f64| Finite::new(number).unwrap();
        let budget = |objective, requests, share| ErrorBudget {
            objective: percent(objective),
            requests,
            share: percent(share),
        };
        assert_eq!(budget(99.9, 10_000_000, 5.0).allowed(), 500);
        assert_eq!(budget(99.99, 1_000_000, 10.0).allowed(), 10);
        assert_eq!(budget(100.0, 1_000_000, 10.0).allowed(), 0);
        assert_eq!(budget(99.95, u64::MAX, 100.0).allowed(), 9_223_372_036_854_775);
    }
}
