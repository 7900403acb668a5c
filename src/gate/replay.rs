//! Judging every recorded answer again.

use super::alarm_rules::AlarmRules;
use super::composite::CompositeRules;
use super::composite::Needs;
use super::judge::Rejudged;
use super::judge::again;
use super::metrics::AnalysisRules;
use super::metrics::ExposureRules;
use super::metrics::MetricRules;
use super::probe_rules::ProbeRules;
use super::target_health::TargetHealthRules;
use super::webhook::WebhookRules;
use super::window::WindowRules;
use crate::model::GateId;
use crate::model::GateInput;
use crate::model::GateKind;
use crate::model::GateMemory;
use crate::model::GateReading;
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
            let Some(spec) = spec else { continue };
            let differs = |judged: String| {
                let (gate, recorded) = (reading.gate.clone(), reading.verdict.clone());
                Misjudged { index, gate, recorded, judged }
            };
            let (judgement, memory) = match judged_reading(&spec.kind, reading) {
                Rejudged::Foreign => continue,
                Rejudged::Unreadable => return Err(differs("nothing readable".to_owned())),
                Rejudged::Answer(judgement, memory) => (judgement, memory),
            };
            let grounds = &reading.grounds;
            if judgement.verdict != reading.verdict {
                return Err(differs(judgement.verdict.to_string()));
            }
            let same = judgement.measures == grounds.measures && judgement.turns == grounds.turns;
            if memory != reading.memory || judgement.proof != reading.proof || !same {
                return Err(differs("other numbers".to_owned()));
            }
            agreed += 1;
        }
    }
    Ok(agreed)
}

fn judged_reading(kind: &GateKind, reading: &GateReading) -> Rejudged {
    judged(kind, &reading.before, &reading.grounds.input)
}

/// What a built-in gate says now to what it read. One that gave no answer then is not asked again.
fn judged(kind: &GateKind, before: &GateMemory, input: &GateInput) -> Rejudged {
    if input.0.is_empty() {
        return Rejudged::Foreign;
    }
    match kind {
        GateKind::Alarms { names, accept_red_at_start, insufficient_data } => {
            let (names, accepts) = (names.clone(), accept_red_at_start.is_some());
            let rules = AlarmRules::new(names, accepts, *insufficient_data);
            again(&rules, before, input)
        }
        GateKind::TargetHealth(rule) => again(&TargetHealthRules::new(*rule), before, input),
        GateKind::Metric(rule) => again(&MetricRules::new(rule.clone()), before, input),
        GateKind::Exposure(cap) => again(&ExposureRules::new(cap.clone()), before, input),
        GateKind::Analysis(rule) => again(&AnalysisRules::new(rule.clone()), before, input),
        GateKind::Custom => Rejudged::Foreign,
        GateKind::Probe(probe) => again(&ProbeRules::new(probe.clone()), before, input),
        GateKind::Webhook(webhook) => again(&WebhookRules::new(webhook.clone()), before, input),
        GateKind::Window(_) => again(&WindowRules, before, input),
        GateKind::All(parts) => {
            let rules = CompositeRules { needs: Needs::All, parts, again: judged };
            again(&rules, before, input)
        }
        GateKind::Any(parts) => {
            let rules = CompositeRules { needs: Needs::Any, parts, again: judged };
            again(&rules, before, input)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Elapsed;
    use crate::model::Evaluation;
    use crate::model::Evidence;
    use crate::model::GateInput;
    use crate::model::HealthRule;

    #[test]
    fn an_answer_is_judged_again_from_what_was_read_and_remembered() {
        let kind = GateKind::TargetHealth(HealthRule::in_a_row(3));
        let input =
            r#"{"counts":{"weight":500,"desired":4,"healthy":1},"is_first":false,"stable":[4,4]}"#;
        let before = GateMemory(r#"{"looks":3,"met":2,"short":true,"stable":4}"#.to_owned().into());
        let evidence = Evidence::at(Elapsed::default());
        let mut evaluation = Evaluation::new(Verdict::Pass, evidence, GateMemory::default());
        evaluation.grounds.input = GateInput(input.to_owned().into());
        let reading = GateReading::new(GateId::new("health").unwrap(), before, evaluation);
        let Rejudged::Answer(judgement, memory) = judged_reading(&kind, &reading) else {
            panic!("no answer");
        };
        let said = "1 healthy, 50 % of 4 desired needs 2; so at 3 of 3 looks";
        assert_eq!(judgement.verdict, Verdict::Fail(said.to_owned()));
        assert_eq!(*memory.0, r#"{"looks":7,"met":2,"short":true,"stable":4}"#);
        assert_eq!(judgement.measures.len(), 3);
    }

    #[test]
    fn a_gate_that_cannot_read_what_it_knew_says_so_once_instead_of_passing() {
        let kind = GateKind::TargetHealth(HealthRule::in_a_row(1));
        let read = |healthy| {
            let counts = format!(r#"{{"weight":500,"desired":4,"healthy":{healthy}}}"#);
            GateInput(format!(r#"{{"counts":{counts},"is_first":false,"stable":[4,4]}}"#).into())
        };
        let after = |before: &GateMemory, healthy| match judged(&kind, before, &read(healthy)) {
            Rejudged::Answer(judgement, memory) => (judgement.verdict, memory),
            other => panic!("{other:?}"),
        };
        let garbage = GateMemory("not what a gate writes".to_owned().into());
        let (verdict, memory) = after(&garbage, 4);
        let Verdict::Inconclusive(why) = verdict else { panic!("{verdict}") };
        assert!(why.starts_with("what it remembered cannot be read"), "{why}");
        assert_eq!(after(&memory, 4).0, Verdict::Pass);
        assert_eq!(after(&GateMemory::default(), 4).0, Verdict::Pass);
        assert!(matches!(after(&garbage, 1).0, Verdict::Fail(_)), "what is bad is bad without it");
    }
}
