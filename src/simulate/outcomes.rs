//! What many runs came to.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::deployment_run::DeploymentRun;
use super::distribution::Distribution;
use super::ending::Ending;
use super::named_world::NamedWorld;

/// What many runs in one world came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Outcomes {
    /// The world.
    pub world: NamedWorld,
    /// The seed of the first run; the next ones follow by ones.
    pub seed: u64,
    /// How many runs there were.
    pub runs: u32,
    /// How they ended, the most frequent first.
    pub endings: Vec<EndingShare>,
    /// Requests that the candidate served.
    pub requests: Distribution,
    /// Requests that the candidate served and failed.
    pub failed: Distribution,
    /// Requests that nobody served.
    pub unserved: Distribution,
    /// From the start to the decision to turn back, in milliseconds, of the runs that did.
    pub decided_ms: Distribution,
    /// From the start to the end, in milliseconds.
    pub took_ms: Distribution,
    /// Calls to AWS's API.
    pub calls: Distribution,
}

/// How some of the runs ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct EndingShare {
    /// How they ended.
    #[serde(flatten)]
    pub ending: Ending,
    /// How many did.
    pub runs: u32,
    /// The seed with which the first run alone is such a one.
    pub seed: u64,
}

impl Outcomes {
    /// Sums runs up, in the order of their seeds.
    pub(super) fn of(world: NamedWorld, seed: u64, runs: &[DeploymentRun]) -> Self {
        let mut endings: BTreeMap<&Ending, (u32, u64)> = BTreeMap::new();
        for (nth, run) in (0_u64..).zip(runs) {
            endings.entry(&run.ending).or_insert_with(|| (0, seed.wrapping_add(nth))).0 += 1;
        }
        let share = |(ending, (runs, seed)): (&Ending, (u32, u64))| EndingShare {
            ending: ending.clone(),
            runs,
            seed,
        };
        let mut endings: Vec<EndingShare> = endings.into_iter().map(share).collect();
        endings.sort_by_key(|share| Reverse(share.runs));
        let of = |what: fn(&DeploymentRun) -> u64| Distribution::of(runs.iter().map(what));
        let millis = |span: std::time::Duration| u64::try_from(span.as_millis());
        let decided = runs.iter().filter_map(|run| millis(run.decided?).ok());
        Self {
            world,
            seed,
            runs: u32::try_from(runs.len()).unwrap_or(u32::MAX),
            endings,
            requests: of(|run| run.requests),
            failed: of(|run| run.failed),
            unserved: of(|run| run.unserved),
            decided_ms: Distribution::of(decided),
            took_ms: Distribution::of(runs.iter().filter_map(|run| millis(run.took).ok())),
            calls: of(|run| run.calls),
        }
    }

    /// How many runs succeeded.
    pub fn succeeded(&self) -> u32 {
        self.count(|ending| *ending == Ending::Succeeded)
    }

    /// How many runs rolled back.
    pub fn rolled_back(&self) -> u32 {
        self.count(|ending| matches!(ending, Ending::RolledBack(_)))
    }

    fn count(&self, which: impl Fn(&Ending) -> bool) -> u32 {
        self.endings.iter().filter(|share| which(&share.ending)).map(|share| share.runs).sum()
    }

    /// The endings that are not as they should be in such a world.
    pub fn odd(&self) -> impl Iterator<Item = &EndingShare> {
        let hope = self.world.hope();
        self.endings.iter().filter(move |share| !share.ending.is_as_hoped(hope))
    }

    /// Whether every run ended as it should.
    pub fn is_as_hoped(&self) -> bool {
        self.odd().next().is_none()
    }
}
