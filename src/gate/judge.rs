//! Gates that are a function of what they read, so that a recorded answer can be worked out again.

use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::contract::GateContext;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateInput;
use crate::model::GateMemory;
use crate::model::Grounds;
use crate::model::Measure;
use crate::model::Proof;
use crate::model::Shared;
use crate::model::Verdict;

/// An answer before it is known which time it speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Judgement {
    /// The answer.
    pub(super) verdict: Verdict,
    /// What is shown of the candidate against stable, where that is compared.
    pub(super) proof: Option<Proof>,
    /// The numbers behind it.
    pub(super) measures: Shared<Vec<Measure>>,
    /// What would change it.
    pub(super) turns: Option<String>,
}

/// A gate without the world: it reads no clock and no port.
pub(super) trait Judge {
    /// What is read for one answer.
    type Input: Serialize + DeserializeOwned;
    /// What is carried to the next one.
    type Memory: Serialize + DeserializeOwned + Default;

    /// Answers from what was read and what is remembered.
    fn judge(&self, memory: &mut Self::Memory, input: &Self::Input) -> Judgement;
}

impl Judgement {
    /// An answer with nothing to measure.
    pub(super) fn of(verdict: Verdict) -> Self {
        Self { verdict, proof: None, measures: Shared::default(), turns: None }
    }

    /// The answer as a gate gives it.
    pub(super) fn evaluation<J: Judge>(
        self,
        evidence: Evidence,
        memory: &J::Memory,
        input: &J::Input,
    ) -> Evaluation {
        self.given(evidence, GateMemory(written(memory).into()), GateInput(written(input).into()))
    }

    /// The same where what was read and what is remembered have been written already.
    pub(super) fn given(
        self,
        evidence: Evidence,
        memory: GateMemory,
        input: GateInput,
    ) -> Evaluation {
        let Self { verdict, proof, measures, turns } = self;
        let grounds = Grounds { measures, turns, input };
        Evaluation { verdict, proof, evidence, memory, grounds }
    }
}

/// What a gate remembers. What cannot be read is lost: the gate begins anew, and says so instead of passing.
#[derive(Debug, Default)]
pub(super) struct Remembered<M> {
    pub(super) known: M,
    lost: Option<String>,
}

impl<M: DeserializeOwned + Default> Remembered<M> {
    fn of(memory: &GateMemory) -> Self {
        if memory.0.is_empty() {
            return Self::default();
        }
        match serde_json::from_str(&memory.0) {
            Ok(known) => Self { known, lost: None },
            Err(error) => {
                let lost = format!("what it remembered cannot be read, so it begins anew: {error}");
                Self { known: M::default(), lost: Some(lost) }
            }
        }
    }
}

impl<M> Remembered<M> {
    /// The answer to what was read.
    pub(super) fn answer<J: Judge<Memory = M>>(
        &mut self,
        judge: &J,
        input: &J::Input,
    ) -> Judgement {
        let judgement = judge.judge(&mut self.known, input);
        self.admitted(judgement)
    }

    /// An answer that does not pass for want of what was lost.
    pub(super) fn admitted(&mut self, judgement: Judgement) -> Judgement {
        match self.lost.take() {
            Some(lost) if judgement.verdict.is_pass() => {
                Judgement { verdict: Verdict::Inconclusive(lost), proof: None, ..judgement }
            }
            _ => judgement,
        }
    }

    /// Whether something was lost that no answer has admitted yet.
    pub(super) const fn has_lost(&self) -> bool {
        self.lost.is_some()
    }
}

impl<M> Deref for Remembered<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.known
    }
}

/// What the gate remembers.
pub(super) fn remembered<J: Judge>(context: &GateContext<'_>) -> Remembered<J::Memory> {
    Remembered::of(context.memory)
}

/// An answer worked out again from what was recorded.
#[derive(Debug)]
pub(super) enum Rejudged {
    /// Only the gate's owner can.
    Foreign,
    /// What was recorded cannot be read.
    Unreadable,
    /// The answer, and what the gate remembers after it.
    Answer(Judgement, GateMemory),
}

/// Answers again from what was recorded.
pub(super) fn again<J: Judge>(judge: &J, before: &GateMemory, input: &GateInput) -> Rejudged {
    let Ok(input) = serde_json::from_str::<J::Input>(&input.0) else {
        return Rejudged::Unreadable;
    };
    let mut memory: Remembered<J::Memory> = Remembered::of(before);
    let judgement = memory.answer(judge, &input);
    Rejudged::Answer(judgement, GateMemory(written(&*memory).into()))
}

/// A value as a gate keeps it.
pub(super) fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
