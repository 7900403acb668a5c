//! What is to be expected of a plan before it begins.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::healthy_runs::HealthyRuns;
use crate::analysis::InvalidSettings;
use crate::analysis::percent;
use crate::api::ObservedTraffic;
use crate::api::Planned;
use crate::gate::Foresight;
use crate::model::Human;
use crate::model::Limits;
use crate::model::Load;
use crate::model::Plan;
use crate::strategy::Forecast;

/// What is to be expected of a plan before it begins: when it ends, what it can see of a bad revision, whom it
/// meets, and what it costs in calls. Only what is known is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Prospect {
    /// When the final bake is over at the earliest.
    #[serde(serialize_with = "crate::model::as_millis::serialize")]
    pub earliest: Duration,
    /// When it is over, or the deployment has turned back, at the latest.
    #[serde(serialize_with = "crate::model::as_millis::serialize")]
    pub latest: Duration,
    /// How it went in simulated runs in which nothing was wrong, with the median end.
    pub healthy: Option<HealthyRuns>,
    /// What its comparisons see.
    pub foresight: Option<Foresight>,
    /// From where the load is known, where it was observed.
    pub observed: Option<ObservedTraffic>,
    /// What would not be seen in the quietest hour of that.
    pub quietest: Vec<String>,
    /// The fewest writes it takes.
    pub writes: u32,
    /// Calls to AWS an hour while it watches, by operation.
    pub calls_per_hour: BTreeMap<String, f64>,
    /// All calls up to its end: the median one, or where that is not known the earliest.
    pub calls: Option<f64>,
}

impl Prospect {
    /// Nothing but when it ends.
    pub fn of(planned: &Planned, limits: &Limits) -> Self {
        let forecast = Forecast::of(&planned.plan, &planned.shape, limits);
        Self {
            earliest: forecast.earliest,
            latest: forecast.latest,
            healthy: None,
            foresight: None,
            observed: None,
            quietest: Vec::new(),
            writes: forecast.writes,
            calls_per_hour: BTreeMap::new(),
            calls: None,
        }
    }

    /// Adds what its comparisons see.
    #[must_use]
    pub fn with_foresight(mut self, foresight: Foresight) -> Self {
        self.foresight = Some(foresight);
        self
    }

    /// Adds what the service was observed to serve, and what the plan would not see in its quietest hour, where
    /// every step should see a candidate that is worse by `expected`.
    ///
    /// # Errors
    ///
    /// A gate whose settings promise nothing.
    pub fn with_observed(
        mut self,
        observed: ObservedTraffic,
        (plan, limits): (&Plan, &Limits),
        expected: f64,
    ) -> Result<Self, InvalidSettings> {
        let rate = observed.load.error_rate.get();
        let quietest = observed.quietest.map(|hour| Load::new(hour.requests_per_second, rate));
        self.quietest = match quietest {
            None => Vec::new(),
            Some(Err(_)) => vec!["nobody asks for anything, so nothing can be seen".to_owned()],
            Some(Ok(load)) => {
                let quiet = Foresight::of(plan, limits, load, expected)?;
                quiet.told_shortcomings().collect()
            }
        };
        self.observed = Some(observed);
        Ok(self)
    }

    /// Adds how it went when nothing was wrong.
    #[must_use]
    pub fn with_healthy_runs(mut self, healthy: HealthyRuns) -> Self {
        self.healthy = Some(healthy);
        self
    }

    /// Adds how many calls it makes an hour while it watches, by operation, and up to an end: `reads` by how long
    /// it takes and how often it writes, as the adapter knows it.
    #[must_use]
    pub fn with_calls(
        mut self,
        per_hour: BTreeMap<String, f64>,
        reads: impl Fn(Duration, u32) -> f64,
    ) -> Self {
        let took = self.healthy.as_ref().map_or(self.earliest, |healthy| healthy.median);
        self.calls = Some(reads(took, self.writes) + f64::from(self.writes));
        self.calls_per_hour = per_hour;
        self
    }
}

impl fmt::Display for Prospect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(observed) = &self.observed {
            write!(f, "{observed}")?;
        }
        if let Some(foresight) = &self.foresight {
            write!(f, "{foresight}")?;
        }
        for line in &self.quietest {
            writeln!(f, "in the quietest hour: {line}")?;
        }
        write!(f, "ends after {} at the earliest, ", Human(self.earliest))?;
        if let Some(HealthyRuns { runs, seed, median, .. }) = &self.healthy {
            let median = Human(*median).whole();
            write!(f, "{median} by the median of {runs} simulated healthy runs (seed {seed}), ")?;
        }
        writeln!(f, "{} at the latest", Human(self.latest))?;
        if let Some(HealthyRuns { runs, succeeded, others, .. }) = &self.healthy {
            write!(f, "healthy runs that did not succeed: {} of {runs}", runs - succeeded)?;
            for share in others {
                write!(f, "; {}: {}", share.runs, share.ending)?;
            }
            if let Some(foresight) = &self.foresight {
                let blamed = percent(foresight.blames_healthy);
                write!(f, "; comparisons blame a healthy revision with {blamed} % at most")?;
            }
            writeln!(f)?;
        }
        if !self.calls_per_hour.is_empty() {
            let all: f64 = self.calls_per_hour.values().sum();
            let each: Vec<String> = self
                .calls_per_hour
                .iter()
                .map(|(operation, calls)| format!("{operation} {calls:.0}"))
                .collect();
            write!(f, "about {all:.0} calls to AWS an hour: {}", each.join(", "))?;
            let whole = self.calls.map(|calls| format!("; about {calls:.0} in all"));
            writeln!(f, "{}", whole.unwrap_or_default())?;
        }
        Ok(())
    }
}
