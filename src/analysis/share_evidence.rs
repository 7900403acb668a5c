//! The evidence of counts about a share.

use serde::Deserialize;
use serde::Serialize;

use super::real::real;

/// `ln B(x, y)`.
fn log_beta(x: f64, y: f64) -> f64 {
    libm::lgamma(x) + libm::lgamma(y) - libm::lgamma(x + y)
}

/// What a learner of the share earns on a sequence of requests, and what a fixed share earns on it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Learner {
    /// Requests of the candidate: imagined before the first, then seen.
    candidate: f64,
    /// Requests of stable.
    stable: f64,
}

impl Learner {
    /// A learner who believes in `share` as firmly as `concentration` requests would make it.
    pub(super) fn new(share: f64, concentration: f64) -> Self {
        Self { candidate: concentration * share, stable: concentration * (1.0 - share) }
    }

    /// The same after some requests.
    pub(super) fn after(self, candidate: u64, stable: u64) -> Self {
        Self { candidate: self.candidate + real(candidate), stable: self.stable + real(stable) }
    }

    /// The same with a memory of at most so many requests: what changed long ago is learned anew.
    pub(super) fn within(self, memory: f64) -> Self {
        let all = self.candidate + self.stable;
        let kept = if all > memory { memory / all } else { 1.0 };
        // both stay above zero, where the learner's law exists
        let part = |requests: f64| (requests * kept).max(1e-9);
        Self { candidate: part(self.candidate), stable: part(self.stable) }
    }

    /// Whether a learner can be in this state.
    pub(super) fn is_valid(&self) -> bool {
        let part = |requests: f64| requests > 0.0 && requests.is_finite();
        part(self.candidate) && part(self.stable)
    }

    /// The logarithm of the probability that it gives to what leads from here to `later`.
    pub(super) fn log_probability(self, later: Self) -> f64 {
        log_beta(later.candidate, later.stable) - log_beta(self.candidate, self.stable)
    }
}

/// The logarithm of the probability of so many requests under a fixed share, strictly between 0 and 1.
pub(super) fn log_likelihood(candidate: u64, stable: u64, share: f64) -> f64 {
    real(candidate) * libm::log(share) + real(stable) * libm::log1p(-share)
}

/// `ln B(a + S) − ln B(a) − Σ Sᵢ ln θᵢ` with `a = concentration · θ`: the Bayes factor of "some other share"
/// against the configured one, `θ` (Lindon & Malek 2022, for two sides). An e-process for one fixed share.
///
/// `share` lies strictly between 0 and 1; outside the answer is not a number.
pub fn log_bayes_factor(candidate: u64, stable: u64, share: f64, concentration: f64) -> f64 {
    let learner = Learner::new(share, concentration);
    let learned = learner.log_probability(learner.after(candidate, stable));
    learned - log_likelihood(candidate, stable, share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bayes_factor_is_the_published_one() {
        let agrees = log_bayes_factor(600, 5412, 0.1, 1000.0);
        assert!((agrees - -0.972_631).abs() < 1e-6, "{agrees}");
        let differs = log_bayes_factor(700, 5312, 0.1, 1000.0);
        assert!((differs - 6.399_751).abs() < 1e-6, "{differs}");
    }
}
