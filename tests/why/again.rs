//! Every decision and every answer of many deployments is worked out again, while they run and after
//! their end; and what was changed in a record is found.

use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Traffic;
use cutover::adapters::sim::revision;
use cutover::engine::replay;
use cutover::gate::rejudge;
use cutover::model::AlarmName;
use cutover::model::Bound;
use cutover::model::Decision;
use cutover::model::Entry;
use cutover::model::Finding;
use cutover::model::Finite;
use cutover::model::GateReading;
use cutover::model::GateSpec;
use cutover::model::Operator;
use cutover::model::Record;
use cutover::model::Stage;
use cutover::model::Verdict;
use cutover::record::decode;
use cutover::record::encode;
use cutover::spec::DeploymentSpec;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Linear;
use cutover::strategy::Rolling;
use cutover::strategy::Strategy;

use crate::rig::Rig;
use crate::rig::alarm_gate;

const ALARM: &str = "web-5xx";
const MINUTE: Duration = Duration::from_secs(60);

fn behaviours() -> Vec<Behaviour> {
    let twenty = Duration::from_secs(20);
    vec![
        Behaviour::healthy(),
        Behaviour::erring(40),
        Behaviour::erring(300),
        Behaviour::doomed(Fate::CrashesAfter(twenty)),
        Behaviour::doomed(Fate::UnhealthyAfter(10 * twenty)),
        Behaviour::doomed(Fate::NeverHealthy),
    ]
}

fn strategies() -> Vec<Box<dyn Strategy>> {
    vec![
        Box::new(BlueGreen::default()),
        Box::new(Canary::default()),
        Box::new(Linear::default()),
        Box::new(Rolling::default()),
    ]
}

/// A deployment of a revision that behaves so, with an alarm.
fn rig(seed: u64, behaviour: Behaviour) -> Rig {
    let alarm = AlarmSpec::errors(AlarmName::new(ALARM).unwrap(), Colour::Green, 50);
    Rig::new(Scenario::new(seed).with_behaviour(revision(2), behaviour).with_alarm(alarm))
}

#[test]
fn many_deployments_are_worked_out_again_bit_for_bit_at_every_minute() {
    let (mut records, mut decisions, mut verdicts) = (0, 0, 0);
    for seed in 0..6 {
        for behaviour in behaviours() {
            for strategy in strategies() {
                let mut rig = rig(seed, behaviour.clone());
                let gate = Some(alarm_gate(ALARM));
                for record in rig.records(&*strategy, gate, MINUTE) {
                    // as another process reads it
                    let record = decode(&encode(&record).unwrap()).unwrap();
                    decisions += replay(&record).unwrap();
                    verdicts += rejudge(&record).unwrap();
                    records += 1;
                }
            }
        }
    }
    assert!(records > 1000 && decisions > 10_000, "{records} records, {decisions} decisions");
    assert!(verdicts > 20_000, "{verdicts} answers");
}

/// The record of a canary that an alarm turned back.
fn turned_back() -> Record {
    let mut rig = rig(3, Behaviour::erring(300));
    let record = rig.records(&Canary::default(), Some(alarm_gate(ALARM)), 60 * MINUTE).pop();
    record.unwrap()
}

/// The entry that turned it back.
fn turning(record: &mut Record) -> &mut Entry {
    let turns = |entry: &&mut Entry| matches!(entry.decision, Decision::Rollback { .. });
    record.entries.iter_mut().find(turns).unwrap()
}

fn reading<'a>(record: &'a mut Record, gate: &str) -> &'a mut GateReading {
    let readings = &mut turning(record).facts.gates;
    readings.iter_mut().find(|reading| reading.gate.as_str() == gate).unwrap()
}

/// Whether a change in the record is found, and by which of the two.
fn found(change: impl Fn(&mut Record)) -> [bool; 2] {
    let mut record = turned_back();
    assert!(replay(&record).is_ok() && rejudge(&record).is_ok());
    change(&mut record);
    [replay(&record).is_err(), rejudge(&record).is_err()]
}

#[test]
fn a_changed_verdict_is_found_twice() {
    let changed = |record: &mut Record| reading(record, "alarms").verdict = Verdict::Pass;
    assert_eq!(found(changed), [true, true]);
    let other = |record: &mut Record| {
        reading(record, "target-health").verdict = Verdict::Inconclusive("so it seems".to_owned());
    };
    assert_eq!(found(other), [false, true], "no decision rests on it, but it is not what was read");
}

#[test]
fn a_changed_measure_is_found() {
    for change in [
        |reading: &mut GateReading| reading.grounds.measures[0].value = Finite::from(7),
        |reading: &mut GateReading| {
            reading.grounds.measures[0].bound = Some(Bound::AtLeast(Finite::from(7)));
        },
        |reading: &mut GateReading| drop(reading.grounds.measures.pop()),
        |reading: &mut GateReading| reading.grounds.turns = Some("nothing".to_owned()),
    ] {
        assert_eq!(found(|record| change(reading(record, "target-health"))), [false, true]);
    }
}

#[test]
fn a_changed_memory_is_found() {
    let after = |record: &mut Record| reading(record, "target-health").memory.0.push(' ');
    assert_eq!(found(after), [false, true]);
    let before = |record: &mut Record| {
        let looks = r#"{"looks":3,"met":2,"short":true,"stable":4}"#;
        looks.clone_into(&mut reading(record, "target-health").before.0);
    };
    assert_eq!(found(before), [false, true]);
}

#[test]
fn a_changed_input_is_found() {
    let healthy = |record: &mut Record| {
        let input = &mut reading(record, "target-health").grounds.input.0;
        **input = input.replacen(r#""healthy":4"#, r#""healthy":3"#, 1);
    };
    assert_eq!(found(healthy), [false, true]);
    let quiet = |record: &mut Record| {
        let input = &mut reading(record, "alarms").grounds.input.0;
        **input = input.replacen(r#""state":"ALARM""#, r#""state":"OK""#, 1);
    };
    assert_eq!(found(quiet), [false, true]);
    let garbage =
        |record: &mut Record| "{".clone_into(&mut reading(record, "alarms").grounds.input.0);
    assert_eq!(found(garbage), [false, true]);
}

#[test]
fn a_changed_fact_or_decision_is_found() {
    let cause = |record: &mut Record| turning(record).decision = Decision::Commit;
    assert_eq!(found(cause), [true, false]);
    let step = |record: &mut Record| {
        let entry =
            record.entries.iter_mut().find(|it| matches!(it.decision, Decision::Enter { .. }));
        entry.unwrap().facts.observation = None;
    };
    assert_eq!(found(step), [true, false]);
}

/// A service of which both revisions fail as often, and a gate that may end a bake early.
fn compared() -> (Rig, Canary, GateSpec) {
    let both = |scenario: Scenario, number| {
        scenario.with_behaviour(revision(number), Behaviour::erring(2))
    };
    let busy = Scenario::new(1).with_traffic(Traffic::per_second(200));
    let text = "service: {cluster: prod, name: web}
revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2'}
strategy: {canary: {weight: 10%, bake: 40m}}
gates: [{id: canary, analysis: {advance_early: {after: 5m}}}]";
    let spec = DeploymentSpec::parse(text, "a.yaml").unwrap();
    let strategy = Canary { bake: 40 * MINUTE, ..Canary::default() };
    (Rig::new([1, 2].into_iter().fold(busy, both)), strategy, spec.gates().first().unwrap().clone())
}

#[test]
fn a_bake_that_ended_early_is_worked_out_again_and_told() {
    let (mut rig, strategy, gate) = compared();
    let records = rig.records(&strategy, Some(gate.clone()), MINUTE);
    for record in &records {
        let record = decode(&encode(record).unwrap()).unwrap();
        assert!(replay(&record).is_ok() && rejudge(&record).is_ok());
    }
    let mut record = records.last().unwrap().clone();
    let left = |entry: &&mut Entry| {
        matches!(
            entry.decision,
            Decision::Enter { step: 3, stage: Stage::PreProductionTrafficShift }
        )
    };
    let entry = record.entries.iter_mut().find(left).unwrap();
    assert!(entry.facts.accrued.bake < 20 * MINUTE, "{:?}", entry.facts.accrued);
    let proof = entry.facts.gates.iter_mut().find_map(|reading| reading.proof.as_mut()).unwrap();
    proof.finding = Finding::Insufficient;
    assert!(replay(&record).is_err() && rejudge(&record).is_err(), "what was shown decides");

    let text = compared().0.explained(&strategy, Some(gate.clone()), None, None).to_string();
    let line = text.lines().find(|line| line.contains("the bake ended early at ")).unwrap();
    assert!(line.contains("gate `canary`: safe: ln E 3.") && line.ends_with(" of 40m"), "{line}");
    let half = Some(5 * MINUTE);
    let text = compared().0.explained(&strategy, Some(gate), half, None).to_string();
    for said in [
        "gate `canary`: insufficient evidence: ln E ",
        "; the bake may end early, from 5m on, once it is safe",
        "safe is shown: the bake ends early, from 5m of watched time on",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn a_record_that_does_not_agree_is_told_loudly() {
    let mut record = turned_back();
    reading(&mut record, "alarms").verdict = Verdict::Pass;
    let explanation = rig(3, Behaviour::healthy()).explained_from(&record);
    assert!(!explanation.agrees());
    let text = explanation.to_string();
    for said in [
        "!!! THE RECORD DOES NOT AGREE WITH ITSELF. DO NOT TRUST WHAT FOLLOWS.",
        "gate `alarms` answered pass, but what it read leads to fail: alarm `web-5xx` is in ALARM",
        "!!! entry 9 says Rollback",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn what_is_folded_away_is_said() {
    let mut rig = rig(1, Behaviour::healthy());
    let strategy = Canary { bake: 240 * MINUTE, ..Canary::default() };
    let explanation = rig.worn(&strategy, &[Operator::Pause, Operator::Continue], 70);
    let folded = explanation.folded.unwrap();
    assert!(folded.entries > 20, "{folded:?}");
    assert!(explanation.agrees());
    let text = explanation.to_string();
    let said = format!("the {} oldest decisions are folded away, the last from ", folded.entries);
    assert!(text.contains(&said), "{text}");
    let json = serde_json::to_value(&explanation).unwrap();
    let told = json["transitions"].as_array().unwrap().len();
    assert!((64..=128).contains(&told), "{told} of the latest are kept");
    assert!(json["transitions"][0]["facts"]["gates"][0]["grounds"]["input"].is_string());
    let again: cutover::api::Explanation = serde_json::from_value(json).unwrap();
    assert_eq!(Arc::new(again).to_string(), text);
}
