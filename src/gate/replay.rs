//! Judging every recorded answer again.

use super::alarms::AlarmRules;
use super::composite::CompositeRules;
use super::composite::Needs;
use super::judge::Judgement;
use super::judge::again;
use super::probe_rules::ProbeRules;
use super::target_health::TargetHealthRules;
use super::webhook::WebhookRules;
use super::window::WindowRules;
use crate::model::GateId;
use crate::model::GateInput;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::model::Record;
use crate::model::Verdict;

/// An answer that is given differently now: the record, or this version of the crate, is not what it
/// says it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {index}: gate `{gate}` answered {recorded}, but what it read leads to {judged}")]
#[non_exhaustive]
pub struct Misjudged {
    /// Which entry, from 0.
    pub index: usize,
    /// Which gate.
    pub gate: GateId,
    /// What it answered.
    pub recorded: Verdict,
    /// What it answers now.
    pub judged: String,
}

/// Judges every recorded answer of a built-in gate again, from what it read and remembered then.
/// Answers how many agreed, bit for bit; answers of custom gates are taken as they are.
///
/// # Errors
///
/// The first one that does not agree.
pub fn rejudge(record: &Record) -> Result<usize, Misjudged> {
    let mut agreed = 0;
    for (index, entry) in record.entries.iter().enumerate() {
        for reading in &entry.facts.gates {
            let spec = record.header.plan.gates.iter().find(|spec| spec.id == reading.gate);
            let Some(now) =
                spec.and_then(|spec| judged(&spec.kind, &reading.before, &reading.grounds.input))
            else {
                continue;
            };
            let differs = |judged: String| {
                let (gate, recorded) = (reading.gate.clone(), reading.verdict.clone());
                Misjudged { index, gate, recorded, judged }
            };
            let (judgement, memory) = now.ok_or_else(|| differs("nothing readable".to_owned()))?;
            let grounds = &reading.grounds;
            if judgement.verdict != reading.verdict {
                return Err(differs(judgement.verdict.to_string()));
            }
            if memory != reading.memory || judgement.measures != grounds.measures {
                return Err(differs("other numbers".to_owned()));
            }
            agreed += 1;
        }
    }
    Ok(agreed)
}

/// What a built-in gate says to what it read now; no answer at all for a gate that only its owner knows,
/// or one that gave none then.
#[expect(clippy::option_option, reason = "not asked, and not readable")]
fn judged(
    kind: &GateKind,
    before: &GateMemory,
    input: &GateInput,
) -> Option<Option<(Judgement, GateMemory)>> {
    if input.0.is_empty() {
        return None;
    }
    match kind {
        GateKind::Alarms { names, accept_red_at_start } => {
            let rules = AlarmRules::new(names.clone(), accept_red_at_start.is_some());
            Some(again(&rules, before, input))
        }
        GateKind::TargetHealth { unhealthy_reads, minimum_healthy_percent } => {
            let rules = TargetHealthRules::new(*unhealthy_reads, *minimum_healthy_percent);
            Some(again(&rules, before, input))
        }
        GateKind::Custom => None,
        GateKind::Probe(probe) => Some(again(&ProbeRules::new(probe.clone()), before, input)),
        GateKind::Webhook(webhook) => {
            Some(again(&WebhookRules::new(webhook.clone()), before, input))
        }
        GateKind::Window(_) => Some(again(&WindowRules, before, input)),
        GateKind::All(parts) => {
            let rules = CompositeRules { needs: Needs::All, parts, again: judged };
            Some(again(&rules, before, input))
        }
        GateKind::Any(parts) => {
            let rules = CompositeRules { needs: Needs::Any, parts, again: judged };
            Some(again(&rules, before, input))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Elapsed;
    use crate::model::Evaluation;
    use crate::model::Evidence;
    use crate::model::GateReading;

    #[test]
    fn an_answer_is_judged_again_from_what_was_read_and_remembered() {
        let kind = GateKind::TargetHealth { unhealthy_reads: 3, minimum_healthy_percent: 100 };
        let input = r#"{"counts":{"weight":500,"desired":4,"healthy":1},"is_first":false}"#;
        let before = GateMemory(r#"{"unhealthy":2,"met":2,"short":true}"#.to_owned());
        let evidence = Evidence::at(Elapsed::default());
        let mut evaluation = Evaluation::new(Verdict::Pass, evidence, GateMemory::default());
        evaluation.grounds.input = GateInput(input.to_owned());
        let reading = GateReading::new(GateId::new("health").unwrap(), before, evaluation);
        let (judgement, memory) =
            judged(&kind, &reading.before, &reading.grounds.input).unwrap().unwrap();
        let said = "1 healthy, 50 % of 4 desired needs 2, 3 reads in a row";
        assert_eq!(judgement.verdict, Verdict::Fail(said.to_owned()));
        assert_eq!(memory.0, r#"{"unhealthy":3,"met":2,"short":true}"#);
        assert_eq!(judgement.measures.len(), 2);
    }
}
