//! One metric of the candidate against stable.

use serde::Deserialize;
use serde::Serialize;

use crate::model::Finding;
use crate::model::Timestamp;

use super::common_cause::CommonCause;
use super::counts::Counts;
use super::counts::InvalidCounts;
use super::e_process::Applied;
use super::e_process::EProcess;
use super::metric::Better;
use super::metric::MetricSettings;
use super::ratio_sequence::RatioInterval;
use super::ratio_sequence::RatioSequence;
use super::ratio_test::RatioTest;
use super::ratio_test::Side;
use super::settings::InvalidSettings;

/// The level of the interval that is shown.
const SHOWN: f64 = 0.05;

/// One metric of the candidate against stable: evidence of harm, evidence of safety, the ratios that are
/// still possible, and whether both sides are bad. Its state is small, survives JSON exactly, and belongs to
/// the candidate's revision: it goes on across steps, weights, pauses and restarts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    metric: MetricSettings,
    harm: EProcess,
    safe: EProcess,
    ratios: RatioSequence,
    guard: Option<CommonCause>,
    last: Option<Timestamp>,
    /// Whether harm was shown while no common cause stood.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    blamed: bool,
}

impl Comparison {
    /// No evidence yet.
    pub fn new(metric: MetricSettings) -> Result<Self, InvalidSettings> {
        let settings = metric.divided()?;
        let cap = settings.cap;
        let harm =
            RatioTest { side: Side::Harm, ratio: settings.harm_ratio, level: settings.alpha, cap };
        let safe =
            RatioTest { side: Side::Safe, ratio: settings.safe_ratio, level: settings.beta, cap };
        Ok(Self {
            harm: EProcess::new(harm)?,
            safe: EProcess::new(safe)?,
            ratios: RatioSequence::new(SHOWN)?,
            guard: metric.objective.map(CommonCause::new).transpose()?,
            last: None,
            blamed: false,
            metric,
        })
    }

    /// Adds the complete period that begins at `period`. One that is not younger than the last is not applied
    /// again. After an error nothing has changed.
    pub fn observe(
        &mut self,
        period: Timestamp,
        counts: &Counts,
    ) -> Result<Applied, InvalidCounts> {
        let applied = self.apply(period, counts)?;
        self.hold_against(self.common_cause());
        Ok(applied)
    }

    /// Harm that is shown now stays shown, but while a common cause stands.
    pub(super) fn hold_against(&mut self, common_cause: bool) {
        self.blamed |= !common_cause && self.harm.refutes();
    }

    /// Adds a period and leaves open whether harm that it shows stays shown.
    pub(super) fn apply(
        &mut self,
        period: Timestamp,
        counts: &Counts,
    ) -> Result<Applied, InvalidCounts> {
        counts.check()?;
        if self.last.is_some_and(|last| period <= last) {
            return Ok(Applied::Repeated);
        }
        let against = self.metric.against(*counts);
        let applied = self.harm.observe(&against)?;
        self.safe.observe(&against)?;
        self.ratios.observe(&against)?;
        if let Some(guard) = &mut self.guard {
            guard.observe(counts);
        }
        self.last = Some(period);
        Ok(applied)
    }

    /// What the evidence says. Harm, once shown, stays shown; but what is shown only while both sides are bad
    /// is, as safety is, what the evidence says now.
    pub fn finding(&self) -> Finding {
        if self.blamed || self.harm.refutes() {
            Finding::Harm
        } else if self.safe.refutes() {
            Finding::Safe
        } else {
            Finding::Insufficient
        }
    }

    /// The evidence that the candidate is worse than accepted.
    pub const fn harm(&self) -> &EProcess {
        &self.harm
    }

    /// The evidence that the candidate is not as bad as what safety rules out.
    pub const fn safe(&self) -> &EProcess {
        &self.safe
    }

    /// The ratios of the candidate's rate to stable's that are still possible, at 95 %; for a metric of which
    /// more is better, of stable's to the candidate's.
    pub fn ratios(&self) -> RatioInterval {
        self.ratios.interval()
    }

    /// The watch over both sides, where the metric has an objective.
    pub const fn guard(&self) -> Option<&CommonCause> {
        self.guard.as_ref()
    }

    /// Whether both sides are bad now. Never for a metric of which more is better.
    pub fn common_cause(&self) -> bool {
        let countable = self.metric.better == Better::Fewer;
        countable && self.guard.as_ref().is_some_and(CommonCause::holds)
    }

    /// The beginning of the last period applied.
    pub const fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// The metric.
    pub const fn metric(&self) -> &MetricSettings {
        &self.metric
    }
}

#[cfg(test)]
mod tests {
    use super::super::settings::Settings;
    use super::*;

    fn minute(at: u64) -> Timestamp {
        Timestamp::from_millis(at * 60_000)
    }

    fn counts(stable_bad: u64, candidate_bad: u64) -> Counts {
        Counts { stable_requests: 10_800, stable_bad, candidate_requests: 1_200, candidate_bad }
    }

    fn errors() -> Comparison {
        Comparison::new(MetricSettings::new("errors", Settings::default())).unwrap()
    }

    #[test]
    fn a_period_is_never_applied_twice() {
        let mut comparison = errors();
        assert_eq!(comparison.observe(minute(1), &counts(11, 6)), Ok(Applied::Counted));
        let once = comparison.clone();
        assert_eq!(comparison.observe(minute(1), &counts(11, 600)), Ok(Applied::Repeated));
        assert_eq!(comparison.observe(minute(0), &counts(11, 600)), Ok(Applied::Repeated));
        assert_eq!(comparison, once);
    }

    #[test]
    fn a_regression_is_harm_and_a_candidate_as_good_is_safe() {
        let (mut worse, mut as_good) = (errors(), errors());
        assert_eq!(worse.finding(), Finding::Insufficient);
        for at in 0..60 {
            worse.observe(minute(at), &counts(11, 6)).unwrap();
            as_good.observe(minute(at), &counts(11, 1)).unwrap();
        }
        assert_eq!(worse.finding(), Finding::Harm);
        assert_eq!(as_good.finding(), Finding::Safe);
        let ratios = worse.ratios();
        assert!(ratios.low > 2.0 && ratios.high.is_some_and(|high| high < 10.0), "{ratios:?}");
    }

    #[test]
    fn fewer_orders_are_harm_where_more_is_better() {
        let orders = MetricSettings {
            better: Better::More,
            ..MetricSettings::new("orders", Settings::default())
        };
        let (mut fewer, mut more) =
            (Comparison::new(orders.clone()).unwrap(), Comparison::new(orders).unwrap());
        for at in 0..60 {
            fewer.observe(minute(at), &counts(1_080, 50)).unwrap();
            more.observe(minute(at), &counts(1_080, 160)).unwrap();
        }
        assert_eq!(fewer.finding(), Finding::Harm);
        assert_eq!(more.finding(), Finding::Safe);
    }

    #[test]
    fn settings_that_promise_nothing_are_refused() {
        let good = MetricSettings::new("errors", Settings::default());
        for bad in [
            MetricSettings { budget: 0.0, ..good.clone() },
            MetricSettings { budget: 1.5, ..good.clone() },
            MetricSettings { objective: Some(0.0), ..good.clone() },
            MetricSettings { settings: Settings { alpha: 2.0, ..good.settings }, ..good },
        ] {
            assert!(Comparison::new(bad).is_err());
        }
    }
}
