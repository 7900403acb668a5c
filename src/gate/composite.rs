//! Gates that are made of gates.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::join_all;
use serde::Deserialize;
use serde::Serialize;

use super::contract::Gate;
use super::contract::GateContext;
use super::judge::Judge;
use super::judge::Judgement;
use super::judge::Rejudged;
use super::judge::remembered;
use crate::model::Bound;
use crate::model::Evaluation;
use crate::model::Evidence;
use crate::model::GateId;
use crate::model::GateInput;
use crate::model::GateKey;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::model::GatePart;
use crate::model::Grounds;
use crate::model::Measure;
use crate::model::Proof;
use crate::model::Verdict;

/// What is kept of the reasons of all parts, in characters.
const LONGEST_WHY: usize = 1_000;

/// Asks several gates at once and makes one answer of theirs.
///
/// - All: fails as soon as one fails, passes when every one passes. It covers what all of them cover.
/// - Any: passes as soon as one passes, fails when every one fails. It covers what one of those that pass
///   covers, the one with the most.
/// - Each part keeps a memory of its own.
/// - Both show the candidate to be safe only where every part that compares it with stable does: one of two
///   that is mistaken must not be enough.
#[derive(Debug)]
pub struct CompositeGate {
    needs: Needs,
    parts: Vec<(GateId, Arc<dyn Gate>)>,
}

/// How many parts must pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the two that compose")]
pub enum Needs {
    /// Every one.
    All,
    /// One.
    Any,
}

/// Works a part's answer out again.
pub(super) type Again = fn(&GateKind, &GateMemory, &GateInput) -> Rejudged;

/// When a gate that is made of others passes and fails, with their answers worked out again.
#[derive(Debug)]
pub(super) struct CompositeRules<'a> {
    pub(super) needs: Needs,
    pub(super) parts: &'a [GatePart],
    pub(super) again: Again,
}

/// What each part is to find again.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Memory {
    parts: BTreeMap<GateId, PartMemory>,
}

impl Memory {
    /// What these parts remember before any of them was asked.
    pub(super) fn begun(parts: impl Iterator<Item = (GateId, GateMemory)>) -> Self {
        let of = |(id, memory)| (id, PartMemory { memory, passed: false });
        Self { parts: parts.map(of).collect() }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct PartMemory {
    memory: GateMemory,
    /// Whether it passed when the whole last did.
    passed: bool,
}

/// What each part said.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    parts: Vec<PartInput>,
}

/// What one part said. What can be worked out again from what it read is there all the same: a custom
/// part's answer cannot.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct PartInput {
    id: GateId,
    verdict: Verdict,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<Proof>,
    memory: GateMemory,
    grounds: Grounds,
}

impl CompositeGate {
    /// A gate over these parts, each with a name of its own.
    pub fn new(needs: Needs, parts: Vec<(GateId, Arc<dyn Gate>)>) -> Self {
        Self { needs, parts }
    }
}

/// One answer of several, and what the parts are to find again.
fn combined(needs: Needs, memory: &mut Memory, said: &[PartInput]) -> Judgement {
    let verdict = verdict(needs, said);
    let mut measures = Vec::new();
    for part in said {
        let passes =
            Measure::new(format!("{} passes", part.id), u32::from(part.verdict.is_pass()).into());
        let bound = Bound::AtLeast(1.into());
        measures.push(if needs == Needs::All { passes.bounded(bound) } else { passes });
        let own = part.grounds.measures.iter().map(|measure| Measure {
            what: format!("{}: {}", part.id, measure.what).into(),
            ..measure.clone()
        });
        measures.extend(own);
        let kept = memory.parts.entry(part.id.clone()).or_default();
        kept.memory = part.memory.clone();
        if verdict.is_pass() {
            kept.passed = part.verdict.is_pass();
        }
    }
    let turns = said.iter().filter_map(|part| {
        let turns = part.grounds.turns.as_ref()?;
        let (id, verdict) = (&part.id, &part.verdict);
        Some(format!("{id} ({verdict}): {turns}"))
    });
    let turns: Vec<String> = turns.collect();
    let turns = (!turns.is_empty()).then(|| turns.join("; "));
    let proof = said.iter().filter_map(|part| part.proof).reduce(Proof::least);
    Judgement { verdict, proof, measures: measures.into(), turns }
}

fn verdict(needs: Needs, said: &[PartInput]) -> Verdict {
    let joined = |reasons: Vec<String>| reasons.join("; ").chars().take(LONGEST_WHY).collect();
    let (mut failed, mut unsure, mut passed) = (Vec::new(), Vec::new(), false);
    for part in said {
        match &part.verdict {
            Verdict::Pass => passed = true,
            Verdict::Fail(why) => failed.push(format!("{}: {why}", part.id)),
            Verdict::Inconclusive(why) => unsure.push(format!("{}: {why}", part.id)),
        }
    }
    match needs {
        Needs::Any if passed => Verdict::Pass,
        Needs::All if !failed.is_empty() => Verdict::Fail(joined(failed)),
        Needs::All | Needs::Any if !unsure.is_empty() => Verdict::Inconclusive(joined(unsure)),
        Needs::Any if !failed.is_empty() => Verdict::Fail(joined(failed)),
        Needs::All if passed => Verdict::Pass,
        Needs::All | Needs::Any => Verdict::Inconclusive("it has no part".to_owned()),
    }
}

/// Which time an answer of several speaks for.
fn evidence(needs: Needs, parts: &[Evaluation]) -> Option<Evidence> {
    let passing = || parts.iter().filter(|part| part.verdict.is_pass());
    let longest = passing().max_by_key(|part| part.evidence.covers.length());
    let source = parts.iter().filter_map(|part| part.evidence.source).max();
    match (needs, longest) {
        (Needs::Any, Some(longest)) => Some(longest.evidence.clone()),
        (Needs::Any | Needs::All, _) => {
            let mut of = parts.iter().map(|part| &part.evidence);
            let first = of.next()?.clone();
            Some(of.fold(Evidence { source, ..first }, |all, next| Evidence {
                covers: all.covers.intersection(next.covers),
                read_at: all.read_at.min(next.read_at),
                source,
            }))
        }
    }
}

impl Judge for CompositeRules<'_> {
    type Input = Input;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, input: &Input) -> Judgement {
        let said: Vec<PartInput> = input
            .parts
            .iter()
            .map(|part| {
                let spec = self.parts.iter().find(|spec| spec.id == part.id);
                let before = memory.parts.get(&part.id).map(|kept| kept.memory.clone());
                let (before, read) = (before.unwrap_or_default(), &part.grounds.input);
                let again = spec.map(|spec| (self.again)(&spec.kind, &before, read));
                match again {
                    None | Some(Rejudged::Foreign) => part.clone(),
                    Some(Rejudged::Unreadable) => {
                        let verdict =
                            Verdict::Inconclusive("what it read is not readable".to_owned());
                        PartInput { verdict, ..part.clone() }
                    }
                    Some(Rejudged::Answer(judgement, memory)) => {
                        let Judgement { verdict, proof, measures, turns } = judgement;
                        let grounds = Grounds { measures, turns, input: read.clone() };
                        PartInput { id: part.id.clone(), verdict, proof, memory, grounds }
                    }
                }
            })
            .collect();
        combined(self.needs, memory, &said)
    }
}

#[async_trait]
impl Gate for CompositeGate {
    async fn evaluate(&self, context: GateContext<'_>) -> Evaluation {
        let mut memory = remembered::<CompositeRules<'_>>(&context);
        let asked = self.parts.iter().map(|(id, gate)| {
            let kept = memory.parts.get(id).cloned().unwrap_or_default();
            let name = format!("{}.{id}", context.key.gate);
            let key = GateKey {
                // too long a name is only less telling
                gate: GateId::new(name).unwrap_or_else(|_| id.clone()),
                ..context.key.clone()
            };
            async move {
                let previous = context.previous.filter(|_| kept.passed);
                gate.evaluate(GateContext { previous, key: &key, memory: &kept.memory, ..context })
                    .await
            }
        });
        let answers = join_all(asked).await;
        let evidence = evidence(self.needs, &answers);
        let evidence = evidence.unwrap_or_else(|| Evidence::at(context.now.elapsed));
        let said = self.parts.iter().zip(answers).map(|((id, _), answer)| PartInput {
            id: id.clone(),
            verdict: answer.verdict,
            proof: answer.proof,
            memory: answer.memory,
            grounds: answer.grounds,
        });
        let input = Input { parts: said.collect() };
        let judgement = combined(self.needs, &mut memory.known, &input.parts);
        let judgement = memory.admitted(judgement);
        judgement.evaluation::<CompositeRules<'_>>(evidence, &memory, &input)
    }
}
