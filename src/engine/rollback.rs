//! The way back: planned before the first effect, the same for every strategy.

use crate::model::Baseline;
use crate::model::Facts;
use crate::model::Header;
use crate::model::Intent;
use crate::model::Observation;
use crate::model::Plan;
use crate::model::Role;
use crate::model::Weight;

/// What a rollback of `plan` writes, in order. Stored in the header before the first effect, so that
/// it needs no planning and no new permission later.
#[must_use]
pub fn rollback_plan(plan: &Plan, baseline: &Baseline) -> Vec<Intent> {
    let scaling = baseline.scaling.as_ref();
    let scaling = scaling.map(|scaling| Intent::Autoscale { targets: scaling.found.clone() });
    if let (Some((minimum_healthy_percent, maximum_percent)), Some(revision)) =
        (plan.delegation(), baseline.stable_revision.clone())
    {
        let delegate = Intent::Delegate { revision, minimum_healthy_percent, maximum_percent };
        return [delegate].into_iter().chain(scaling).collect();
    }
    let mut intents = Vec::new();
    if baseline.stable.is_some() {
        if baseline.has_router() {
            intents.push(Intent::Shift { weight: Weight::ZERO });
        }
        intents.push(Intent::Scale { role: Role::Stable, tasks: baseline.desired });
        if baseline.test_rule.is_some() && plan.tests_after(plan.steps.len()) {
            intents.push(Intent::RouteTest { role: Role::Stable });
        }
    }
    intents.push(Intent::Retire { role: Role::Candidate });
    intents.extend(scaling);
    intents
}

/// What of the rollback is still to be done in the world as it was last seen.
pub(super) fn remaining<'a>(header: &'a Header, facts: &Facts) -> Vec<&'a Intent> {
    let done =
        |intent: &Intent| facts.observation.as_ref().is_some_and(|world| is_done(intent, world));
    header.rollback.iter().filter(|intent| !done(intent)).collect()
}

fn is_done(intent: &Intent, world: &Observation) -> bool {
    match intent {
        Intent::Shift { weight } => world.router.is_none() || world.weight() == Some(*weight),
        // A role that is gone has as many tasks as nothing desired, and still has to come back.
        Intent::Scale { role, .. } => {
            world.role(*role).is_some() && world.healthy(*role) >= world.fleet.desired
        }
        Intent::RouteTest { role } => {
            world.router.as_ref().is_none_or(|router| router.test.is_none_or(|test| test == *role))
        }
        Intent::Retire { role } => world.role(*role).is_none(),
        Intent::Autoscale { targets } => world.scaling == *targets,
        Intent::Launch { .. } | Intent::Promote | Intent::Delegate { .. } => false,
    }
}
