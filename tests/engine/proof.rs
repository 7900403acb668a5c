//! Bakes that an analysis watches: over early once the candidate is shown to be safe, and what they do
//! when nothing is shown.

use std::time::Duration;

use cutover::engine::{Input, replay};
use cutover::model::*;

use super::ideal::{Ideal, Rig};

const BAKE: Duration = Duration::from_mins(10);
const AFTER: Duration = Duration::from_mins(2);
const LIMIT: Duration = Duration::from_mins(5);

fn id(id: &str) -> GateId {
    GateId::new(id).unwrap()
}

fn rule(early: bool, insufficient: Insufficient) -> AnalysisRule {
    let minute = Duration::from_mins(1);
    AnalysisRule {
        preset: Preset::Default,
        alpha: None,
        harm_ratio: None,
        safe_ratio: None,
        metrics: Vec::new(),
        share_tolerance: None,
        period: minute,
        settle: minute,
        advance_early: early.then_some(AdvanceEarly { after: AFTER }),
        insufficient,
        both_bad: BothBad::Hold,
    }
}

fn gate(name: &str, rule: AnalysisRule) -> GateSpec {
    GateSpec {
        id: id(name),
        kind: GateKind::Analysis(rule),
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: LIMIT },
        always: true,
    }
}

fn early(name: &str) -> GateSpec {
    gate(name, rule(true, Insufficient::Advance))
}

/// A tenth of the traffic for ten minutes, and a minute with all of it.
fn plan(gates: Vec<GateSpec>) -> Plan {
    let bake = |duration| Step::Bake { duration, gates: Vec::new() };
    let steps = vec![
        Step::Scale { share: Share::FULL },
        Step::Shift { weight: Weight::percent(10).unwrap() },
        bake(BAKE),
        Step::Shift { weight: Weight::FULL },
        bake(Duration::from_mins(1)),
    ];
    Plan { strategy: "steps".to_owned(), steps, gates, hooks: Vec::new(), notes: Vec::new() }
}

fn shows(finding: Finding) -> Proof {
    let number = |number| Finite::new(number).unwrap();
    Proof { finding, log_e: number(1.5), needed: number(3.0) }
}

fn rig(gates: Vec<GateSpec>, proofs: &[(&str, Finding)]) -> Rig {
    let mut rig = Rig::new(Ideal::new(4, false), plan(gates), Limits::default());
    rig.proofs = proofs.iter().map(|(gate, finding)| (id(gate), shows(*finding))).collect();
    rig
}

/// How much of the bake at step `step` was watched when it was left.
fn watched(rig: &Rig, step: usize) -> Duration {
    let record = rig.engine.record();
    assert_eq!(replay(record).unwrap(), record.entries.len());
    let leaves = |entry: &&Entry| match entry.decision {
        Decision::Enter { step: to, .. } => to == step + 1,
        Decision::Commit => step == 4,
        _ => false,
    };
    record.entries.iter().find(leaves).unwrap().facts.accrued.bake
}

fn is_early(rig: &mut Rig) -> bool {
    assert!(matches!(rig.finish(), Ending::Successful { .. }));
    let (bake, last) = (watched(rig, 2), watched(rig, 4));
    assert!(last >= Duration::from_mins(1), "the final bake took {last:?}");
    assert!((AFTER..AFTER + AFTER).contains(&bake) || bake >= BAKE, "{bake:?}");
    bake < BAKE
}

fn told(rig: &Rig) -> Vec<(usize, Duration, Finding)> {
    let of = |kind: &EventKind| match kind {
        EventKind::BakeEnded { step, watched, bake, proof } => {
            assert_eq!(*bake, BAKE);
            Some((*step, *watched, proof.finding))
        }
        _ => None,
    };
    rig.events.iter().filter_map(of).collect()
}

fn in_bake(rig: &Rig) -> bool {
    rig.engine.state().step == 2 && rig.engine.state().stage == Stage::ProductionTrafficShift
}

#[test]
fn a_bake_is_over_at_its_minimum_once_safe_is_shown_and_the_final_one_never_before_its_time() {
    let mut rig = rig(vec![early("canary")], &[("canary", Finding::Safe)]);
    assert!(is_early(&mut rig));
    let bake = watched(&rig, 2);
    // the final bake shows the same here, which a gate with nothing to compare would not
    assert_eq!(told(&rig), [(2, bake, Finding::Safe)]);
}

#[test]
fn safe_is_what_the_evidence_says_now() {
    let mut late = rig(vec![early("canary")], &[("canary", Finding::Insufficient)]);
    late.run_until(|rig| in_bake(rig) && rig.engine.facts().accrued.bake >= AFTER + AFTER);
    late.proofs.insert(id("canary"), shows(Finding::Safe));
    late.run_until(|rig| rig.engine.state().step > 2);
    assert!(watched(&late, 2) < AFTER + AFTER + Duration::from_mins(1));
    let mut lost = rig(vec![early("canary")], &[("canary", Finding::Safe)]);
    lost.run_until(|rig| in_bake(rig) && !rig.engine.facts().accrued.bake.is_zero());
    lost.proofs.insert(id("canary"), shows(Finding::Insufficient));
    assert!(!is_early(&mut lost));
    // a gate that compares nothing shows nothing
    assert!(!is_early(&mut rig(vec![early("canary")], &[])));
}

#[test]
fn every_gate_that_compares_and_may_act_has_to_show_safe() {
    let unsure = [("canary", Finding::Safe), ("other", Finding::Insufficient)];
    let sure = [("canary", Finding::Safe), ("other", Finding::Safe)];
    let usual = || gate("other", rule(false, Insufficient::Advance));
    let mode = |mode| vec![early("canary"), GateSpec { mode, ..usual() }];
    assert!(is_early(&mut rig(mode(GateMode::Blocking), &sure)));
    assert!(!is_early(&mut rig(mode(GateMode::Blocking), &unsure)));
    assert!(!is_early(&mut rig(mode(GateMode::HoldOnly), &unsure)));
    assert!(is_early(&mut rig(mode(GateMode::ObserveOnly), &unsure)));
    // one that watches other bakes only is not asked
    let elsewhere = vec![early("canary"), GateSpec { always: false, ..usual() }];
    assert!(is_early(&mut rig(elsewhere, &unsure)));
    // and one that has not been asked since the start shows nothing, whatever it compares
    let silent = [("canary", Finding::Safe)];
    assert!(!is_early(&mut rig(mode(GateMode::Blocking), &silent)));
}

#[test]
fn the_longest_minimum_counts() {
    let mut rule = rule(true, Insufficient::Advance);
    rule.advance_early = Some(AdvanceEarly { after: AFTER + AFTER });
    let gates = vec![early("canary"), gate("other", rule)];
    let both = [("canary", Finding::Safe), ("other", Finding::Safe)];
    let mut rig = rig(gates, &both);
    assert!(matches!(rig.finish(), Ending::Successful { .. }));
    let bake = watched(&rig, 2);
    assert!((AFTER + AFTER..BAKE).contains(&bake), "{bake:?}");
}

#[test]
fn a_gate_that_no_bake_waits_for_shortens_none() {
    let safe = [("canary", Finding::Safe)];
    for mode in [GateMode::HoldOnly, GateMode::ObserveOnly] {
        assert!(!is_early(&mut rig(vec![GateSpec { mode, ..early("canary") }], &safe)));
    }
    let inconclusive = Inconclusive::Continue;
    assert!(!is_early(&mut rig(vec![GateSpec { inconclusive, ..early("canary") }], &safe)));
}

#[test]
fn a_gate_that_does_not_pass_holds_a_bake_that_could_be_over() {
    let other = GateSpec { kind: GateKind::Custom, ..early("other") };
    let mut rig = rig(vec![early("canary"), other], &[("canary", Finding::Safe)]);
    rig.run_until(|rig| in_bake(rig) && rig.engine.facts().accrued.bake + AFTER / 4 >= AFTER);
    rig.verdicts.insert(id("other"), Verdict::Inconclusive("it cannot tell".to_owned()));
    rig.run_until(|rig| rig.engine.facts().accrued.held >= Duration::from_mins(3));
    assert!(in_bake(&rig));
    rig.verdicts.clear();
    rig.run_until(|rig| rig.engine.state().step > 2);
    assert!(watched(&rig, 2) < BAKE);
}

#[test]
fn a_restart_neither_forgets_nor_invents_what_ends_a_bake() {
    let half = |finding| {
        let mut rig = rig(vec![early("canary")], &[("canary", finding)]);
        rig.run_until(|rig| in_bake(rig) && rig.engine.facts().accrued.bake >= AFTER / 2);
        let record = cutover::record::encode(rig.engine.record()).unwrap();
        (cutover::record::decode(&record).unwrap(), rig.world, rig.now)
    };
    let resumed = |finding, now_shows| {
        let (record, world, now) = half(finding);
        let mut rig = Rig::resumed(world, record, FencingToken::new(2), now);
        rig.proofs.insert(id("canary"), shows(now_shows));
        rig.run_until(|rig| rig.engine.state().step > 2);
        watched(&rig, 2)
    };
    // what was watched before counts, and nothing is added
    assert!((AFTER..AFTER * 3 / 2).contains(&resumed(Finding::Safe, Finding::Safe)));
    // what was shown before does not: the gate is asked again
    assert!(resumed(Finding::Safe, Finding::Insufficient) >= BAKE);
}

#[test]
fn a_bake_without_proof_advances_as_insufficient_evidence_unless_told_otherwise() {
    let mut rig = rig(vec![early("canary")], &[("canary", Finding::Insufficient)]);
    assert!(!is_early(&mut rig));
    let shown = told(&rig);
    assert_eq!(shown.len(), 1);
    assert!(shown[0].1 >= BAKE && shown[0].2 == Finding::Insufficient, "{shown:?}");
}

#[test]
fn a_bake_that_holds_goes_on_until_something_is_shown() {
    let hold = || vec![gate("canary", rule(false, Insufficient::Hold))];
    let mut shown = rig(hold(), &[("canary", Finding::Insufficient)]);
    shown.run_until(|rig| rig.engine.facts().accrued.held >= Duration::from_mins(3));
    assert!(in_bake(&shown));
    let gate = id("canary");
    let holds = HoldReason::Insufficient { gate: gate.clone() };
    assert_eq!(shown.engine.progress().waiting, Some(holds));
    shown.proofs.insert(gate.clone(), shows(Finding::Safe));
    assert!(matches!(shown.finish(), Ending::Successful { .. }));

    let mut never = rig(hold(), &[("canary", Finding::Insufficient)]);
    assert!(matches!(never.finish(), Ending::RollbackSuccessful { .. }));
    replay(never.engine.record()).unwrap();
    let cause = never.engine.state().cause.clone().unwrap();
    let why = "insufficient evidence: ln E 1.5 of 3.0".to_owned();
    assert_eq!(cause, RollbackCause::GateInconclusive { gate: gate.clone(), why });

    // an operator who skips the bakes skips this one too
    let mut skipped = rig(hold(), &[("canary", Finding::Insufficient)]);
    skipped.run_until(|rig| !rig.engine.facts().accrued.held.is_zero());
    skipped.feed(Input::Operator(Operator::Promote));
    assert!(matches!(skipped.finish(), Ending::Successful { .. }));
    // and where nothing is compared, there is nothing to wait for
    assert!(matches!(rig(hold(), &[]).finish(), Ending::Successful { .. }));
}

#[test]
fn a_gate_that_rolls_back_when_it_cannot_tell_does_so_when_a_bake_shows_nothing() {
    let inconclusive = Inconclusive::Rollback;
    let hold = GateSpec { inconclusive, ..gate("canary", rule(false, Insufficient::Hold)) };
    let mut rig = rig(vec![hold], &[("canary", Finding::Insufficient)]);
    assert!(matches!(rig.finish(), Ending::RollbackSuccessful { .. }));
    assert!(rig.engine.record().entries.iter().all(|entry| entry.facts.accrued.held.is_zero()));
}

#[test]
fn a_gate_that_only_holds_waits_for_proof_as_long_as_the_deployment_may_hold() {
    let mode = GateMode::HoldOnly;
    let hold = GateSpec { mode, ..gate("canary", rule(false, Insufficient::Hold)) };
    let mut rig = rig(vec![hold], &[("canary", Finding::Insufficient)]);
    assert!(matches!(rig.finish(), Ending::RollbackSuccessful { .. }));
    let cause = rig.engine.state().cause.clone().unwrap();
    assert!(matches!(cause, RollbackCause::HeldTooLong { reason }
        if reason.starts_with("insufficient evidence: gate `canary`")));
}

fn asks(default: HookAction) -> Vec<GateSpec> {
    let timeout = Duration::from_mins(30);
    vec![gate("canary", rule(true, Insufficient::Approval { timeout, default }))]
}

#[test]
fn a_bake_that_asks_a_person_waits_for_one_once_its_time_is_over() {
    let mut rig = rig(asks(HookAction::Rollback), &[("canary", Finding::Insufficient)]);
    rig.run_until(|rig| in_bake(rig) && rig.engine.facts().accrued.bake >= BAKE / 2);
    rig.feed(Input::Operator(Operator::Approve));
    // the bake is not over
    let refused = |kind: &EventKind| matches!(kind, EventKind::Refused { .. });
    rig.run_until(|rig| rig.events.iter().any(refused));
    rig.run_until(|rig| rig.engine.progress().waiting == Some(HoldReason::Approval));
    assert!(rig.engine.facts().accrued.bake >= BAKE);
    rig.feed(Input::Operator(Operator::Approve));
    assert!(matches!(rig.finish(), Ending::Successful { .. }));
    replay(rig.engine.record()).unwrap();
}

#[test]
fn nobody_who_answers_in_time_is_the_default_answer() {
    for (default, goes_on) in [(HookAction::Rollback, false), (HookAction::Continue, true)] {
        let mut rig = rig(asks(default), &[("canary", Finding::Insufficient)]);
        let successful = matches!(rig.finish(), Ending::Successful { .. });
        assert_eq!(successful, goes_on);
        replay(rig.engine.record()).unwrap();
        let cause = (!goes_on).then_some(RollbackCause::NotApproved);
        assert_eq!(rig.engine.state().cause, cause);
        let longest = Duration::from_mins(42);
        let waited = |entry: &Entry| entry.facts.accrued.bake;
        let most = rig.engine.record().entries.iter().map(waited).max().unwrap();
        assert!((Duration::from_mins(40)..longest).contains(&most), "{most:?}");
    }
    // nobody is asked where something is shown
    let mut safe = rig(asks(HookAction::Rollback), &[("canary", Finding::Safe)]);
    assert!(is_early(&mut safe));
}

#[test]
fn a_record_from_before_findings_is_read() {
    let mut rig = rig(vec![early("canary")], &[("canary", Finding::Safe)]);
    rig.finish();
    let mut json = serde_json::to_value(rig.engine.record()).unwrap();
    let rule = json.pointer_mut("/header/plan/gates/0/kind/analysis").unwrap();
    for field in ["advance_early", "insufficient", "both_bad"] {
        rule.as_object_mut().unwrap().remove(field).unwrap();
    }
    for entry in json["entries"].as_array_mut().unwrap() {
        for reading in entry["facts"]["gates"].as_array_mut().unwrap() {
            reading.as_object_mut().unwrap().remove("proof");
        }
    }
    let record: Record = serde_json::from_value(json).unwrap();
    assert_eq!(record.header.plan.early_end(2), None);
    assert!(
        record.entries.iter().flat_map(|entry| &entry.facts.gates).all(|it| it.proof.is_none())
    );
}
