//! The record: replayed, resumed, bounded, and put again unchanged when the store does not answer.

use std::time::Duration;

use cutover::engine::replay;
use cutover::model::*;
use cutover::record::{decode, encode};
use cutover::strategy::{Linear, Rolling, Strategy};

use super::ideal::{Ideal, Rig};

fn strategies() -> Vec<Box<dyn Strategy>> {
    vec![Box::new(Linear::default()), Box::new(Rolling::default())]
}

fn rig(strategy: &dyn Strategy) -> Rig {
    let world = Ideal::new(5, false);
    let plan = strategy.plan(&world.shape()).unwrap();
    Rig::new(world, plan, Limits::default())
}

#[test]
fn every_decision_can_be_made_again_from_its_entry() {
    for strategy in strategies() {
        let mut rig = rig(&*strategy);
        assert_eq!(rig.finish().status(), Status::Successful);
        let stored = encode(rig.engine.record()).unwrap();
        assert!(stored.len() < 256 * 1024, "{} bytes", stored.len());
        let record = decode(&stored).unwrap();
        assert_eq!(&record, rig.engine.record());
        assert!(replay(&record).unwrap() > 5);
    }
}

#[test]
fn a_changed_entry_is_found_by_replay() {
    let mut rig = rig(&Linear::default());
    rig.finish();
    let mut record = rig.engine.record().clone();
    let entry = record.entries.iter_mut().find(|entry| entry.decision == Decision::Commit).unwrap();
    entry.facts.accrued.bake = Duration::ZERO;
    entry.facts.gates[0].verdict = Verdict::Fail("red".to_owned());
    let divergence = replay(&record).unwrap_err();
    assert_eq!(*divergence.recorded, Decision::Commit);
}

#[test]
fn a_deployment_resumed_after_every_single_input_ends_the_same() {
    for strategy in strategies() {
        let mut whole = rig(&*strategy);
        whole.finish();
        let mut steps = 0;
        loop {
            let mut rig = rig(&*strategy);
            let went_on = (0..steps).all(|_| !rig.engine.has_ended() && rig.step());
            if !went_on {
                break;
            }
            let mut record = rig.engine.record().clone();
            record.seq = record.seq.max(1);
            let mut resumed = Rig::resumed(rig.world, record, FencingToken::new(2), rig.now);
            assert_eq!(resumed.finish().status(), Status::Successful, "after {steps} steps");
            assert_eq!(resumed.world.weight, Weight::FULL);
            replay(resumed.engine.record()).unwrap();
            steps += 7;
        }
        assert!(steps > 50);
    }
}

#[test]
fn a_put_without_an_answer_is_put_again_unchanged() {
    let mut rig = rig(&Linear::default());
    rig.run_to(Stage::ScaleUp);
    rig.lost_puts = 3;
    let seq = rig.engine.record().seq;
    let entries = rig.engine.record().entries.len();
    rig.run_until(|rig| rig.lost_puts == 0);
    assert_eq!(rig.engine.record().seq, seq + 1);
    assert!(rig.engine.record().entries.len() <= entries + 1);
    assert_eq!(rig.finish().status(), Status::Successful);
}

#[test]
fn a_restart_adds_nothing_to_a_bake() {
    let mut rig = rig(&Linear::default());
    rig.run_until(|rig| rig.engine.facts().accrued.bake > Duration::from_secs(20));
    let record = rig.engine.record().clone();
    let baked = rig.engine.facts().accrued.bake;
    // A day later by every clock.
    let now =
        Now { wall: Timestamp::from_millis(86_400_000), elapsed: Elapsed::from_millis(86_400_000) };
    let mut resumed = Rig::resumed(rig.world, record, FencingToken::new(2), now);
    resumed.run_until(|rig| rig.engine.facts().accrued.bake > baked);
    let watched = resumed.now.elapsed.since(now.elapsed);
    assert!(resumed.engine.facts().accrued.bake <= baked + watched);
}
