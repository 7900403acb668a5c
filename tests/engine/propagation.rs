//! A load balancer that follows late, as Network Load Balancers do.

use std::time::Duration;

use cutover::model::*;
use cutover::strategy::{Canary, Strategy};

use super::ideal::{Ideal, Rig};

const LATE: Duration = Duration::from_mins(10);

fn rig() -> Rig {
    let mut world = Ideal::new(4, false);
    world.subject.baseline.propagation = LATE;
    let mut plan = Canary::default().plan(&world.shape()).unwrap();
    plan.steps.insert(1, Step::TestTraffic);
    Rig::new(world, plan, Limits::default())
}

fn shown(rig: &Rig) -> Duration {
    rig.engine.facts().accrued.shown
}

fn waits(rig: &Rig) -> bool {
    rig.engine.progress().waiting == Some(HoldReason::Propagating)
}

/// Runs to the bake at this weight; answers how long ago the write of that weight was.
fn to_the_bake(rig: &mut Rig, weight: Weight) -> Duration {
    rig.run_until(|rig| rig.world.weight == weight);
    let written = rig.now.elapsed;
    rig.run_until(|rig| rig.engine.facts().accrued.bake > Duration::ZERO);
    rig.now.elapsed.since(written)
}

#[test]
fn every_shift_waits_for_it_and_so_does_test_traffic() {
    let mut rig = rig();
    rig.run_until(|rig| rig.world.test == Role::Candidate);
    let tested = rig.now.elapsed;
    let tenth = Weight::percent(10).unwrap();
    rig.run_until(|rig| rig.world.weight == tenth);
    assert!(rig.now.elapsed.since(tested) >= LATE);
    let first = to_the_bake(&mut rig, tenth);
    let second = to_the_bake(&mut rig, Weight::FULL);
    for waited in [first, second] {
        assert!((LATE..LATE + Duration::from_mins(1)).contains(&waited), "{waited:?}");
    }
    assert_eq!(rig.finish().status(), Status::Successful);
    let says = |kind: &&EventKind| **kind == EventKind::Holding { reason: HoldReason::Propagating };
    assert_eq!(rig.events.iter().filter(says).count(), 3);
}

#[test]
fn waiting_for_it_is_no_standstill() {
    let mut world = Ideal::new(4, false);
    world.subject.baseline.propagation = LATE;
    let plan = Canary::default().plan(&world.shape()).unwrap();
    let limits = Limits { progress_deadline: Duration::from_mins(5), ..Limits::default() };
    assert_eq!(Rig::new(world, plan, limits).finish().status(), Status::Successful);
}

#[test]
fn a_restart_goes_on_from_what_was_recorded_and_counts_no_time_unwatched() {
    let mut rig = rig();
    rig.run_until(|rig| rig.world.weight > Weight::ZERO);
    rig.run_until(|rig| waits(rig) && shown(rig) > Duration::from_mins(6));
    let before = shown(&rig);
    let hour = Duration::from_mins(60);
    let now = Now { elapsed: rig.now.elapsed.after(hour), wall: rig.now.wall.after(hour) };
    let record = rig.engine.record().clone();
    let mut rig = Rig::resumed(rig.world, record, FencingToken::new(2), now);
    assert!(shown(&rig) <= before && shown(&rig) > Duration::from_mins(5), "{:?}", shown(&rig));
    rig.run_until(waits);
    assert!(shown(&rig) < LATE);
    rig.run_until(|rig| rig.engine.facts().accrued.bake > Duration::ZERO);
    assert!(rig.now.elapsed.since(now.elapsed) >= LATE.saturating_sub(before));
    assert_eq!(rig.finish().status(), Status::Successful);
}

#[test]
fn what_somebody_else_takes_back_is_waited_for_again() {
    let mut rig = rig();
    rig.run_until(|rig| waits(rig) && rig.world.weight > Weight::ZERO);
    rig.run_until(|rig| shown(rig) > Duration::from_mins(6));
    let weight = std::mem::replace(&mut rig.world.weight, Weight::ZERO);
    rig.run_until(|rig| shown(rig).is_zero());
    rig.world.weight = weight;
    let back = rig.now.elapsed;
    rig.run_until(|rig| rig.engine.facts().accrued.bake > Duration::ZERO);
    assert!(rig.now.elapsed.since(back) >= LATE);
}

#[test]
fn an_operator_who_promotes_does_not_wait_for_it_but_nothing_is_removed_too_early() {
    let mut rig = rig();
    rig.run_until(|rig| waits(rig) && rig.world.weight > Weight::ZERO);
    rig.feed(cutover::engine::Input::Operator(Operator::Promote));
    rig.run_until(|rig| rig.world.weight == Weight::FULL);
    let full = rig.now.elapsed;
    rig.run_until(|rig| rig.engine.state().committed);
    assert!(rig.now.elapsed.since(full) < LATE);
    rig.run_until(|rig| rig.world.stable.is_none());
    assert!(rig.now.elapsed.since(full) >= LATE);
    assert_eq!(rig.finish().status(), Status::Successful);
}
