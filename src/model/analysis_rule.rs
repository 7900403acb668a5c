//! What is compared between the candidate and stable.
#![expect(clippy::exhaustive_structs, reason = "specs and applications build these")]

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::finite::Finite;
use super::insufficient::Insufficient;
use super::metric::MetricSource;
use super::metric_rule::check_period;
use super::metric_rule::check_settle;
use super::preset::Preset;
use super::step::Human;
use super::time::as_millis;

/// The most metrics of one analysis: each takes its part of the error rate.
const MOST_METRICS: usize = 10;

/// The candidate against stable over the same minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisRule {
    /// How careful it is.
    pub preset: Preset,
    /// The probability, at most, that a candidate that is not worse is ever blamed, where it is not the
    /// preset's.
    pub alpha: Option<Finite>,
    /// The ratio of the candidate's rate to stable's that is still accepted, where it is not the preset's.
    pub harm_ratio: Option<Finite>,
    /// The ratio that *safe* rules out, where it is not the preset's.
    pub safe_ratio: Option<Finite>,
    /// What is compared. Their budgets share `alpha`.
    pub metrics: Vec<AnalysisMetric>,
    /// How far the odds of the observed share may be from those of the weight: 0.1. None: not checked.
    pub share_tolerance: Option<Finite>,
    /// The length of a period: whole minutes.
    #[serde(with = "as_millis")]
    pub period: Duration,
    /// How long after its end a period may still change.
    #[serde(with = "as_millis")]
    pub settle: Duration,
    /// When a bake may end before its time. None: never.
    #[serde(default)]
    pub advance_early: Option<AdvanceEarly>,
    /// What a bake does that has run its time with neither harm nor safety shown.
    #[serde(default)]
    pub insufficient: Insufficient,
    /// What becomes of harm that is shown while both sides are bad.
    #[serde(default)]
    pub both_bad: BothBad,
}

/// A bake ends before its time once every metric shows safe, all gates that watch it pass, and so much of
/// it was watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceEarly {
    /// The least watched time of the bake: one period or more, so that it rests on evidence from the bake
    /// itself too.
    #[serde(with = "as_millis")]
    pub after: Duration,
}

/// What becomes of harm that is shown while both sides are bad.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "it counts at once or it does not")]
pub enum BothBad {
    /// It is told and waits: it fails when the sides are no longer both bad and the evidence still shows it.
    #[default]
    Hold,
    /// It fails at once.
    Rollback,
}

/// One thing that is compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnalysisMetric {
    /// What people call it.
    pub name: String,
    /// What is counted.
    pub source: AnalysisSource,
    /// Whether the more the better: orders, sign-ins.
    pub more_is_better: bool,
    /// Its part of the error rate, more than 0; all parts together are 1 at most.
    pub budget: Finite,
    /// The bad rate, above 0 and at most 1, above which both sides at once have a common cause.
    pub objective: Option<Finite>,
}

/// What is counted of each side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum AnalysisSource {
    /// Responses with a 5xx and refused connections, of all requests of its target group.
    Errors,
    /// Requests of its target group that took longer.
    Slow {
        /// Than this.
        #[serde(with = "as_millis")]
        than: Duration,
    },
    /// Two statistics of metrics. In their dimensions `{side.target_group}` and `{side.revision}` are
    /// the candidate's or stable's.
    Counts {
        /// What went badly (or well, where more is better).
        bad: MetricSource,
        /// All.
        all: MetricSource,
    },
}

impl AnalysisRule {
    /// Whether it can be asked, as far as numbers go that promise nothing by themselves.
    ///
    /// # Errors
    ///
    /// The field, its value and what to give instead.
    pub fn check(&self) -> Result<(), String> {
        if self.metrics.is_empty() || self.metrics.len() > MOST_METRICS {
            return Err(format!("`metrics` has {}; give 1 to {MOST_METRICS}", self.metrics.len()));
        }
        let mut names = BTreeSet::new();
        for metric in &self.metrics {
            if !names.insert(&metric.name) {
                let name = &metric.name;
                return Err(format!("`metrics` has `{name}` twice; give each a name of its own"));
            }
            if let AnalysisSource::Counts { bad, all } = &metric.source {
                let sided = |source: &MetricSource| match source {
                    MetricSource::Statistic { metric, .. } => {
                        metric.dimensions.values().any(|value| value.contains("{side."))
                    }
                    MetricSource::Expression { .. } => false,
                };
                if !sided(bad) || !sided(all) {
                    return Err(format!(
                        "`{}` counts the same for both sides; put `{{side.target_group}}` or \
                         `{{side.revision}}` into a dimension of both statistics",
                        metric.name
                    ));
                }
            }
        }
        check_period(self.period)?;
        if let Some(AdvanceEarly { after }) = self.advance_early
            && after < self.period
        {
            let (after, period) = (Human(after), Human(self.period));
            return Err(format!(
                "`advance_early.after` is {after}; give {period} at least, one period"
            ));
        }
        check_settle(self.settle)
    }
}
