//! What someone else did: things that are gone, things that are foreign, weights that are not ours.

use crate::model::Direction;
use crate::model::Facts;
use crate::model::Header;
use crate::model::Observation;
use crate::model::Primary;
use crate::model::RoleObservation;
use crate::model::ServiceState;
use crate::model::Stage;
use crate::model::State;
use crate::model::Step;
use crate::model::Weight;

use super::path::in_force;

/// Something that a deployment did not do itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anomaly {
    /// The service is `DRAINING`, `INACTIVE` or missing.
    ServiceGone,
    /// A task set, a platform deployment or a primary that is neither stable nor ours.
    Superseded,
    /// The candidate was there and is not any more.
    CandidateGone,
    /// Stable is not there although it must stand by.
    StableGone,
}

impl Anomaly {
    /// In words.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::ServiceGone => "the service: it is draining, inactive or gone",
            Self::Superseded => "the service: someone else deploys it",
            Self::CandidateGone => "the candidate: it was removed",
            Self::StableGone => "stable: it was removed",
        }
    }
}

/// The gravest anomaly in what was seen, if any.
pub(super) fn anomaly(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<Anomaly> {
    let fleet = &world.fleet;
    if fleet.service != ServiceState::Active {
        return Some(Anomaly::ServiceGone);
    }
    if !fleet.foreign.is_empty() || fleet.primary == Primary::Foreign {
        return Some(Anomaly::Superseded);
    }
    if header.plan.delegation().is_some() {
        return None;
    }
    let there = |role: Option<&RoleObservation>| role.is_some_and(|role| !role.draining);
    if !state.committed && header.subject.baseline.stable.is_some() && !there(fleet.stable.as_ref())
    {
        return Some(Anomaly::StableGone);
    }
    let wanted = state.direction == Direction::Forward && facts.launched;
    (wanted && !there(fleet.candidate.as_ref())).then_some(Anomaly::CandidateGone)
}

/// Whether the candidate's weight is not the one in force although no shift is under way: nothing
/// bakes, advances or ends on such traffic, whoever set it.
pub(super) fn off_course(header: &Header, state: &State, world: &Observation) -> bool {
    let managed = world.router.is_some()
        && header.subject.baseline.stable.is_some()
        && header.plan.delegation().is_none();
    let step = header.plan.steps.get(state.step);
    let shifting = match (state.stage, step) {
        (Stage::ScaleUp, Some(Step::Roll { .. }))
        | (Stage::ProductionTrafficShift, Some(Step::Shift { .. })) => true,
        _ => state.direction == Direction::Rollback,
    };
    let in_force = in_force(header, state).map(|step| header.plan.weight_after(step));
    managed && !shifting && world.weight() != Some(in_force.unwrap_or_default())
}

/// What differs between the production rules and what this deployment set, if anything does. Reads
/// that an acknowledged write may not have reached yet are no drift.
pub(super) fn drift(
    header: &Header,
    state: &State,
    facts: &Facts,
    world: &Observation,
) -> Option<String> {
    let router = world.router.as_ref()?;
    if header.plan.delegation().is_some() || facts.catching_up {
        return None;
    }
    if let Some(rule) = router.rules.iter().find(|rule| rule.foreign) {
        return Some(format!("rule {}: it no longer forwards to the two groups alone", rule.rule));
    }
    header.subject.baseline.stable.as_ref()?;
    let wanted = match in_force(header, state) {
        Some(step) => header.plan.weight_after(step),
        None => Weight::ZERO,
    };
    let rolling = header.plan.roll().is_some() && state.stage == Stage::ScaleUp;
    let expected = |weight: Weight| {
        weight == facts.weight || Some(weight) == facts.sent || (!rolling && weight == wanted)
    };
    let rule = router.rules.iter().find(|rule| !expected(rule.candidate))?;
    let (seen, set) = (rule.candidate, facts.weight);
    Some(format!("rule {}: the candidate has {seen}, this deployment set {set}", rule.rule))
}
