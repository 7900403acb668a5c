//! Evidence against a hypothesis that may be looked at after every period.

use serde::Deserialize;
use serde::Serialize;

use super::counts::Counts;
use super::counts::InvalidCounts;
use super::likelihood::Split;
use super::likelihood::log_mixture;
use super::ratio_test::RatioTest;
use super::settings::InvalidSettings;

/// Whether a period was evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Applied {
    /// It was.
    Counted,
    /// One side served nothing: it says nothing about a ratio.
    Skipped,
    /// It is not younger than one that was applied before, and was not applied again.
    Repeated,
}

/// The capped share e-process.
///
/// Of a period's bad requests the candidate's share would be `θ(r₀)` (see [`RatioTest`]) at the tested ratio.
/// Each alternative ratio `r_k` earns the likelihood ratio against `r₀`, in one period at most
/// `ln(1/level)/cap`; the evidence `E` is their weighted mean.
///
/// While the hypothesis is true, `E` is a supermartingale that starts at 1: under equal rates the candidate's
/// part of the bad requests is hypergeometric (or binomial, for Poisson traffic), which the binomial dominates
/// in convex order (Hoeffding 1963, theorem 4); for milder ratios the expectation only falls (monotone
/// likelihood ratio); a cap only lowers it; a mean of supermartingales is one. So by Ville's inequality
/// `P(E ever reaches 1/level) ≤ level`, whenever one looks, stops, pauses or changes the weight. For a tested
/// ratio other than 1 the binomial law is that of rare bad requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "State", into = "State")]
pub struct EProcess {
    test: RatioTest,
    /// `ln(r_k/r₀)` of each alternative; follows from the test.
    log_ratios: Vec<f64>,
    /// The logarithm of what each alternative has earned.
    logs: Vec<f64>,
    /// The largest `ln E` so far.
    highest: f64,
    periods: u64,
    skipped: u64,
}

/// How it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    test: RatioTest,
    logs: Vec<f64>,
    highest: f64,
    periods: u64,
    skipped: u64,
}

impl EProcess {
    /// No evidence yet.
    pub fn new(test: RatioTest) -> Result<Self, InvalidSettings> {
        test.check()?;
        let log_ratios: Vec<f64> =
            test.alternatives().map(|(ratio, _)| libm::log(ratio / test.ratio)).collect();
        let logs = vec![0.0; log_ratios.len()];
        Ok(Self { test, log_ratios, logs, highest: 0.0, periods: 0, skipped: 0 })
    }

    /// Adds one complete period. Periods come in order of time, each once. After an error nothing has changed.
    pub fn observe(&mut self, counts: &Counts) -> Result<Applied, InvalidCounts> {
        counts.check()?;
        if counts.one_sided() {
            self.skipped = self.skipped.saturating_add(1);
            return Ok(Applied::Skipped);
        }
        self.periods = self.periods.saturating_add(1);
        let split = Split::of(counts);
        if split.all > 0.0 {
            let (most, null) = (self.test.most(), self.test.ratio);
            let accepted = split.log_scale(null);
            let alternatives = self.log_ratios.iter().zip(self.test.alternatives());
            for (log, (log_ratio, (ratio, _))) in self.logs.iter_mut().zip(alternatives) {
                *log += split.earned(*log_ratio, split.log_scale(ratio) - accepted).min(most);
            }
            // the mean is at most the best of them: mostly there is nothing to compute
            if self.logs.iter().any(|log| *log > self.highest) {
                self.highest = self.highest.max(self.log_e());
            }
        }
        Ok(Applied::Counted)
    }

    /// What is tested.
    pub const fn test(&self) -> &RatioTest {
        &self.test
    }

    /// `ln E` now.
    pub fn log_e(&self) -> f64 {
        let weights = self.test.alternatives().map(|(_, weight)| weight);
        log_mixture(weights.zip(self.logs.iter().copied()))
    }

    /// The largest `ln E` so far, at least 0.
    pub const fn highest(&self) -> f64 {
        self.highest
    }

    /// The anytime-valid p-value: `1/E` at its smallest so far, at most 1.
    pub fn p_value(&self) -> f64 {
        libm::exp(-self.highest)
    }

    /// Whether the hypothesis has been refuted, now or before.
    pub fn refuted(&self) -> bool {
        self.highest >= self.test.threshold()
    }

    /// Whether the evidence refutes the hypothesis now; later periods may take that back.
    pub fn refutes(&self) -> bool {
        self.refuted() && self.log_e() >= self.test.threshold()
    }

    /// Periods that were evidence.
    pub const fn periods(&self) -> u64 {
        self.periods
    }

    /// Periods in which one side served nothing.
    pub const fn skipped(&self) -> u64 {
        self.skipped
    }
}

impl TryFrom<State> for EProcess {
    type Error = InvalidSettings;
    fn try_from(state: State) -> Result<Self, InvalidSettings> {
        let State { test, logs, highest, periods, skipped } = state;
        let fresh = Self::new(test)?;
        let finite = logs.iter().all(|log| log.is_finite()) && highest.is_finite();
        if logs.len() != fresh.logs.len() || !finite || highest < 0.0 {
            return Err(InvalidSettings::State);
        }
        Ok(Self { logs, highest, periods, skipped, ..fresh })
    }
}

impl From<EProcess> for State {
    fn from(process: EProcess) -> Self {
        let EProcess { test, logs, highest, periods, skipped, .. } = process;
        Self { test, logs, highest, periods, skipped }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ratio_test::Side;
    use super::*;

    fn counts(stable: (u64, u64), candidate: (u64, u64)) -> Counts {
        Counts {
            stable_requests: stable.0,
            stable_bad: stable.1,
            candidate_requests: candidate.0,
            candidate_bad: candidate.1,
        }
    }

    fn golden() -> [Counts; 5] {
        [
            counts((1080, 1), (120, 0)),
            counts((1075, 2), (118, 1)),
            counts((1090, 0), (122, 2)),
            counts((1066, 1), (121, 1)),
            counts((1101, 1), (119, 3)),
        ]
    }

    fn process(side: Side, ratio: f64, cap: Option<u32>) -> EProcess {
        EProcess::new(RatioTest { side, ratio, level: 0.01, cap }).unwrap()
    }

    fn trace(mut process: EProcess) -> Vec<f64> {
        let mut seen = Vec::new();
        for counts in golden() {
            process.observe(&counts).unwrap();
            seen.push(process.log_e());
        }
        seen
    }

    fn assert_close(left: &[f64], right: &[f64]) {
        assert_eq!(left.len(), right.len());
        for (left, right) in left.iter().zip(right) {
            assert!((left - right).abs() < 1e-6, "{left} is not {right}");
        }
    }

    #[test]
    fn the_evidence_is_that_of_the_published_rows() {
        let uncapped = [-0.419_468, -0.074_268, 2.084_784, 2.914_699, 6.946_790];
        assert_close(&trace(process(Side::Harm, 1.0, None)), &uncapped);
        let capped = [-0.419_468, -0.074_268, 1.172_777, 1.896_262, 3.381_229];
        assert_close(&trace(process(Side::Harm, 1.0, Some(3))), &capped);
        let margin = [-0.493_073, -0.328_743, 0.829_655, 1.342_868, 2.794_172];
        assert_close(&trace(process(Side::Harm, 1.5, Some(3))), &margin);
    }

    #[test]
    fn the_hypothesis_falls_when_the_evidence_passes_one_over_level() {
        let mut process = process(Side::Harm, 1.0, None);
        for (at, counts) in golden().iter().enumerate() {
            process.observe(counts).unwrap();
            assert_eq!(process.refuted(), at == 4, "period {at}");
        }
        assert!(process.p_value() < 0.001 && process.refutes());
        // much good news takes the evidence back, not the fact that it was there
        for _ in 0..40 {
            process.observe(&counts((1000, 9), (1000, 0))).unwrap();
        }
        assert!(process.refuted() && !process.refutes());
    }

    #[test]
    fn a_cap_of_k_takes_k_periods_however_bad_they_are() {
        let awful = counts((10_000, 10), (1_000, 1_000));
        for cap in [3, 5] {
            let mut process = process(Side::Harm, 1.25, Some(cap));
            for period in 1..=cap {
                process.observe(&awful).unwrap();
                assert_eq!(process.refuted(), period >= cap, "period {period} of {cap}");
            }
        }
    }

    #[test]
    fn safety_is_shown_by_a_candidate_that_is_as_good() {
        let mut process = process(Side::Safe, 2.0, Some(3));
        let mut worse = process.clone();
        for _ in 0..60 {
            process.observe(&counts((10_800, 11), (1_200, 1))).unwrap();
            worse.observe(&counts((10_800, 11), (1_200, 3))).unwrap();
        }
        assert!(process.refutes());
        assert!(!worse.refuted());
    }

    #[test]
    fn what_is_no_evidence_changes_nothing() {
        let mut process = process(Side::Harm, 1.0, None);
        assert!(process.observe(&counts((1, 2), (3, 0))).is_err());
        let fresh = process.clone();
        assert_eq!(fresh.periods() + fresh.skipped(), 0);
        assert_eq!(process.observe(&counts((0, 0), (300, 30))), Ok(Applied::Skipped));
        assert_eq!(process.observe(&counts((300, 30), (0, 0))), Ok(Applied::Skipped));
        assert_eq!((process.skipped(), process.log_e().to_bits()), (2, fresh.log_e().to_bits()));
    }

    #[test]
    fn a_stored_state_that_cannot_be_is_refused() {
        let text = serde_json::to_string(&process(Side::Harm, 1.0, Some(3))).unwrap();
        assert!(serde_json::from_str::<EProcess>(&text).is_ok());
        for (from, to) in [
            ("[0.0,", "["),
            ("\"level\":0.01", "\"level\":1.01"),
            ("\"cap\":3", "\"cap\":0"),
            ("\"highest\":0.0", "\"highest\":-1.0"),
        ] {
            assert!(text.contains(from));
            assert!(serde_json::from_str::<EProcess>(&text.replace(from, to)).is_err(), "{to}");
        }
    }

    prop_compose! {
        fn any_counts()(stable in 0_u64..100_000, candidate in 0_u64..100_000)(
            stable_bad in 0..=stable.min(900), candidate_bad in 0..=candidate.min(900),
            stable in Just(stable), candidate in Just(candidate),
        ) -> Counts {
            counts((stable, stable_bad), (candidate, candidate_bad))
        }
    }

    proptest! {
        #[test]
        fn a_state_that_was_stored_goes_on_bit_for_bit(
            periods in prop::collection::vec(any_counts(), 1..30), cap in prop::option::of(1_u32..6),
            ratio in 1.01_f64..5.0, harm: bool,
        ) {
            let side = if harm { Side::Harm } else { Side::Safe };
            let mut kept = process(side, ratio, cap);
            let mut stored = kept.clone();
            for counts in &periods {
                kept.observe(counts).unwrap();
                stored.observe(counts).unwrap();
                stored = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
                let bits = |process: &EProcess| process.logs.iter().map(|log| log.to_bits()).collect::<Vec<_>>();
                prop_assert_eq!(bits(&kept), bits(&stored));
                prop_assert_eq!(kept.log_e().to_bits(), stored.log_e().to_bits());
                prop_assert!(kept.log_e().is_finite());
            }
        }

        #[test]
        fn no_period_can_be_expected_to_speak_against_a_candidate_that_is_as_good(
            share in 0.01_f64..0.99, all in 1_u32..40, ratio in 1.0_f64..3.0, below in 0.2_f64..=1.0,
        ) {
            // the expectation of the earned factor, over the binomial law of the candidate's part
            let theta = below * ratio * share / (below * ratio * share + 1.0 - share);
            for (alternative, _) in process(Side::Harm, ratio, None).test.alternatives() {
                let mut expectation = 0.0;
                for candidate in 0..=all {
                    let choose = libm::lgamma(f64::from(all) + 1.0)
                        - libm::lgamma(f64::from(candidate) + 1.0)
                        - libm::lgamma(f64::from(all - candidate) + 1.0);
                    let law = libm::exp(choose
                        + f64::from(candidate) * libm::log(theta)
                        + f64::from(all - candidate) * libm::log1p(-theta));
                    let split = Split { candidate: candidate.into(), all: all.into(), share };
                    expectation += law * libm::exp(split.log_ratio(alternative, ratio));
                }
                prop_assert!(expectation <= 1.0 + 1e-9, "{expectation}");
            }
        }
    }
}
