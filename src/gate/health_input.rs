//! What the target-health gate reads of the world for one answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::load::load;
use crate::model::FailureClass;
use crate::model::HealthRule;
use crate::model::Observation;
use crate::model::Role;
use crate::model::Weight;
use crate::model::needed;

/// What is read for one answer.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HealthInput {
    /// The counts; none while the world cannot be read.
    pub(super) counts: Option<Counts>,
    /// Whether nothing served before this deployment.
    pub(super) is_first: bool,
    /// Stable's targets and how many are healthy, while it serves and has all it should have.
    pub(super) stable: Option<[u32; 2]>,
    /// The candidate's healthy targets in each zone that has to have some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) zones: Option<BTreeMap<Cow<'static, str>, u32>>,
    /// What ails the candidate, where it has too few.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) troubles: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counts {
    /// The candidate's share of the load.
    pub(super) weight: Weight,
    /// Tasks that carry all of it.
    pub(super) desired: u32,
    /// The candidate's healthy targets.
    pub(super) healthy: u32,
}

impl HealthInput {
    /// What matters of the world as it was last seen; little while it cannot be read.
    pub(super) fn of(world: Option<&Observation>, is_first: bool, rule: &HealthRule) -> Self {
        let counts = world.map(|world| Counts {
            weight: load(world),
            desired: world.fleet.desired,
            healthy: world.healthy(Role::Candidate),
        });
        let is_short = counts.is_some_and(|it| {
            it.healthy < needed(it.weight, it.desired, rule.minimum_healthy_percent)
        });
        Self {
            counts,
            is_first,
            stable: world.and_then(whole),
            zones: world.zip(rule.minimum_per_zone).map(|(world, least)| zones(world, least)),
            troubles: world.filter(|_| is_short).map(troubles).unwrap_or_default(),
        }
    }
}

/// Stable's targets and how many of them are healthy, while it serves and nobody reduced it: then
/// nothing that a deployment does takes one away.
fn whole(world: &Observation) -> Option<[u32; 2]> {
    let stable = world.fleet.stable.as_ref()?;
    let serves =
        world.router.is_some() && world.fleet.delegated.is_none() && load(world) < Weight::FULL;
    let is_whole = serves && !stable.draining && stable.target >= world.fleet.desired;
    is_whole.then_some([stable.target, stable.healthy])
}

/// The candidate's healthy targets in each zone that has to have some: every zone of either side, or,
/// while the candidate has too few tasks for that, those that it is in.
fn zones(world: &Observation, least: u32) -> BTreeMap<Cow<'static, str>, u32> {
    let Some(candidate) = world.role(Role::Candidate) else { return BTreeMap::new() };
    let mut zones = candidate.zones.clone();
    let others = world.role(Role::Stable).into_iter().flat_map(|stable| stable.zones.keys());
    let others: Vec<_> = others.filter(|zone| !candidate.zones.contains_key(*zone)).collect();
    let all = u64::try_from(zones.len() + others.len()).unwrap_or(u64::MAX);
    if u64::from(candidate.target) >= all.saturating_mul(least.into()) && !zones.is_empty() {
        zones.extend(others.into_iter().map(|zone| (zone.clone(), 0)));
    }
    zones
}

/// What ails the candidate: its targets' reasons and its failed tasks by kind.
fn troubles(world: &Observation) -> Vec<String> {
    let Some(candidate) = world.role(Role::Candidate) else { return Vec::new() };
    let mut kinds: BTreeMap<FailureClass, u32> = BTreeMap::new();
    for failure in &candidate.failures {
        let count = kinds.entry(failure.class()).or_default();
        *count = count.saturating_add(failure.count);
    }
    let targets = candidate.troubles.iter();
    let targets = targets.map(|it| format!("{} unhealthy: {}", it.count, it.reason));
    let tasks = kinds.iter().map(|(class, count)| format!("{count} tasks failed: {class}"));
    targets.chain(tasks).collect()
}
