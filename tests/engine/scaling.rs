//! Autoscaling is held before the first effect and given back at every end.

use std::time::Duration;

use cutover::engine::Input;
use cutover::model::*;
use cutover::strategy::{BlueGreen, Strategy};

use super::ideal::{Ideal, Rig};

fn rig() -> Rig {
    let mut world = Ideal::new(4, false);
    let suspended = Suspension { scheduled: true, ..Suspension::default() };
    let (minimum, maximum) = (2, 10);
    world.scaling = vec![ScalableTarget { service: "web".to_owned(), minimum, maximum, suspended }];
    let found = world.scaling.clone();
    world.subject.baseline.scaling = Some(ScalingPlan::new(found, ScalingPolicy::Suspend, None));
    let plan = BlueGreen::default().plan(&world.shape()).unwrap();
    Rig::new(world, plan, Limits::default())
}

fn is_held(rig: &Rig) -> bool {
    rig.world.scaling[0].suspended == Suspension::ALL
}

#[test]
fn autoscaling_is_held_before_anything_else_is_written() {
    let mut rig = rig();
    rig.run_until(|rig| rig.writes.len() > 1);
    assert!(matches!(rig.writes[..], [Intent::Autoscale { .. }, Intent::Launch { .. }]));
    assert!(is_held(&rig));
}

#[test]
fn it_is_given_back_as_it_was_found_after_a_success() {
    let mut rig = rig();
    let found = rig.world.scaling.clone();
    assert_eq!(rig.finish().status(), Status::Successful);
    assert_eq!(rig.world.scaling, found);
    assert!(matches!(rig.writes.last(), Some(Intent::Autoscale { .. })));
}

#[test]
fn it_is_given_back_after_a_rollback_also_by_whoever_resumes() {
    let mut rig = rig();
    let found = rig.world.scaling.clone();
    rig.run_until(|rig| rig.world.weight > Weight::ZERO);
    let record = rig.engine.record().clone();
    let later = Now { elapsed: rig.now.elapsed.after(Duration::from_secs(600)), ..rig.now };
    let mut rig = Rig::resumed(rig.world, record, FencingToken::new(2), later);
    assert!(is_held(&rig));
    rig.feed(Input::Operator(Operator::Abort));
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
    assert_eq!(rig.world.scaling, found);
}

#[test]
fn a_rollback_that_cannot_give_it_back_says_so() {
    let mut rig = rig();
    rig.run_until(|rig| rig.world.weight > Weight::ZERO);
    rig.feed(Input::Operator(Operator::Abort));
    rig.run_until(|rig| rig.world.candidate.is_none());
    rig.world.deaf = true;
    let Ending::RollbackFailed { remaining } = rig.finish() else { panic!("it must fail") };
    assert_eq!(remaining, ["set autoscaling of web 2 to 10, suspended: scheduled"]);
}
