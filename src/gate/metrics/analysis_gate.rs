//! The candidate against stable.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

use async_trait::async_trait;

use super::super::contract::Gate;
use super::super::contract::GateContext;
use super::super::judge::Judgement;
use super::super::judge::Remembered;
use super::super::judge::remembered;
use super::super::judge::written;
use super::super::load::load;
use super::analysis_rules::AnalysisRules;
use super::analysis_rules::Input;
use super::analysis_rules::Memory;
use super::look::Look;
use super::look::Sight;
use super::placeholders::resolve;
use crate::model::AnalysisRule;
use crate::model::Evaluation;
use crate::model::GateInput;
use crate::model::GateMemory;
use crate::model::MetricQuery;
use crate::model::Observation;
use crate::model::Subject;
use crate::model::Timestamp;
use crate::model::Weight;
use crate::ports::Monitor;

/// Fails when the candidate is shown to be worse than stable over the same minutes, with a stated
/// probability of blaming one that is not.
///
/// - It passes while neither harm nor safety is shown; its answer then says *insufficient evidence*,
///   never *healthy*. What is shown is in the answer as data ([`Proof`](crate::model::Proof)).
/// - Both sides bad is inconclusive: the cause is elsewhere, and harm that is shown meanwhile waits, unless
///   the rule says otherwise ([`BothBad`](crate::model::BothBad)). So is a split of traffic that is shown not
///   to be the weight, and three complete periods in a row without requests of one side; no bake is
///   spoken for by the first two.
/// - Evidence goes on across steps and restarts and belongs to the candidate's revision.
/// - Where one side has all the traffic there is nothing to compare, and it watches nothing.
#[derive(Debug)]
pub struct AnalysisGate {
    monitor: Arc<dyn Monitor>,
    rules: AnalysisRules,
    /// What follows from the memory all the same, and is dear to work out at every look.
    last: Mutex<Option<Last>>,
    /// The queries about whom it was asked first: mostly there is nobody else.
    first: OnceLock<(Subject, Queries)>,
}

/// Queries without placeholders, or why there are none.
type Queries = Result<Vec<MetricQuery>, String>;

/// What the last look left.
#[derive(Debug)]
struct Last {
    memory: Remembered<Memory>,
    /// The same as it is handed on.
    written: GateMemory,
    /// What was read, the same as it is handed on, and what was said to it.
    said: Option<(Input, GateInput, Judgement)>,
}

impl AnalysisGate {
    /// A gate by this rule.
    pub fn new(monitor: Arc<dyn Monitor>, rule: AnalysisRule) -> Self {
        let rules = AnalysisRules::new(rule);
        Self { monitor, rules, last: Mutex::default(), first: OnceLock::new() }
    }

    fn queries(&self, subject: &Subject) -> Cow<'_, Queries> {
        let resolved = || resolve(self.rules.queries(), subject);
        let (first, queries) = self.first.get_or_init(|| (subject.clone(), resolved()));
        if first == subject { Cow::Borrowed(queries) } else { Cow::Owned(resolved()) }
    }

    /// What is remembered: mostly what this gate has just written, which need not be read again.
    fn remember(&self, context: &GateContext<'_>) -> Last {
        let kept = self.last.lock().unwrap_or_else(PoisonError::into_inner).take();
        kept.filter(|last| last.written == *context.memory).unwrap_or_else(|| Last {
            memory: remembered::<AnalysisRules>(context),
            written: context.memory.clone(),
            said: None,
        })
    }

    async fn look(&self, context: &GateContext<'_>, memory: &Memory) -> Look {
        let has_begun = memory.has_begun();
        match context.observation.map(load) {
            _ if context.subject.baseline.stable.is_none() => return Look::unasked(Sight::Idle),
            Some(Weight::FULL) => return Look::unasked(Sight::Idle),
            Some(Weight::ZERO) if !has_begun => return Look::unasked(Sight::Idle),
            None if !has_begun => {
                return Look::unasked(Sight::Unread("the world cannot be read".to_owned()));
            }
            Some(_) | None => {}
        }
        let grid = self.rules.grid();
        let window = memory.window(grid, context.now.wall);
        match &*self.queries(context.subject) {
            Ok(queries) => Look::ask(&*self.monitor, queries, window, grid).await,
            Err(why) => Look::unasked(Sight::Unread(why.clone())),
        }
    }
}

#[async_trait]
impl Gate for AnalysisGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let mut last = self.remember(&context);
        let Look { sight, at } = self.look(&context, &last.memory).await;
        // A client that sticks to its group keeps the split from following the weight.
        let splits = context.subject.baseline.stickiness.is_zero();
        let weight = context.observation.and_then(Observation::weight).filter(|_| splits);
        let input = Input {
            revision: context.subject.candidate.to_string(),
            at: at.unwrap_or(Timestamp::from_millis(0)),
            weight,
            sight,
        };
        let had_lost = last.memory.has_lost();
        // what adds nothing is recorded as what it repeats: that gives the same answer again
        let (read, judgement) = match last.said.take() {
            Some((before, read, judgement)) if input.repeats(&before) => (read, judgement),
            _ => {
                let judgement = last.memory.answer(&self.rules, &input);
                last.written = GateMemory(written(&*last.memory).into());
                (GateInput(written(&input).into()), judgement)
            }
        };
        let evidence = input.sight.evidence(at, &context, last.memory.covered());
        let memory = last.written.clone();
        let evaluation = judgement.clone().given(evidence, memory, read.clone());
        last.said = (!had_lost).then_some((input, read, judgement));
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(last);
        evaluation
    }
}
