//! What the plans of all traffic-moving strategies have in common.

use std::time::Duration;

use crate::model::GateSpec;
use crate::model::Plan;
use crate::model::Scheduling;
use crate::model::ServiceShape;
use crate::model::Share;
use crate::model::Step;
use crate::model::Weight;

use super::check::check;
use super::check::refuse_running;
use super::plan_error::PlanError;

/// Why a plan for nothing desired bakes for no time.
pub(super) const NOTHING_SERVES: &str =
    "desired count 0: nothing serves, so nothing can be watched";
/// Why a first deployment shifts nothing.
pub(super) const FIRST: &str =
    "first deployment: no revision serves yet, so there is no traffic to shift";

/// The final bake where nobody said otherwise: five minutes, time for alarms of one-minute periods.
pub(super) const FINAL_BAKE: Duration = Duration::from_mins(5);

/// A step that gives the candidate every task.
pub(super) const SCALE_UP: Step = Step::Scale { share: Share::FULL };

/// A step that gives the candidate this weight.
pub(super) const fn shift(weight: Weight) -> Step {
    Step::Shift { weight }
}

/// A step that waits this long.
pub(super) const fn bake(duration: Duration) -> Step {
    Step::Bake { duration, gates: Vec::new() }
}

/// A plan without gates and hooks; whoever deploys adds those.
pub(super) fn plan(strategy: &str, steps: Vec<Step>, gates: Vec<GateSpec>, note: &[&str]) -> Plan {
    Plan {
        strategy: strategy.to_owned(),
        steps,
        gates,
        hooks: Vec::new(),
        notes: note.iter().map(|&note| note.to_owned()).collect(),
    }
}

/// Refuses a service whose production traffic cannot be moved.
pub(super) fn needs_traffic(strategy: &str, shape: &ServiceShape) -> Result<(), PlanError> {
    refuse_running(shape)?;
    let strategy = strategy.to_owned();
    match (shape.scheduling, shape.two_roles, shape.router) {
        (Scheduling::Daemon, _, _) => Err(PlanError::DaemonNeedsRolling { strategy }),
        (Scheduling::Replica, false, _) => Err(PlanError::NoSecondRole { strategy }),
        (Scheduling::Replica, true, false) => Err(PlanError::NoRouter { strategy }),
        (Scheduling::Replica, true, true) => Ok(()),
    }
}

/// The whole plan of a strategy that moves traffic: full capacity, `traffic`, the final bake; and what
/// remains of that at a first deployment and where nothing is desired.
pub(super) fn traffic_plan(
    strategy: &str,
    shape: &ServiceShape,
    traffic: Vec<Step>,
    final_bake: Duration,
) -> Result<Plan, PlanError> {
    needs_traffic(strategy, shape)?;
    let nothing = shape.desired == 0;
    let last = bake(if nothing { Duration::ZERO } else { final_bake });
    let mut notes = Vec::new();
    let middle = match (&shape.stable, nothing) {
        (None, _) => {
            notes.push(FIRST);
            Vec::new()
        }
        (Some(_), true) => vec![shift(Weight::FULL)],
        (Some(_), false) => traffic,
    };
    if nothing {
        notes.push(NOTHING_SERVES);
    }
    let steps = [SCALE_UP].into_iter().chain(middle).chain([last]).collect();
    let plan = plan(strategy, steps, Vec::new(), &notes);
    check(&plan, shape)?;
    Ok(plan)
}
