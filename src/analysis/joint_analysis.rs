//! Several metrics of one candidate, and one answer.

use serde::Deserialize;
use serde::Serialize;

use crate::model::Finding;
use crate::model::Timestamp;

use super::comparison::Comparison;
use super::counts::Counts;
use super::counts::InvalidCounts;
use super::e_process::Applied;
use super::metric::MetricSettings;
use super::settings::InvalidSettings;

/// What several metrics say together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "who acts on it has to say what each means")]
pub enum Judgement {
    /// At least one metric shows harm: these.
    Harm(Vec<String>),
    /// Both sides are bad by these: stand still, the cause is elsewhere. Harm that is shown counts when it is
    /// over and the evidence still shows it ([`JointAnalysis::harmful`]).
    CommonCause(Vec<String>),
    /// Every metric is safe.
    Safe,
    /// None of these. Never "healthy".
    Insufficient,
}

/// Several metrics of one candidate. Each has its part of α, so the probability that a candidate that is worse
/// by none of them is ever blamed is at most the largest α, however the metrics depend on each other (union
/// bound). Safety needs all of them, so β needs no division.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JointAnalysis {
    comparisons: Vec<Comparison>,
}

/// A period that could not be applied.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidPeriod {
    /// There is no metric of this name.
    #[error("no metric `{0}`")]
    UnknownMetric(String),
    /// Its numbers cannot be counts.
    #[error(transparent)]
    Counts(#[from] InvalidCounts),
}

impl JointAnalysis {
    /// No evidence yet. The budgets of all metrics sum to at most 1.
    pub fn new(metrics: impl IntoIterator<Item = MetricSettings>) -> Result<Self, InvalidSettings> {
        let comparisons: Result<Vec<_>, _> = metrics.into_iter().map(Comparison::new).collect();
        let comparisons = comparisons?;
        let budget: f64 = comparisons.iter().map(|comparison| comparison.metric().budget).sum();
        // a third thrice is not quite one
        if budget > 1.0 + 1e-9 {
            return Err(InvalidSettings::Budget(budget));
        }
        Ok(Self { comparisons })
    }

    /// Adds a complete period of one metric. After an error nothing has changed.
    pub fn observe(
        &mut self,
        metric: &str,
        period: Timestamp,
        counts: &Counts,
    ) -> Result<Applied, InvalidPeriod> {
        let named =
            self.comparisons.iter_mut().find(|comparison| comparison.metric().name == metric);
        let comparison = named.ok_or_else(|| InvalidPeriod::UnknownMetric(metric.to_owned()))?;
        let applied = comparison.apply(period, counts)?;
        // whose period comes first must not decide whether a common cause stands
        if self.comparisons.iter().all(|comparison| comparison.last() == Some(period)) {
            let common_cause = self.comparisons.iter().any(Comparison::common_cause);
            for comparison in &mut self.comparisons {
                comparison.hold_against(common_cause);
            }
        }
        Ok(applied)
    }

    /// The metrics, in the order in which they were given.
    pub fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// The metrics that show harm, whether or not it counts now.
    pub fn harmful(&self) -> Vec<String> {
        self.named(|comparison| comparison.finding() == Finding::Harm)
    }

    /// What they say together.
    pub fn judgement(&self) -> Judgement {
        let common = self.named(Comparison::common_cause);
        if !common.is_empty() {
            return Judgement::CommonCause(common);
        }
        let harm = self.harmful();
        if !harm.is_empty() {
            return Judgement::Harm(harm);
        }
        let safe = self.named(|comparison| comparison.finding() == Finding::Safe);
        let all = !safe.is_empty() && safe.len() == self.comparisons.len();
        if all { Judgement::Safe } else { Judgement::Insufficient }
    }

    fn named(&self, of: fn(&Comparison) -> bool) -> Vec<String> {
        let those = self.comparisons.iter().filter(|comparison| of(comparison));
        those.map(|comparison| comparison.metric().name.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    fn metric(name: &str, budget: f64) -> MetricSettings {
        let settings = Settings::default();
        MetricSettings { budget, objective: Some(0.01), ..MetricSettings::new(name, settings) }
    }

    fn both() -> JointAnalysis {
        JointAnalysis::new([metric("errors", 0.75), metric("slow", 0.25)]).unwrap()
    }

    fn feed(analysis: &mut JointAnalysis, from: u64, errors: (u64, u64), slow: (u64, u64)) {
        let counts = |(stable_bad, candidate_bad)| Counts {
            stable_requests: 10_800,
            stable_bad,
            candidate_requests: 1_200,
            candidate_bad,
        };
        for at in from..from + 60 {
            let period = Timestamp::from_millis(at * 60_000);
            analysis.observe("errors", period, &counts(errors)).unwrap();
            analysis.observe("slow", period, &counts(slow)).unwrap();
        }
    }

    #[test]
    fn each_metric_has_its_part_of_the_error_budget() {
        let analysis = both();
        let levels: Vec<f64> = analysis
            .comparisons()
            .iter()
            .map(|comparison| comparison.harm().test().level)
            .collect();
        assert_eq!(levels, [0.0075, 0.0025]);
        assert!(JointAnalysis::new([metric("a", 0.75), metric("b", 0.5)]).is_err());
        let thirds = ["a", "b", "c"].map(|name| metric(name, 1.0 / 3.0));
        assert!(JointAnalysis::new(thirds).is_ok());
    }

    #[test]
    fn one_metric_that_shows_harm_is_enough_and_safety_takes_all() {
        let mut analysis = both();
        assert_eq!(analysis.judgement(), Judgement::Insufficient);
        feed(&mut analysis, 0, (11, 1), (20, 2));
        assert_eq!(analysis.judgement(), Judgement::Safe);
        let mut half = both();
        feed(&mut half, 0, (11, 1), (0, 0));
        assert_eq!(half.judgement(), Judgement::Insufficient);
        feed(&mut analysis, 60, (11, 1), (20, 10));
        assert_eq!(analysis.judgement(), Judgement::Harm(vec!["slow".to_owned()]));
    }

    #[test]
    fn both_sides_bad_is_a_hold_and_never_blame() {
        let mut analysis = both();
        feed(&mut analysis, 0, (11, 1), (20, 2));
        feed(&mut analysis, 60, (324, 36), (20, 2));
        assert_eq!(analysis.judgement(), Judgement::CommonCause(vec!["errors".to_owned()]));
        feed(&mut analysis, 120, (11, 1), (20, 2));
        assert_eq!(analysis.judgement(), Judgement::Safe);
    }

    #[test]
    fn harm_that_is_shown_while_both_sides_are_bad_counts_when_that_is_over_if_it_still_stands() {
        // the shared failure hits the candidate twice as hard
        let mut suffers = both();
        feed(&mut suffers, 0, (11, 1), (20, 2));
        feed(&mut suffers, 60, (324, 72), (20, 2));
        assert_eq!(suffers.harmful(), ["errors"]);
        assert_eq!(suffers.judgement(), Judgement::CommonCause(vec!["errors".to_owned()]));
        let mut recovers = suffers.clone();
        feed(&mut suffers, 120, (11, 1), (20, 2));
        assert_eq!(suffers.judgement(), Judgement::Harm(vec!["errors".to_owned()]));
        // it stays so from there on
        feed(&mut suffers, 180, (324, 24), (20, 2));
        feed(&mut suffers, 240, (11, 1), (20, 2));
        assert_eq!(suffers.judgement(), Judgement::Harm(vec!["errors".to_owned()]));
        // what the same failure takes back before it is over is held against nobody
        feed(&mut recovers, 120, (324, 24), (20, 2));
        assert!(recovers.harmful().is_empty());
        feed(&mut recovers, 180, (11, 1), (20, 2));
        assert_ne!(recovers.judgement(), Judgement::Harm(vec!["errors".to_owned()]));
    }

    #[test]
    fn a_common_cause_of_one_metric_holds_the_harm_of_every_metric_whichever_comes_first() {
        for order in [["errors", "slow"], ["slow", "errors"]] {
            let mut analysis = JointAnalysis::new(order.map(|name| metric(name, 0.5))).unwrap();
            let counts = |(stable_bad, candidate_bad)| Counts {
                stable_requests: 10_800,
                stable_bad,
                candidate_requests: 1_200,
                candidate_bad,
            };
            for at in 0..10 {
                for name in order {
                    let bad = if name == "errors" { (324, 36) } else { (20, 90) };
                    let period = Timestamp::from_millis(at * 60_000);
                    analysis.observe(name, period, &counts(bad)).unwrap();
                }
                assert_eq!(analysis.judgement(), Judgement::CommonCause(vec!["errors".to_owned()]));
            }
            assert_eq!(analysis.harmful(), ["slow"]);
            for at in 10..30 {
                let period = Timestamp::from_millis(at * 60_000);
                for name in order {
                    analysis.observe(name, period, &counts((20, 2))).unwrap();
                }
            }
            assert_eq!(analysis.judgement(), Judgement::Harm(vec!["slow".to_owned()]));
        }
    }

    #[test]
    fn a_metric_that_nobody_named_is_an_error_and_no_metric_is_never_safe() {
        let mut analysis = both();
        let period = Timestamp::from_millis(0);
        assert!(analysis.observe("orders", period, &Counts::default()).is_err());
        let many = Counts { stable_bad: 1, ..Counts::default() };
        assert!(analysis.observe("slow", period, &many).is_err());
        assert_eq!(JointAnalysis::new([]).unwrap().judgement(), Judgement::Insufficient);
    }

    #[test]
    fn a_stored_analysis_goes_on_bit_for_bit() {
        let mut kept = both();
        feed(&mut kept, 0, (11, 2), (20, 3));
        let stored = serde_json::to_string(&kept).unwrap();
        assert!(stored.len() < 9000, "{}", stored.len());
        let mut stored: JointAnalysis = serde_json::from_str(&stored).unwrap();
        feed(&mut kept, 60, (11, 1), (20, 3));
        feed(&mut stored, 60, (11, 1), (20, 3));
        assert_eq!(kept, stored);
    }
}
