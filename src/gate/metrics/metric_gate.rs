//! A metric against a bound.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::contract::Gate;
use super::super::contract::GateContext;
use super::super::judge::remembered;
use super::super::load::load;
use super::look::Look;
use super::look::Sight;
use super::metric_rules::Memory;
use super::metric_rules::MetricRules;
use super::placeholders::is_of_candidate;
use super::placeholders::resolve;
use crate::model::Evaluation;
use crate::model::MetricRule;
use crate::model::Weight;
use crate::ports::Monitor;

/// Passes while a metric is what it must be in every complete period.
///
/// - Each complete period is judged once, with one value; what is revised afterwards is told.
/// - A period without a datum, or with too few requests in it, is inconclusive until a later one has
///   enough; so is an answer that is late, partial, failed or no number.
/// - A bake advances by judged periods: it takes longer by the time for which data may be late.
/// - A rule about the candidate judges nothing before the candidate has traffic.
#[derive(Debug)]
pub struct MetricGate {
    monitor: Arc<dyn Monitor>,
    rules: MetricRules,
}

impl MetricGate {
    /// A gate by this rule.
    pub const fn new(monitor: Arc<dyn Monitor>, rule: MetricRule) -> Self {
        Self { monitor, rules: MetricRules::new(rule) }
    }

    async fn look(&self, context: &GateContext<'_>, memory: &Memory) -> Look {
        let queries = self.rules.queries();
        if is_of_candidate(&queries) && !memory.periods.has_begun() {
            match context.observation.map(load) {
                Some(Weight::ZERO) => return Look::unasked(Sight::Idle),
                Some(_) => {}
                None => {
                    let why = "the world cannot be read".to_owned();
                    return Look::unasked(Sight::Unread(why));
                }
            }
        }
        let grid = self.rules.grid();
        let window = memory.periods.window(grid, context.now.wall);
        match resolve(&queries, context.subject) {
            Ok(queries) => Look::ask(&*self.monitor, &queries, window, grid).await,
            Err(why) => Look::unasked(Sight::Unread(why)),
        }
    }
}

#[async_trait]
impl Gate for MetricGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let mut memory = remembered::<MetricRules>(&context);
        let look = self.look(&context, &memory).await;
        let judgement = memory.answer(&self.rules, &look.sight);
        let evidence = look.evidence(&context, self.rules.covered(&memory));
        judgement.evaluation::<MetricRules>(evidence, &memory, &look.sight)
    }
}
