//! How a plan goes when nothing is wrong.

use std::time::Duration;

use serde::Serialize;

use super::ending::Ending;
use super::named_world::NamedWorld;
use super::outcomes::EndingShare;
use super::outcomes::Outcomes;
use super::simulate_error::SimulateError;
use super::simulation::simulate;
use super::trial::Trial;

/// How many simulated hours are run together, and how many runs that is at least and at most: a few
/// seconds of a build without optimisation, whatever is planned.
const HOURS: u64 = 12;
const FEWEST: u64 = 5;
const MOST: u64 = 100;

/// How a plan went in some runs in which nothing was wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct HealthyRuns {
    /// How many there were.
    pub runs: u32,
    /// The seed of the first; the next ones follow by ones.
    pub seed: u64,
    /// From the start to the end, by the median.
    #[serde(serialize_with = "crate::model::as_millis::serialize")]
    pub median: Duration,
    /// How many succeeded.
    pub succeeded: u32,
    /// How the others ended.
    pub others: Vec<EndingShare>,
}

impl HealthyRuns {
    /// Runs a trial where everything is well, the more often the sooner it ends at the `earliest`. The
    /// service is simulated by task sets, whichever way it is kept.
    ///
    /// # Errors
    ///
    /// Where the trial makes no plan for such a service.
    pub fn of(trial: &Trial, earliest: Duration, seed: u64) -> Result<Self, SimulateError> {
        let runs = (HOURS * 3600 / earliest.as_secs().max(1)).clamp(FEWEST, MOST);
        let runs = u32::try_from(runs).unwrap_or(u32::MAX);
        let outcomes = simulate(trial, NamedWorld::Healthy, runs, seed)?;
        let succeeded = outcomes.succeeded();
        let Outcomes { took_ms, endings, .. } = outcomes;
        let median = Duration::from_millis(took_ms.p50);
        let others =
            endings.into_iter().filter(|share| share.ending != Ending::Succeeded).collect();
        Ok(Self { runs, seed, median, succeeded, others })
    }
}
