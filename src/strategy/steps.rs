//! A free list of steps.

use std::time::Duration;

use crate::model::GateSpec;
use crate::model::Plan;
use crate::model::ServiceShape;
use crate::model::Step;

use super::check::check;
use super::check::check_as;
use super::contract::Strategy;
use super::frame::FIRST;
use super::frame::NOTHING_SERVES;
use super::frame::SCALE_UP;
use super::frame::plan;
use super::plan_error::PlanError;

/// The steps as given, after they have been held against the rules of every plan ([`check`]).
///
/// At a first deployment there is no traffic to shift, so only the approvals and the final bake of the
/// list remain behind the scale-up; where nothing is desired the bakes take no time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "applications build it")]
pub struct Steps {
    /// The steps in order; the last one is the final bake.
    pub steps: Vec<Step>,
    /// The gates that the bakes name.
    pub gates: Vec<GateSpec>,
}

impl Strategy for Steps {
    fn name(&self) -> &'static str {
        "steps"
    }

    fn plan(&self, shape: &ServiceShape) -> Result<Plan, PlanError> {
        let mut steps = self.steps.clone();
        let mut notes = Vec::new();
        if shape.stable.is_none() && !steps.iter().any(|step| matches!(step, Step::Delegate { .. }))
        {
            // The list itself must be sound, or the next deployment would be refused.
            let listed = plan(self.name(), steps.clone(), self.gates.clone(), &[]);
            check_as(&listed, shape, false)?;
            let last = steps.len().saturating_sub(1);
            let mut index = 0..;
            steps.retain(|step| {
                let is_last = index.next() == Some(last);
                is_last || matches!(step, Step::Approval { .. })
            });
            steps.insert(0, SCALE_UP);
            notes.push(FIRST);
        }
        if shape.desired == 0 {
            for step in &mut steps {
                if let Step::Bake { duration, .. } = step {
                    *duration = Duration::ZERO;
                }
            }
            notes.push(NOTHING_SERVES);
        }
        let plan = plan(self.name(), steps, self.gates.clone(), &notes);
        check(&plan, shape)?;
        Ok(plan)
    }
}
