//! What the candidate has served against what it may serve.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::contract::Gate;
use super::super::contract::GateContext;
use super::super::judge::remembered;
use super::super::load::load;
use super::exposure_rules::ExposureRules;
use super::exposure_rules::Memory;
use super::look::Look;
use super::look::Sight;
use super::placeholders::resolve;
use crate::model::Evaluation;
use crate::model::ExposureCap;
use crate::model::Weight;
use crate::ports::Monitor;

/// Passes while the candidate has served no more than it may.
///
/// Requests are counted from the first minute of traffic on, those that are visible already in minutes
/// that may still change too. A minute without a datum counts as zero only where the load balancer has
/// one for it; otherwise the answer is inconclusive.
#[derive(Debug)]
pub struct ExposureGate {
    monitor: Arc<dyn Monitor>,
    rules: ExposureRules,
}

impl ExposureGate {
    /// A gate by this cap.
    pub const fn new(monitor: Arc<dyn Monitor>, cap: ExposureCap) -> Self {
        Self { monitor, rules: ExposureRules::new(cap) }
    }

    async fn look(&self, context: &GateContext<'_>, memory: &Memory) -> Look {
        match context.observation.map(load) {
            Some(Weight::ZERO) if !memory.periods.has_begun() => return Look::unasked(Sight::Idle),
            Some(weight) if weight >= self.rules.below() => return Look::unasked(Sight::Idle),
            Some(_) => {}
            None if memory.periods.has_begun() => {}
            None => {
                return Look::unasked(Sight::Unread("the world cannot be read".to_owned()));
            }
        }
        let grid = self.rules.grid();
        let window = memory.periods.window(grid, context.now.wall);
        match resolve(&ExposureRules::queries(), context.subject) {
            Ok(queries) => Look::ask(&*self.monitor, &queries, window, grid).await,
            Err(why) => Look::unasked(Sight::Unread(why)),
        }
    }
}

#[async_trait]
impl Gate for ExposureGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let mut memory = remembered::<ExposureRules>(&context);
        let look = self.look(&context, &memory).await;
        let judgement = memory.answer(&self.rules, &look.sight);
        let evidence = look.evidence(&context, memory.periods.covered());
        judgement.evaluation::<ExposureRules>(evidence, &memory, &look.sight)
    }
}
