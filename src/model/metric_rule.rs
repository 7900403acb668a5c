//! What a metric must be.
#![expect(clippy::exhaustive_structs, reason = "specs and applications build these")]

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::finite::Finite;
use super::grounds::Bound;
use super::metric::MetricQuery;
use super::time::as_millis;

/// The most periods that are looked back at.
const MOST_PERIODS: u32 = 100;

/// What a metric must be in every complete period, and how often it may fail to be.
///
/// Dimensions of its queries may hold `{candidate.target_group}`, `{stable.target_group}`,
/// `{candidate.revision}`, `{stable.revision}`, `{load_balancer}`, `{cluster}` and `{service}`. Where one
/// of them is the candidate's, nothing is judged before the candidate has traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricRule {
    /// The queries, all with the same period.
    pub queries: Vec<MetricQuery>,
    /// The id of the one that is judged.
    pub watched: String,
    /// What it must be.
    pub bound: Bound,
    /// So many misses among the last `of` periods are a failure; fewer are none.
    pub misses: u32,
    /// How many periods are looked back at: as many as `misses` for misses in a row.
    pub of: u32,
    /// More misses than so many in the whole deployment are a failure too.
    pub misses_in_all: Option<u32>,
    /// A bake is not spoken for before so many periods have been judged.
    pub count: u32,
    /// When a period has enough in it to be judged.
    pub sample: Option<MinimumSample>,
    /// So many complete periods in a row may lack data before it is inconclusive. No bake is spoken for
    /// by them.
    pub missing: u32,
    /// How long after its end a period may still change.
    #[serde(with = "as_millis")]
    pub settle: Duration,
}

/// When a period has enough in it to be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumSample {
    /// The id of the query that counts.
    pub query: String,
    /// What it must count at least.
    pub at_least: Finite,
}

impl MetricRule {
    /// How late load balancer metrics may be: two minutes.
    pub const SETTLE: Duration = Duration::from_mins(2);

    /// The length of its periods.
    pub fn period(&self) -> Duration {
        self.queries.first().map_or(Duration::from_mins(1), |query| query.period)
    }

    /// Whether it can be asked.
    ///
    /// # Errors
    ///
    /// The field, its value and what to give instead.
    pub fn check(&self) -> Result<(), String> {
        check_queries(&self.queries)?;
        let named = |field: &str, id: &str| {
            if self.queries.iter().any(|query| query.id == id) {
                return Ok(());
            }
            Err(format!("`{field}` is `{id}`, which is none of its queries; name one of them"))
        };
        named("watch", &self.watched)?;
        if let Some(sample) = &self.sample {
            named("sample.query", &sample.query)?;
        }
        if self.misses == 0 || self.of < self.misses || self.of > MOST_PERIODS {
            let (misses, of) = (self.misses, self.of);
            return Err(format!("`misses` is {misses} of {of}; give 1 of 1 up to 100 of 100"));
        }
        if self.count > MOST_PERIODS {
            return Err(format!("`count` is {}; give 0 to {MOST_PERIODS}", self.count));
        }
        if self.missing > MOST_PERIODS {
            return Err(format!("`missing` is {}; give 0 to {MOST_PERIODS}", self.missing));
        }
        check_settle(self.settle)
    }
}

/// Whether queries can be asked together.
pub(crate) fn check_queries(queries: &[MetricQuery]) -> Result<(), String> {
    let Some(first) = queries.first() else {
        return Err("`queries` is empty; give one at least".to_owned());
    };
    let mut ids = BTreeSet::new();
    for MetricQuery { id, period, .. } in queries {
        let begins = id.starts_with(|letter: char| letter.is_ascii_lowercase());
        let goes_on = id.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if !begins || !goes_on {
            return Err(format!(
                "`queries` has an id `{id}`; begin it with a small letter, then letters, digits and `_`"
            ));
        }
        if !ids.insert(id) {
            return Err(format!("`queries` has `{id}` twice; give each an id of its own"));
        }
        check_period(*period)?;
        if *period != first.period {
            return Err(format!("`period` of `{id}` differs from that of `{}`", first.id));
        }
    }
    Ok(())
}

/// Whether `CloudWatch` has such periods for all metrics.
pub(crate) fn check_period(period: Duration) -> Result<(), String> {
    let whole = period.as_secs().is_multiple_of(60) && period.subsec_nanos() == 0;
    if whole && !period.is_zero() && period <= Duration::from_hours(1) {
        return Ok(());
    }
    Err(format!("`period` is {period:?}; give whole minutes, `1m` to `1h`"))
}

/// Whether data may be so late.
pub(crate) fn check_settle(settle: Duration) -> Result<(), String> {
    if settle <= Duration::from_hours(1) {
        return Ok(());
    }
    Err(format!("`settle` is {settle:?}; give `1h` at most"))
}
