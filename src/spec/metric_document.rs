//! The gates of a spec that read metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use crate::model::AdvanceEarly;
use crate::model::AnalysisMetric;
use crate::model::AnalysisRule;
use crate::model::AnalysisSource;
use crate::model::BothBad;
use crate::model::Bound;
use crate::model::ErrorBudget;
use crate::model::ExposureCap;
use crate::model::Finite;
use crate::model::Insufficient;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricRule;
use crate::model::MetricSource;
use crate::model::MinimumSample;
use crate::model::Preset;
use crate::model::Weight;

use super::approval_document::ApprovalDocument;
use super::number::Count;
use super::number::FinePercent;
use super::number::Number;
use super::percent::Percent;
use super::spec_error::shown;
use super::switch::Switch;
use super::time_span::TimeSpan;
use super::whole::Whole;

/// `3`, in a row, or `3 of 5`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Misses {
    misses: u32,
    of: u32,
}

impl TryFrom<String> for Misses {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (misses, of) = text.split_once(" of ").unwrap_or((&text, &text));
        let both = misses.trim().parse().ok().zip(of.trim().parse().ok());
        both.map(|(misses, of)| Self { misses, of })
            .ok_or_else(|| format!("is {}; give `3` (in a row) or `3 of 5`", shown(&text)))
    }
}

const fn minute() -> TimeSpan {
    TimeSpan(Duration::from_mins(1))
}

const fn settle() -> TimeSpan {
    TimeSpan(MetricRule::SETTLE)
}

/// A statistic of a metric, or a formula over other queries.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct QueryFields {
    namespace: Option<String>,
    name: Option<String>,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    statistic: Option<String>,
    formula: Option<String>,
}

impl QueryFields {
    fn source(self) -> Result<MetricSource, &'static str> {
        let Self { namespace, name, dimensions, statistic, formula } = self;
        match (namespace, name, statistic, formula) {
            (Some(namespace), Some(name), Some(statistic), None) => Ok(MetricSource::Statistic {
                metric: Metric { namespace, name, dimensions },
                statistic,
            }),
            (None, None, None, Some(formula)) if dimensions.is_empty() => {
                Ok(MetricSource::Expression { formula })
            }
            _ => Err(
                "is no whole query; give `namespace`, `name` and `statistic`, or `formula` alone",
            ),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SampleFields {
    query: String,
    at_least: Number,
}

/// `metric: {…}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricFields {
    queries: BTreeMap<String, QueryFields>,
    watch: Option<String>,
    below: Option<Number>,
    at_most: Option<Number>,
    at_least: Option<Number>,
    misses: Option<Misses>,
    misses_in_all: Option<Whole>,
    count: Option<Whole>,
    sample: Option<SampleFields>,
    missing: Option<Whole>,
    #[serde(default = "minute")]
    period: TimeSpan,
    #[serde(default = "settle")]
    settle: TimeSpan,
}

impl MetricFields {
    pub(super) fn rule(self) -> Result<MetricRule, String> {
        let period = self.period.0;
        let query = |(id, fields): (String, QueryFields)| match fields.source() {
            Ok(source) => Ok(MetricQuery { id, source, period, returned: true }),
            Err(why) => Err(format!("has a `metric` whose query {} {why}", shown(&id))),
        };
        let queries: Vec<MetricQuery> =
            self.queries.into_iter().map(query).collect::<Result<_, _>>()?;
        let watched = match (self.watch, queries.as_slice()) {
            (Some(watched), _) => watched,
            (None, [only]) => only.id.clone(),
            (None, _) => {
                return Err("has a `metric` that does not say which query it watches; \
                            give its id in `watch`"
                    .to_owned());
            }
        };
        let bound = match (self.below, self.at_most, self.at_least) {
            (Some(bound), None, None) => Bound::Below(bound.0),
            (None, Some(bound), None) => Bound::AtMost(bound.0),
            (None, None, Some(bound)) => Bound::AtLeast(bound.0),
            _ => {
                return Err("has a `metric` without one bound; \
                            give one of `below`, `at_most` and `at_least`"
                    .to_owned());
            }
        };
        let misses = self.misses.unwrap_or(Misses { misses: 1, of: 1 });
        let sample =
            |SampleFields { query, at_least }| MinimumSample { query, at_least: at_least.0 };
        let rule = MetricRule {
            queries,
            watched,
            bound,
            misses: misses.misses,
            of: misses.of,
            misses_in_all: self.misses_in_all.map(|most| most.0),
            count: self.count.map_or(0, |count| count.0),
            sample: self.sample.map(sample),
            missing: self.missing.map_or(0, |missing| missing.0),
            settle: self.settle.0,
        };
        rule.check().map_err(|why| format!("has a bad `metric`: {why}"))?;
        Ok(rule)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct BudgetFields {
    objective: FinePercent,
    requests: Count,
    share: FinePercent,
}

/// `exposure: {…}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExposureFields {
    requests: Option<Count>,
    failed: Option<Count>,
    error_budget: Option<BudgetFields>,
    below: Option<Percent>,
    #[serde(default = "settle")]
    settle: TimeSpan,
}

impl ExposureFields {
    pub(super) fn cap(self) -> Result<ExposureCap, String> {
        let budget = |fields: BudgetFields| ErrorBudget {
            objective: fields.objective.0,
            requests: fields.requests.0,
            share: fields.share.0,
        };
        let cap = ExposureCap {
            requests: self.requests.map(|count| count.0),
            failed: self.failed.map(|count| count.0),
            budget: self.error_budget.map(budget),
            below: self.below.map_or(Weight::FULL, |below| below.weight),
            settle: self.settle.0,
        };
        cap.check().map_err(|why| format!("has a bad `exposure`: {why}"))?;
        Ok(cap)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountsFields {
    bad: QueryFields,
    all: QueryFields,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ComparedFields {
    name: String,
    #[serde(default)]
    errors: Switch,
    slower_than: Option<TimeSpan>,
    counts: Option<CountsFields>,
    #[serde(default)]
    more_is_better: Switch,
    budget: Option<FinePercent>,
    objective: Option<FinePercent>,
}

/// `default`, or `{preset: strict, …}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnalysisFields {
    #[serde(default)]
    preset: Preset,
    alpha: Option<FinePercent>,
    harm_ratio: Option<Number>,
    safe_ratio: Option<Number>,
    #[serde(default)]
    metrics: Vec<ComparedFields>,
    share_tolerance: Option<FinePercent>,
    #[serde(default = "checked")]
    check_share: Switch,
    #[serde(default = "minute")]
    period: TimeSpan,
    #[serde(default = "settle")]
    settle: TimeSpan,
    advance_early: Option<EarlyFields>,
    #[serde(default)]
    insufficient: InsufficientDocument,
    #[serde(default)]
    both_bad: BothBad,
}

/// `{after: 5m}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EarlyFields {
    after: TimeSpan,
}

/// `advance`, `hold`, or `{approval: {timeout: 8h, default: rollback}}`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum InsufficientDocument {
    #[default]
    Advance,
    Hold,
    Approval(ApprovalDocument),
}

impl InsufficientDocument {
    const fn policy(&self) -> Insufficient {
        match self {
            Self::Advance => Insufficient::Advance,
            Self::Hold => Insufficient::Hold,
            Self::Approval(ApprovalDocument { timeout, default }) => {
                Insufficient::Approval { timeout: timeout.0, default: *default }
            }
        }
    }
}

const fn checked() -> Switch {
    Switch(true)
}

/// A bad rate of both sides that no candidate alone brings about.
const BOTH_BAD: f64 = 0.05;
/// Odds of the observed share this far from the weight's agree.
const TOLERANCE: f64 = 0.1;

/// A constant that is a number.
fn finite(number: f64) -> Finite {
    Finite::new(number).unwrap_or_default()
}

impl AnalysisFields {
    pub(super) fn rule(self) -> Result<AnalysisRule, String> {
        let given = self.metrics.len().max(1);
        let even = finite(1.0 / f64::from(u32::try_from(given).unwrap_or(u32::MAX)));
        let metric = |fields: ComparedFields| compared(fields, even);
        let mut metrics: Vec<AnalysisMetric> =
            self.metrics.into_iter().map(metric).collect::<Result<_, _>>()?;
        if metrics.is_empty() {
            metrics.push(errors());
        }
        let tolerance =
            self.share_tolerance.map_or_else(|| finite(TOLERANCE), FinePercent::fraction);
        let rule = AnalysisRule {
            preset: self.preset,
            alpha: self.alpha.map(FinePercent::fraction),
            harm_ratio: self.harm_ratio.map(|ratio| ratio.0),
            safe_ratio: self.safe_ratio.map(|ratio| ratio.0),
            metrics,
            share_tolerance: self.check_share.0.then_some(tolerance),
            period: self.period.0,
            settle: self.settle.0,
            advance_early: self
                .advance_early
                .map(|EarlyFields { after }| AdvanceEarly { after: after.0 }),
            insufficient: self.insufficient.policy(),
            both_bad: self.both_bad,
        };
        rule.check().map_err(|why| format!("has a bad `analysis`: {why}"))?;
        Ok(rule)
    }
}

/// What is compared where a spec names nothing.
fn errors() -> AnalysisMetric {
    AnalysisMetric {
        name: "errors".to_owned(),
        source: AnalysisSource::Errors,
        more_is_better: false,
        budget: finite(1.0),
        objective: Some(finite(BOTH_BAD)),
    }
}

fn compared(fields: ComparedFields, even: Finite) -> Result<AnalysisMetric, String> {
    let ComparedFields { name, errors, slower_than, counts, more_is_better, budget, objective } =
        fields;
    let source = match (errors.0, slower_than, counts) {
        (true, None, None) => AnalysisSource::Errors,
        (false, Some(TimeSpan(than)), None) => AnalysisSource::Slow { than },
        (false, None, Some(CountsFields { bad, all })) => {
            let whole = |fields: QueryFields| {
                let source = fields.source();
                source.map_err(|why| {
                    format!("has an `analysis` in which a count of {} {why}", shown(&name))
                })
            };
            AnalysisSource::Counts { bad: whole(bad)?, all: whole(all)? }
        }
        _ => {
            return Err(format!(
                "has an `analysis` in which {} has to compare one thing; \
                 give one of `errors: true`, `slower_than: 500ms` and `counts: {{bad, all}}`",
                shown(&name)
            ));
        }
    };
    let usual = (source == AnalysisSource::Errors).then(|| finite(BOTH_BAD));
    Ok(AnalysisMetric {
        name,
        source,
        more_is_better: more_is_better.0,
        budget: budget.map_or(even, FinePercent::fraction),
        objective: objective.map(FinePercent::fraction).or(usual),
    })
}
