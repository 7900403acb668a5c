//! A gate that cannot hurt whoever asks it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::bounded::isolated;
use crate::gate::Gate;
use crate::gate::GateContext;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::Verdict;
use crate::ports::Clock;

/// No part of a gate may take longer, so that the others are heard in time.
const LONGEST_PART: Duration = Duration::from_secs(17);

/// What is kept of a gate's own words, in characters: a record holds them at every decision.
const LONGEST_WHY: usize = 1_000;

/// How much a gate may leave to be recorded, in bytes.
const LONGEST_RECORD: usize = 64 * 1024;

/// A part of a gate, isolated from the other parts.
#[derive(Debug)]
pub(super) struct IsolatedGate {
    clock: Arc<dyn Clock>,
    gate: Arc<dyn Gate>,
}

impl IsolatedGate {
    pub(super) const fn new(clock: Arc<dyn Clock>, gate: Arc<dyn Gate>) -> Self {
        Self { clock, gate }
    }
}

#[async_trait]
impl Gate for IsolatedGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        answered(&*self.clock, LONGEST_PART, &*self.gate, context).await
    }
}

/// Asks a gate. A panic, silence and garbage are answers like any other: inconclusive.
pub(super) async fn answered(
    clock: &dyn Clock,
    span: Duration,
    gate: &dyn Gate,
    context: GateContext<'_>,
) -> Evaluation {
    let unsure = |why: &str| {
        let verdict = Verdict::Inconclusive(format!("the gate gave no answer: {why}"));
        Evaluation::new(verdict, Evidence::at(context.now.elapsed), context.memory.clone())
    };
    // it is made within, so that what it does before it waits is isolated too
    let asking = Box::pin(async { gate.evaluate(context).await });
    match isolated(clock, span, asking).await {
        Ok(evaluation) => sound(evaluation, clock).unwrap_or_else(unsure),
        Err(why) => unsure(&why),
    }
}

/// The answer within its bounds; an error where it cannot be meant.
fn sound(mut evaluation: Evaluation, clock: &dyn Clock) -> Result<Evaluation, &'static str> {
    let (now, evidence) = (clock.elapsed(), &evaluation.evidence);
    if evidence.read_at > now || evidence.covers.to > now {
        return Err("it speaks for the future");
    }
    let grounds = &evaluation.grounds;
    let measures: usize = grounds.measures.iter().map(|measure| 32 + measure.what.len()).sum();
    let turns = grounds.turns.as_ref().map_or(0, String::len);
    if evaluation.memory.0.len() + grounds.input.0.len() + measures + turns > LONGEST_RECORD {
        return Err("it leaves too much to be recorded");
    }
    if let Verdict::Fail(why) | Verdict::Inconclusive(why) = &mut evaluation.verdict
        && let Some((end, _)) = why.char_indices().nth(LONGEST_WHY)
    {
        why.truncate(end);
    }
    Ok(evaluation)
}
