//! Every legal edge is taken and no other; the diagram in the documentation is the table's.

use std::collections::BTreeSet;
use std::time::Duration;

use cutover::engine::{Edge, Input, diagram, edges};
use cutover::model::*;
use cutover::strategy::{BlueGreen, Rolling, Strategy};

use super::ideal::{Ideal, Rig};

fn bake(seconds: u64) -> Step {
    Step::Bake { duration: Duration::from_secs(seconds), gates: Vec::new() }
}

fn approval() -> Step {
    Step::Approval { timeout: Duration::from_secs(3600), default: HookAction::Rollback }
}

fn shift(percent: u32) -> Step {
    Step::Shift { weight: Weight::percent(percent).unwrap() }
}

fn scale(percent: u32) -> Step {
    Step::Scale { share: Share::percent(percent).unwrap() }
}

fn plan(steps: Vec<Step>) -> Plan {
    let strategy = "steps".to_owned();
    Plan { strategy, steps, gates: Vec::new(), hooks: Vec::new(), notes: Vec::new() }
}

/// Plans that between them contain every pair of kinds of steps that may follow each other.
fn plans() -> Vec<Plan> {
    let test = || Step::TestTraffic;
    let roll = || Step::Roll { minimum_healthy_percent: 50, maximum_percent: 100 };
    let lists = vec![
        vec![scale(100), test(), shift(10), bake(60), shift(100), bake(60)],
        vec![scale(50), scale(100), test(), test(), scale(100), shift(100), bake(60)],
        vec![
            approval(),
            scale(50),
            approval(),
            test(),
            approval(),
            shift(10),
            scale(100),
            bake(20),
            approval(),
            test(),
            bake(5),
            shift(100),
            bake(5),
        ],
        vec![
            scale(100),
            shift(10),
            bake(20),
            scale(100),
            shift(20),
            shift(30),
            test(),
            shift(40),
            approval(),
            scale(100),
            test(),
            scale(100),
            shift(50),
            approval(),
            shift(60),
            test(),
            bake(1),
            test(),
            shift(100),
            scale(100),
            bake(5),
        ],
        vec![
            scale(100),
            bake(5),
            scale(100),
            approval(),
            approval(),
            shift(100),
            approval(),
            bake(5),
        ],
        vec![scale(100), shift(100), approval(), test(), bake(5)],
        vec![roll(), bake(30)],
    ];
    lists.into_iter().map(plan).collect()
}

fn ended(world: Ideal, plan: Plan, disturb: impl Fn(&mut Rig)) -> Rig {
    let mut rig = Rig::new(world, plan, Limits::default());
    disturb(&mut rig);
    for _ in 0..200_000 {
        if rig.engine.has_ended() {
            break;
        }
        let waits = rig.engine.progress().waiting;
        if waits == Some(HoldReason::Approval) {
            rig.feed(Input::Operator(Operator::Approve));
        }
        rig.step();
    }
    assert!(rig.engine.has_ended(), "{:?}", rig.engine.progress());
    rig
}

fn first_deployment() -> Vec<Plan> {
    vec![
        plan(vec![scale(100), bake(5)]),
        plan(vec![approval(), scale(100), approval(), bake(5)]),
        plan(vec![scale(100), test(), bake(5)]),
    ]
}

fn test() -> Step {
    Step::TestTraffic
}

fn taken() -> BTreeSet<Edge> {
    let mut taken = BTreeSet::new();
    for plan in plans() {
        let rig = ended(Ideal::new(4, false), plan.clone(), |_| ());
        assert_eq!(rig.engine.state().ending.as_ref().unwrap().status(), Status::Successful);
        assert_eq!((rig.world.weight, rig.world.stable), (Weight::FULL, None));
        taken.extend(rig.edges);
        for stage in Stage::ALL {
            for foreign in [false, true] {
                taken.extend(turned(&plan, stage, foreign));
            }
        }
    }
    for plan in first_deployment() {
        taken.extend(ended(Ideal::new(4, true), plan, |_| ()).edges);
    }
    taken
}

/// The edges of a deployment that is aborted, or superseded, in a stage; and superseded once more in
/// every stage of its rollback.
fn turned(plan: &Plan, stage: Stage, foreign: bool) -> BTreeSet<Edge> {
    let disturb = |rig: &mut Rig| {
        for _ in 0..100_000 {
            let state = rig.engine.state();
            if state.stage == stage || state.ending.is_some() {
                break;
            }
            if rig.engine.progress().waiting == Some(HoldReason::Approval) {
                rig.feed(Input::Operator(Operator::Approve));
            }
            rig.step();
        }
        if foreign {
            rig.world.foreign.push(TaskSetId::new("ecs-svc/9").unwrap());
        } else {
            rig.feed(Input::Operator(Operator::Abort));
        }
    };
    let mut taken = ended(Ideal::new(4, false), plan.clone(), disturb).edges;
    for back in [Stage::ProductionTrafficShift, Stage::PostProductionTrafficShift, Stage::CleanUp] {
        let superseded = ended(Ideal::new(4, false), plan.clone(), |rig| {
            disturb(rig);
            for _ in 0..100_000 {
                let state = rig.engine.state();
                let there = state.direction == Direction::Rollback && state.stage == back;
                if there || state.ending.is_some() {
                    break;
                }
                rig.step();
            }
            rig.world.foreign.push(TaskSetId::new("ecs-svc/9").unwrap());
        });
        taken.extend(superseded.edges);
    }
    taken
}

/// The edges of a deployment that is held by a hook in a stage, and then superseded there.
fn superseded(plan: &Plan, direction: Direction, stage: Stage) -> BTreeSet<Edge> {
    let disturb = |rig: &mut Rig| {
        hold(rig, direction, stage);
        rig.world.foreign.push(TaskSetId::new("ecs-svc/9").unwrap());
    };
    ended(Ideal::new(4, false), hooked(plan), disturb).edges
}

/// The edges of a rollback that can get no further in a stage.
fn stuck(plan: &Plan, stage: Stage) -> BTreeSet<Edge> {
    let disturb = |rig: &mut Rig| {
        if stage == Stage::ProductionTrafficShift {
            rig.run_until(|rig| rig.world.weight > Weight::ZERO);
            rig.world.deaf = true;
            rig.feed(Input::Operator(Operator::Abort));
            return;
        }
        hold(rig, Direction::Rollback, stage);
        rig.world.deaf = true;
        let half = Weight::percent(50).unwrap();
        rig.world.weight = half;
        rig.run_until(|rig| rig.engine.progress().weight == Some(half));
        let key = rig.held.take().unwrap();
        let result = HookResult::Answered(HookAction::Continue);
        rig.feed(Input::HookAnswered { key, result });
    };
    ended(Ideal::new(4, false), hooked(plan), disturb).edges
}

fn hooked(plan: &Plan) -> Plan {
    let hook = HookSpec {
        id: HookId::new("hold").unwrap(),
        stages: Stage::ALL.to_vec(),
        timeout: Duration::from_secs(60),
        default: HookAction::Continue,
    };
    Plan { hooks: vec![hook], ..plan.clone() }
}

fn hold(rig: &mut Rig, direction: Direction, stage: Stage) {
    rig.holds = Some((direction, stage));
    if direction == Direction::Rollback {
        rig.run_until(|rig| rig.world.weight > Weight::ZERO);
        rig.feed(Input::Operator(Operator::Abort));
    }
    rig.run_until(|rig| rig.held.is_some());
}

#[test]
fn every_legal_edge_is_taken_and_no_other() {
    let legal: BTreeSet<Edge> = edges().into_iter().collect();
    let mut taken = taken();
    let plan = plans().swap_remove(0);
    for stage in Stage::ALL {
        taken.extend(superseded(&plan, Direction::Forward, stage));
    }
    for stage in [Stage::ProductionTrafficShift, Stage::PostProductionTrafficShift] {
        taken.extend(superseded(&plan, Direction::Rollback, stage));
        taken.extend(stuck(&plan, stage));
    }
    let missed: Vec<_> = legal.difference(&taken).copied().collect();
    assert!(missed.is_empty(), "never taken: {missed:#?}");
}

#[test]
fn the_diagram_in_the_documentation_is_the_table() {
    let documented = include_str!("../../src/docs/lifecycle.md");
    assert!(documented.contains(&diagram()), "put this into src/docs/lifecycle.md:\n{}", diagram());
}

#[test]
fn a_blue_green_deployment_writes_what_its_plan_says() {
    let world = Ideal::new(3, false);
    let plan = BlueGreen::default().plan(&world.shape()).unwrap();
    let mut rig = Rig::new(world, plan, Limits::default());
    assert_eq!(rig.finish().status(), Status::Successful);
    let expected = [
        Intent::Launch { tasks: 3 },
        Intent::Shift { weight: Weight::FULL },
        Intent::Promote,
        Intent::Retire { role: Role::Stable },
    ];
    assert_eq!(rig.writes, expected);
    assert!(rig.now.elapsed.as_millis() >= 300_000, "five minutes of bake");
}

#[test]
fn every_roll_that_a_plan_allows_comes_through() {
    let mut rolls = 0;
    for desired in 1..=12 {
        for minimum_healthy_percent in (0..=100).step_by(10) {
            for maximum_percent in [100, 112, 117, 120, 134, 150, 175, 200] {
                let world = Ideal::new(desired, false);
                let rolling =
                    Rolling { minimum_healthy_percent, maximum_percent, bake: Duration::ZERO };
                let Ok(plan) = rolling.plan(&world.shape()) else { continue };
                let mut rig = Rig::new(world, plan, Limits::default());
                let ending = rig.finish();
                let roll = format!("{desired} at {minimum_healthy_percent}/{maximum_percent}");
                assert_eq!(ending.status(), Status::Successful, "{roll}: {ending:?}");
                rolls += 1;
            }
        }
    }
    assert!(rolls > 700, "{rolls} rolls were allowed");
}
