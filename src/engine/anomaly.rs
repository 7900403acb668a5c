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
    let superseded = !fleet.foreign.is_empty() || fleet.primary == Primary::Foreign;
    if superseded && !brought_back(header, state, world) {
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

/// Whether a rollback finds the platform on the old revision already. Then it does not matter who
/// brought it there: a process that died after it had asked for it cannot be told from anyone else.
fn brought_back(header: &Header, state: &State, world: &Observation) -> bool {
    let stable = header.subject.baseline.stable_revision.as_ref();
    let delegated = world.fleet.delegated.as_ref();
    state.direction == Direction::Rollback
        && header.plan.delegation().is_some()
        && delegated.is_some_and(|delegated| Some(&delegated.revision) == stable)
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

#[cfg(test)]
mod tests {

    use super::*;
    use crate::model::Baseline;
    use crate::model::Delegated;
    use crate::model::DelegatedState;
    use crate::model::DeploymentId;
    use crate::model::FleetObservation;
    use crate::model::Limits;
    use crate::model::Plan;
    use crate::model::Revision;
    use crate::model::Role;
    use crate::model::Scheduling;
    use crate::model::ServiceId;
    use crate::model::Subject;
    use crate::model::Timestamp;

    fn revision(number: u32) -> Revision {
        let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}");
        Revision::new(arn.parse().unwrap())
    }

    fn header() -> Header {
        let baseline = Baseline {
            stable: Some("ecs-svc/1".parse().unwrap()),
            stable_revision: Some(revision(1)),
            ..Baseline::new(4, Scheduling::Replica)
        };
        let subject = Subject {
            deployment: DeploymentId::new("d").unwrap(),
            service: ServiceId::new("prod", "web").unwrap(),
            candidate: revision(2),
            baseline,
        };
        let delegate = Step::Delegate { minimum_healthy_percent: 100, maximum_percent: 200 };
        let plan = Plan {
            strategy: "rolling".to_owned(),
            steps: vec![delegate],
            gates: Vec::new(),
            hooks: Vec::new(),
            notes: Vec::new(),
        };
        let created = Timestamp::from_millis(0);
        Header::new(subject, plan, Vec::new(), Limits::default(), created)
    }

    /// Someone's deployment of this revision is primary.
    fn theirs(number: u32, primary: Primary) -> Observation {
        let state = DelegatedState::InProgress;
        let fleet = FleetObservation {
            service: ServiceState::Active,
            desired: 4,
            stable: None,
            candidate: None,
            primary,
            foreign: vec!["ecs-svc/9".parse().unwrap()],
            delegated: Some(Delegated { revision: revision(number), state }),
        };
        Observation { fleet, router: None, scaling: Vec::new() }
    }

    #[test]
    fn who_brought_a_delegated_service_back_matters_only_to_one_that_goes_forward() {
        let of = |direction, world: &Observation| {
            let state = State { direction, ..State::default() };
            anomaly(&header(), &state, &Facts::default(), world)
        };
        let back = theirs(1, Primary::Role(Role::Stable));
        assert_eq!(of(Direction::Forward, &back), Some(Anomaly::Superseded));
        assert_eq!(of(Direction::Rollback, &back), None);
        let other = theirs(3, Primary::Foreign);
        assert_eq!(of(Direction::Forward, &other), Some(Anomaly::Superseded));
        assert_eq!(of(Direction::Rollback, &other), Some(Anomaly::Superseded));
    }
}
