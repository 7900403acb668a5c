//! What operators may ask for and when; and what an abort does at once.

use std::time::Duration;

use cutover::engine::Input;
use cutover::model::*;
use cutover::strategy::{BlueGreen, Canary, Strategy};

use super::ideal::{Ideal, Rig};

fn canary() -> Rig {
    let world = Ideal::new(4, false);
    let strategy = Canary { bake: Duration::from_secs(600), ..Canary::default() };
    let plan = strategy.plan(&world.shape()).unwrap();
    Rig::new(world, plan, Limits::default())
}

fn ask(rig: &mut Rig, operator: Operator) -> Result<(), String> {
    let before = rig.events.len();
    rig.feed(Input::Operator(operator));
    let answer = |rig: &Rig| {
        rig.events[before..].iter().find_map(|event| match event {
            EventKind::Accepted { request } if *request == operator => Some(Ok(())),
            EventKind::Refused { request, why } if *request == operator => Some(Err(why.clone())),
            _ => None,
        })
    };
    rig.run_until(|rig| answer(rig).is_some());
    answer(rig).unwrap()
}

fn in_bake() -> Rig {
    let mut rig = canary();
    rig.run_until(|rig| rig.engine.facts().accrued.bake > Duration::from_secs(60));
    rig
}

#[test]
fn an_abort_takes_traffic_away_in_the_same_drain_and_ends_rolled_back() {
    let mut rig = in_bake();
    assert!(rig.world.weight > Weight::ZERO);
    rig.feed(Input::Operator(Operator::Abort));
    assert_eq!(rig.writes.last(), Some(&Intent::Shift { weight: Weight::ZERO }));
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
    assert_eq!(
        (rig.world.weight, rig.world.candidate, rig.world.stable),
        (Weight::ZERO, None, Some(4))
    );
}

#[test]
fn an_abort_while_a_put_hangs_takes_traffic_away_all_the_same() {
    let mut rig = in_bake();
    rig.store_is_silent = true;
    rig.feed(Input::Operator(Operator::Pause));
    rig.feed(Input::Operator(Operator::Abort));
    assert_eq!(rig.writes.last(), Some(&Intent::Shift { weight: Weight::ZERO }));
    rig.store_is_silent = false;
    rig.feed(Input::Persisted);
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
}

#[test]
fn an_abort_before_anything_changed_writes_nothing() {
    let mut rig = canary();
    rig.feed(Input::Operator(Operator::Abort));
    let ending = rig.finish();
    assert!(matches!(ending, Ending::Stopped { reason: StopReason::Operator, .. }), "{ending:?}");
    assert_eq!(rig.writes, []);
}

#[test]
fn a_second_abort_and_a_rollback_of_a_rollback_change_nothing() {
    let mut rig = in_bake();
    ask(&mut rig, Operator::Abort).unwrap();
    let cause = rig.engine.state().cause.clone();
    ask(&mut rig, Operator::Abort).unwrap();
    ask(&mut rig, Operator::Rollback).unwrap();
    assert_eq!(rig.engine.state().cause, cause);
    for refused in [Operator::Pause, Operator::Continue, Operator::Approve, Operator::Promote] {
        ask(&mut rig, refused).unwrap_err();
    }
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
}

#[test]
fn requests_that_make_no_sense_are_refused_with_the_reason() {
    let mut rig = in_bake();
    assert_eq!(ask(&mut rig, Operator::Continue).unwrap_err(), "it is not paused");
    assert_eq!(
        ask(&mut rig, Operator::Approve).unwrap_err(),
        "the current step waits for no approval"
    );
    rig.run_until(|rig| rig.engine.state().committed);
    let why = ask(&mut rig, Operator::Abort).unwrap_err();
    assert!(why.starts_with("past the commit point"), "{why}");
    assert_eq!(rig.finish().status(), Status::Successful);
}

#[test]
fn a_paused_deployment_bakes_on_but_does_not_advance() {
    let mut rig = in_bake();
    ask(&mut rig, Operator::Pause).unwrap();
    let end = rig.now.elapsed.after(Duration::from_secs(3600));
    rig.run_until(|rig| rig.now.elapsed >= end);
    assert!(rig.world.weight < Weight::FULL);
    assert_eq!(rig.engine.progress().waiting, Some(HoldReason::Paused));
    ask(&mut rig, Operator::Continue).unwrap();
    assert_eq!(rig.finish().status(), Status::Successful);
}

#[test]
fn promote_skips_the_bakes_but_not_the_gates() {
    let world = Ideal::new(4, false);
    let plan = BlueGreen::default().plan(&world.shape()).unwrap();
    let mut rig = Rig::new(world, plan, Limits::default());
    rig.run_to(Stage::Bake);
    ask(&mut rig, Operator::Promote).unwrap();
    rig.run_until(|rig| rig.engine.state().committed);
    assert!(rig.now.elapsed.as_millis() < 300_000);
    assert_eq!(rig.finish().status(), Status::Successful);

    let mut rig = in_bake();
    let health = rig.engine.record().header.plan.gates.first().unwrap().id.clone();
    rig.verdicts.insert(health, Verdict::Inconclusive("cannot tell".to_owned()));
    rig.run_until(|rig| matches!(rig.engine.progress().waiting, Some(HoldReason::Gate { .. })));
    ask(&mut rig, Operator::Promote).unwrap();
    let end = rig.now.elapsed.after(Duration::from_secs(600));
    rig.run_until(|rig| rig.now.elapsed >= end);
    assert!(rig.world.weight < Weight::FULL, "a gate that cannot tell still holds it");
}

#[test]
fn a_hook_that_says_no_turns_back_and_cannot_stop_the_rollback() {
    let world = Ideal::new(4, false);
    let mut plan = BlueGreen::default().plan(&world.shape()).unwrap();
    plan.hooks.push(HookSpec {
        id: HookId::new("smoke").unwrap(),
        stages: vec![Stage::PostProductionTrafficShift, Stage::CleanUp],
        timeout: Duration::from_secs(60),
        default: HookAction::Rollback,
    });
    let mut rig = Rig::new(world, plan, Limits::default());
    rig.hook_says = HookAction::Rollback;
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
    let calls = rig.events.iter().filter(|event| matches!(event, EventKind::HookCalled { .. }));
    assert_eq!(calls.count(), 3, "once forward, twice on the way back");
}

/// Answers to nothing: numbers, gates and keys that were never given out.
fn unasked() -> Vec<Input> {
    let key = HookKey::new(
        DeploymentId::new("d-1").unwrap(),
        HookId::new("nobody").unwrap(),
        Direction::Forward,
        0,
        Stage::ScaleUp,
    );
    let evidence = Evidence::at(Elapsed::from_millis(0));
    let verdict = Verdict::Fail("nobody asked".to_owned());
    let evaluation = Evaluation::new(verdict, evidence, GateMemory::default());
    vec![
        Input::Tick,
        Input::CallDone { seq: 9_999, outcome: Outcome::Applied },
        Input::Evaluated { gate: 99, evaluation },
        Input::GateMissing { gate: 99 },
        Input::HookAnswered { key, result: HookResult::Answered(HookAction::Rollback) },
    ]
}

#[test]
fn answers_to_nothing_change_nothing() {
    let mut plain = canary();
    let expected = plain.finish();
    let mut rig = canary();
    let mut steps = 0;
    while !rig.engine.has_ended() {
        rig.step();
        steps += 1;
        if steps % 3 == 0 {
            for input in unasked() {
                rig.feed(input);
            }
        }
    }
    assert_eq!(rig.engine.state().ending, Some(expected));
    assert_eq!(rig.writes, plain.writes);
    assert_eq!(rig.engine.record(), plain.engine.record());
}
