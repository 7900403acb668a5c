//! Are both sides bad? Then the cause is outside the candidate.

use std::collections::VecDeque;

use serde::Deserialize;
use serde::Serialize;

use super::counts::Counts;
use super::real::real;
use super::settings::InvalidSettings;

/// Periods that are looked at together.
const WINDOW: usize = 3;

/// Watches both sides' bad rate over the last three periods against an absolute objective.
///
/// While both are above it the deployment should stand still: what hurts both is not the candidate's, and a
/// comparison of two bad sides does not make either safe. It never blames, and it never absolves: harm that is
/// shown meanwhile waits until it is over, and counts if the evidence still shows it.
///
/// No period is left out of that evidence. Which periods have two bad sides depends on what the candidate did in
/// them: left out would be those in which it did badly, and kept those in which it did well beside a bad stable.
/// What remains would call a candidate safe that is not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "State", into = "State")]
pub struct CommonCause {
    objective: f64,
    recent: VecDeque<Counts>,
}

/// How it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    objective: f64,
    recent: VecDeque<Counts>,
}

impl CommonCause {
    /// Watches for a bad rate above `objective`, above 0 and at most 1.
    pub fn new(objective: f64) -> Result<Self, InvalidSettings> {
        let sensible = objective > 0.0 && objective <= 1.0;
        let fresh = Self { objective, recent: VecDeque::with_capacity(WINDOW) };
        if sensible { Ok(fresh) } else { Err(InvalidSettings::Share(objective)) }
    }

    /// Adds one complete period.
    pub(super) fn observe(&mut self, counts: &Counts) {
        if self.recent.len() >= WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(*counts);
    }

    /// The rate above which both sides are bad.
    pub const fn objective(&self) -> f64 {
        self.objective
    }

    /// Stable's and the candidate's bad rate over the last periods; none for a side without requests.
    pub fn rates(&self) -> (Option<f64>, Option<f64>) {
        let sum =
            |of: fn(&Counts) -> u64| self.recent.iter().map(|counts| real(of(counts))).sum::<f64>();
        let rate = |bad: f64, requests: f64| (requests > 0.0).then(|| bad / requests);
        (
            rate(sum(|counts| counts.stable_bad), sum(|counts| counts.stable_requests)),
            rate(sum(|counts| counts.candidate_bad), sum(|counts| counts.candidate_requests)),
        )
    }

    /// Whether both sides are bad now.
    pub fn holds(&self) -> bool {
        let bad = |rate: Option<f64>| rate.is_some_and(|rate| rate > self.objective);
        let (stable, candidate) = self.rates();
        bad(stable) && bad(candidate)
    }
}

impl TryFrom<State> for CommonCause {
    type Error = InvalidSettings;
    fn try_from(state: State) -> Result<Self, InvalidSettings> {
        let fresh = Self::new(state.objective)?;
        let valid = state.recent.iter().all(|counts| counts.check().is_ok());
        if !valid || state.recent.len() > WINDOW {
            return Err(InvalidSettings::State);
        }
        Ok(Self { recent: state.recent, ..fresh })
    }
}

impl From<CommonCause> for State {
    fn from(guard: CommonCause) -> Self {
        Self { objective: guard.objective, recent: guard.recent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(stable_bad: u64, candidate_bad: u64) -> Counts {
        Counts { stable_requests: 10_800, stable_bad, candidate_requests: 1_200, candidate_bad }
    }

    #[test]
    fn both_sides_bad_is_a_common_cause_and_one_side_bad_is_none() {
        let mut guard = CommonCause::new(0.01).unwrap();
        assert!(!guard.holds());
        guard.observe(&minute(324, 0));
        assert!(!guard.holds());
        guard.observe(&minute(324, 72));
        assert!(guard.holds());
        for _ in 0..3 {
            guard.observe(&minute(11, 72));
        }
        assert!(!guard.holds());
    }

    #[test]
    fn an_objective_that_is_no_rate_is_refused() {
        for objective in [0.0, -0.1, 1.1, f64::NAN] {
            assert!(CommonCause::new(objective).is_err());
        }
        let text = serde_json::to_string(&CommonCause::new(0.5).unwrap()).unwrap();
        assert!(serde_json::from_str::<CommonCause>(&text).is_ok());
        assert!(serde_json::from_str::<CommonCause>(&text.replace("0.5", "1.5")).is_err());
    }
}
