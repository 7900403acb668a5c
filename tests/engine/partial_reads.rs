//! Reads that lack something: what a sceptic tried, and what went wrong once.

use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::{
    CallFilter, Cloud, Executor, Fault, Scenario, ScheduledFault, revision,
};
use cutover::engine::Input;
use cutover::model::*;
use cutover::store::MemoryStore;
use cutover::strategy::{BlueGreen, Rolling, Strategy};
use cutover::{Deployer, DeploymentRequest};

use super::ideal::{Ideal, Rig};

const S: Duration = Duration::from_secs(1);

fn rig(strategy: &dyn Strategy, limits: Limits) -> Rig {
    let world = Ideal::new(4, false);
    let plan = strategy.plan(&world.shape()).unwrap();
    Rig::new(world, plan, limits)
}

fn run_for(rig: &mut Rig, span: Duration) {
    let end = rig.now.elapsed.after(span);
    rig.run_until(|rig| rig.now.elapsed >= end || rig.engine.has_ended());
}

#[test]
fn a_read_that_lacks_what_is_to_go_ends_nothing() {
    for aborts in [true, false] {
        let mut rig = rig(&BlueGreen::default(), Limits::default());
        rig.run_to(Stage::Bake);
        if aborts {
            rig.feed(Input::Operator(Operator::Abort));
        }
        rig.run_until(|rig| rig.engine.state().stage == Stage::CleanUp);
        let world = rig.world.clone();
        rig.world.deaf = true;
        (rig.world.stable, rig.world.candidate) =
            if aborts { (world.stable, None) } else { (None, world.candidate) };
        rig.world.primary = Primary::Role(if aborts { Role::Stable } else { Role::Candidate });
        run_for(&mut rig, 20 * S);
        assert_eq!(rig.engine.state().ending, None, "one read in twenty seconds is not enough");
        rig.world = world;
        assert!(rig.finish().status().is_ended());
        let left = if aborts { rig.world.candidate } else { rig.world.stable };
        assert_eq!(left, None);
    }
}

#[test]
fn looks_on_both_sides_of_a_blind_spell_do_not_show_that_something_is_gone() {
    let mut rig = rig(&BlueGreen::default(), Limits::default());
    rig.run_to(Stage::Bake);
    rig.feed(Input::Operator(Operator::Abort));
    rig.run_until(|rig| rig.engine.state().stage == Stage::CleanUp);
    (rig.world.deaf, rig.world.candidate) = (true, None);
    run_for(&mut rig, 20 * S);
    rig.blind = true;
    run_for(&mut rig, 120 * S);
    rig.blind = false;
    run_for(&mut rig, 20 * S);
    assert_eq!(rig.engine.state().ending, None);
}

#[test]
fn a_start_is_not_based_on_a_read_that_lacks_something() {
    for nth in 1..=8 {
        let fault = ScheduledFault { call: CallFilter::AnyRead, nth, fault: Fault::Partial };
        let cloud =
            Cloud::new(Scenario::new(nth.into()).with_production_rules(2).with_fault(fault));
        let process = cloud.process("p1");
        let ports = process.ports(Arc::new(MemoryStore::new()));
        let deployer = Deployer::builder(ports).build().unwrap();
        let service = cloud.with(|world| world.state().home().id.clone());
        let ending = Executor::new(&cloud).block_on(async move {
            let (id, revision) = (DeploymentId::new("d-1").unwrap(), revision(2));
            let strategy = BlueGreen::default();
            let request = DeploymentRequest::new(id, service, revision, &strategy);
            deployer.start(request).await.unwrap().wait().await.unwrap()
        });
        assert_eq!(ending.unwrap().status(), Status::Successful, "read {nth}");
        cloud.with(|world| {
            let mut rules = world.state().production_rules();
            assert!(rules.all(|rule| rule.data_permille(1) == 1000), "read {nth}");
        });
    }
}

#[test]
fn an_abort_gives_no_traffic_to_tasks_that_were_just_told_to_stop() {
    let mut rig = rig(&Rolling::default(), Limits::default());
    rig.run_until(|rig| rig.world.stable == Some(0));
    rig.feed(Input::Operator(Operator::Abort));
    assert!(!rig.writes.contains(&Intent::Shift { weight: Weight::ZERO }), "stable has no task");
    rig.feed(Input::Persisted);
    assert!(!rig.writes.contains(&Intent::Shift { weight: Weight::ZERO }), "stable has no task");
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
}

#[test]
fn a_rollback_takes_no_task_on_one_look_that_shows_none_healthy() {
    let strategy =
        Rolling { minimum_healthy_percent: 50, maximum_percent: 101, bake: Duration::ZERO };
    let world = Ideal::new(3, false);
    let plan = strategy.plan(&world.shape()).unwrap();
    let mut rig = Rig::new(world, plan, Limits::default());
    rig.run_until(|rig| rig.world.stable == Some(1) && rig.world.candidate == Some(2));
    rig.world.healthy = Some(0);
    rig.feed(Input::Operator(Operator::Abort));
    let takes = |write: &Intent| matches!(write, Intent::Scale { role: Role::Candidate, tasks } if *tasks < 2);
    run_for(&mut rig, 5 * S);
    assert!(!rig.writes.iter().any(takes), "{:?}", rig.writes);
    run_for(&mut rig, 60 * S);
    assert!(rig.writes.iter().any(takes), "{:?}", rig.writes);
}
