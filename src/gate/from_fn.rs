//! A closure as a gate.

use std::fmt;
use std::future::Future;

use async_trait::async_trait;

use super::contract::Gate;
use super::contract::GateContext;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateKey;
use crate::model::GateMemory;
use crate::model::Observation;
use crate::model::Span;
use crate::model::Subject;
use crate::model::Verdict;

/// What a closure is asked about.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Question {
    /// The deployment, its service and its two groups.
    pub subject: Subject,
    /// At which point it is asked.
    pub key: GateKey,
    /// The world as it was last seen; none while blind.
    pub observation: Option<Observation>,
}

/// A closure as a gate. See [`from_fn`].
pub struct FnGate<F> {
    ask: F,
}

/// Makes a gate of any `Fn(Question) -> impl Future<Output = Verdict>`.
///
/// Its answer speaks for the moment, and for the time since the last look where that passed too and is not
/// longer ago than looks may be. What needs a memory or other evidence implements [`Gate`].
///
/// ```
/// use cutover::gate::from_fn;
/// use cutover::model::Verdict;
///
/// let quiet = from_fn(|question| async move {
///     match question.observation {
///         Some(world) if world.fleet.desired > 0 => Verdict::Pass,
///         Some(_) => Verdict::Fail("nothing is wanted".to_owned()),
///         None => Verdict::Inconclusive("the world cannot be read".to_owned()),
///     }
/// });
/// # drop(quiet);
/// ```
pub const fn from_fn<F, A>(ask: F) -> FnGate<F>
where
    F: Fn(Question) -> A + Send + Sync,
    A: Future<Output = Verdict> + Send + 'static,
{
    FnGate { ask }
}

impl<F> fmt::Debug for FnGate<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FnGate")
    }
}

#[async_trait]
impl<F, A> Gate for FnGate<F>
where
    F: Fn(Question) -> A + Send + Sync,
    A: Future<Output = Verdict> + Send + 'static,
{
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        const PASSED: &str = "passed";
        let read_at = context.now.elapsed;
        let question = Question {
            subject: context.subject.clone(),
            key: context.key.clone(),
            observation: context.observation.cloned(),
        };
        let verdict = (self.ask)(question).await;
        let had_passed = *context.memory.0 == PASSED;
        let mut evidence = Evidence::at(read_at);
        if let Some(previous) = context.previous.filter(|_| had_passed && verdict.is_pass())
            && read_at.since(previous) <= context.max_gap
        {
            evidence.covers = Span { from: previous, to: read_at };
        }
        let memory = if verdict.is_pass() { PASSED } else { "" };
        Evaluation::new(verdict, evidence, GateMemory(memory.to_owned().into()))
    }
}
