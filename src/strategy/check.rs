//! The rules that every plan must keep, whoever made it.

use std::collections::BTreeSet;

use crate::model::GateId;
use crate::model::Plan;
use crate::model::RollBounds;
use crate::model::Scheduling;
use crate::model::ServiceShape;
use crate::model::Share;
use crate::model::Step;
use crate::model::Weight;

use super::plan_error::PlanError;

/// Holds a plan against the rules that the engine relies on; also for strategies outside this crate.
///
/// - The revision does not run already.
/// - The last step is a bake, the final one: stable is retired after it and never before.
/// - Weights never decrease, and the last shift is to 100 %: a plan moves forward, a rollback is not
///   part of it.
/// - No weight without capacity: the candidate's share is at least its weight, and in the end 100 %.
/// - A roll or a hand-over does not mix with scales, shifts or another of its kind; it can progress.
/// - Gates and hooks have ids of their own, and every gate that a bake names is in the plan.
/// - The service has what the steps need: two roles, a router, a test listener; and a DAEMON service
///   is handed to ECS with `maximumPercent` 100.
pub fn check(plan: &Plan, shape: &ServiceShape) -> Result<(), PlanError> {
    check_as(plan, shape, shape.stable.is_none())
}

/// As [`check`], with `first` saying whether nothing serves yet.
pub(super) fn check_as(plan: &Plan, shape: &ServiceShape, first: bool) -> Result<(), PlanError> {
    refuse_running(shape)?;
    check_ids(plan)?;
    let rules = Rules { plan, shape, first };
    rules.ending()?;
    let mut so_far = SoFar::default();
    for (index, step) in plan.steps.iter().enumerate() {
        rules.step(index, step, &mut so_far)?;
    }
    rules.whole(&so_far)
}

/// Refuses to deploy what serves already.
pub(super) fn refuse_running(shape: &ServiceShape) -> Result<(), PlanError> {
    if shape.stable.as_ref() == Some(&shape.candidate) {
        return Err(PlanError::AlreadyRunning { revision: shape.candidate.to_string() });
    }
    Ok(())
}

fn check_ids(plan: &Plan) -> Result<(), PlanError> {
    const TWICE: &str = "is defined twice; give each an id of its own";
    let mut gates = BTreeSet::new();
    if let Some(gate) = plan.gates.iter().find(|gate| !gates.insert(&gate.id)) {
        return Err(PlanError::InvalidId { what: "gate", id: gate.id.to_string(), why: TWICE });
    }
    let mut hooks = BTreeSet::new();
    if let Some(hook) = plan.hooks.iter().find(|hook| !hooks.insert(&hook.id)) {
        return Err(PlanError::InvalidId { what: "hook", id: hook.id.to_string(), why: TWICE });
    }
    let named = plan.steps.iter().flat_map(gates_of);
    match named.into_iter().find(|id| !gates.contains(id)) {
        None => Ok(()),
        Some(id) => Err(PlanError::InvalidId {
            what: "gate",
            id: id.to_string(),
            why: "is named by a bake but not defined; define it under `gates`",
        }),
    }
}

fn gates_of(step: &Step) -> &[GateId] {
    match step {
        Step::Bake { gates, .. } => gates,
        Step::Scale { .. }
        | Step::TestTraffic
        | Step::Shift { .. }
        | Step::Approval { .. }
        | Step::Roll { .. }
        | Step::Delegate { .. } => &[],
    }
}

/// What the steps up to here have brought about.
#[derive(Default)]
struct SoFar {
    share: Share,
    weight: Weight,
    /// The step that scaled, tested or shifted last.
    moved: Option<usize>,
    /// The step that rolls or hands over.
    rolled: Option<usize>,
}

struct Rules<'a> {
    plan: &'a Plan,
    shape: &'a ServiceShape,
    first: bool,
}

impl Rules<'_> {
    fn ending(&self) -> Result<(), PlanError> {
        match self.plan.steps.last() {
            Some(Step::Bake { .. }) => Ok(()),
            _ => Err(PlanError::step(
                self.plan.steps.len().saturating_sub(1),
                "the last step must be the final bake, after which stable goes; add `bake: 0s` at least",
            )),
        }
    }

    fn step(&self, index: usize, step: &Step, so_far: &mut SoFar) -> Result<(), PlanError> {
        match step {
            Step::Scale { share } => self.scale(index, *share, so_far),
            Step::TestTraffic => self.test(index, so_far),
            Step::Shift { weight } => self.shift(index, *weight, so_far),
            Step::Bake { .. } | Step::Approval { .. } => Ok(()),
            Step::Roll { minimum_healthy_percent, maximum_percent } => {
                self.two_roles()?;
                if self.first {
                    let why = "no revision serves yet, so there is none to replace; scale instead";
                    return Err(PlanError::step(index, why));
                }
                self.roll(index, *minimum_healthy_percent, *maximum_percent, so_far)
            }
            Step::Delegate { minimum_healthy_percent, maximum_percent } => {
                self.roll(index, *minimum_healthy_percent, *maximum_percent, so_far)
            }
        }
    }

    fn scale(&self, index: usize, share: Share, so_far: &mut SoFar) -> Result<(), PlanError> {
        self.two_roles()?;
        refuse_mixture(index, so_far.rolled)?;
        if share.as_permille() < so_far.weight.as_permille() {
            let why = format!(
                "it leaves the candidate {share} of the tasks for {} of the traffic; scale to {} at least",
                so_far.weight, so_far.weight
            );
            return Err(PlanError::step(index, why));
        }
        so_far.share = share;
        so_far.moved = Some(index);
        Ok(())
    }

    fn test(&self, index: usize, so_far: &mut SoFar) -> Result<(), PlanError> {
        self.two_roles()?;
        refuse_mixture(index, so_far.rolled)?;
        if !self.shape.test_traffic {
            return Err(PlanError::NoTestTraffic { strategy: self.plan.strategy.clone() });
        }
        if so_far.share == Share::default() {
            let why = "the candidate has no tasks for test traffic yet; scale it first";
            return Err(PlanError::step(index, why));
        }
        so_far.moved = Some(index);
        Ok(())
    }

    fn shift(&self, index: usize, weight: Weight, so_far: &mut SoFar) -> Result<(), PlanError> {
        self.two_roles()?;
        refuse_mixture(index, so_far.rolled)?;
        if !self.shape.router {
            return Err(PlanError::NoRouter { strategy: self.plan.strategy.clone() });
        }
        let why = if self.first {
            "no revision serves yet, so there is no traffic to shift; leave it out".to_owned()
        } else if weight < so_far.weight {
            format!(
                "weights never decrease, but this goes from {} to {weight}; a rollback needs no step",
                so_far.weight
            )
        } else if so_far.share.as_permille() < weight.as_permille() {
            format!(
                "the candidate has {} of the tasks for {weight} of the traffic; scale to {weight} at \
                 least before",
                so_far.share
            )
        } else {
            so_far.weight = weight;
            so_far.moved = Some(index);
            return Ok(());
        };
        Err(PlanError::step(index, why))
    }

    fn roll(
        &self,
        index: usize,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
        so_far: &mut SoFar,
    ) -> Result<(), PlanError> {
        refuse_mixture(index, so_far.rolled.or(so_far.moved))?;
        check_bounds(RollBounds { minimum_healthy_percent, maximum_percent }, self.shape)?;
        so_far.rolled = Some(index);
        Ok(())
    }

    fn two_roles(&self) -> Result<(), PlanError> {
        let strategy = self.plan.strategy.clone();
        match (self.shape.scheduling, self.shape.two_roles) {
            (Scheduling::Daemon, _) => Err(PlanError::DaemonNeedsRolling { strategy }),
            (Scheduling::Replica, false) => Err(PlanError::NoSecondRole { strategy }),
            (Scheduling::Replica, true) => Ok(()),
        }
    }

    /// What must have come about in the end.
    fn whole(&self, so_far: &SoFar) -> Result<(), PlanError> {
        if so_far.rolled.is_some() {
            return Ok(());
        }
        let last = self.plan.steps.len().saturating_sub(1);
        if !self.first && so_far.weight < Weight::FULL {
            let why = format!(
                "the candidate ends with {} of the production traffic and stable goes after this; add \
                 `shift: 100%` before the final bake",
                so_far.weight
            );
            return Err(PlanError::step(last, why));
        }
        if so_far.share < Share::FULL {
            let why = format!(
                "the candidate ends with {} of the tasks; add `scale: 100%` before the final bake",
                so_far.share
            );
            return Err(PlanError::step(last, why));
        }
        Ok(())
    }
}

fn refuse_mixture(index: usize, other: Option<usize>) -> Result<(), PlanError> {
    other.map_or(Ok(()), |other| {
        let why = format!(
            "a roll sets capacity and traffic itself and cannot be mixed with step {}; keep one of them",
            other + 1
        );
        Err(PlanError::step(index, why))
    })
}

fn check_bounds(bounds: RollBounds, shape: &ServiceShape) -> Result<(), PlanError> {
    let RollBounds { minimum_healthy_percent, maximum_percent } = bounds;
    let out = |field: &str, value: u32, bounds: &str| {
        let (field, value) = (field.to_owned(), value.to_string());
        Err(PlanError::OutOfBounds { field, value, bounds: bounds.to_owned() })
    };
    if minimum_healthy_percent > 100 {
        return out("minimum_healthy_percent", minimum_healthy_percent, "0 to 100");
    }
    if maximum_percent < 100 {
        return out("maximum_percent", maximum_percent, "100 or more");
    }
    if shape.scheduling == Scheduling::Daemon && maximum_percent != 100 {
        return Err(PlanError::DaemonNeedsMaximum100 { maximum_percent });
    }
    if !bounds.can_progress(shape.desired) {
        return Err(PlanError::CannotProgress { arithmetic: bounds.arithmetic(shape.desired) });
    }
    Ok(())
}
