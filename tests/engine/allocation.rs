//! An unchanged world costs nothing: counted, not timed.

use std::time::Duration;

use cutover::engine::{Engine, Input, Output};
use cutover::model::*;
use cutover::strategy::{BlueGreen, Strategy};

use super::ideal::{Ideal, Rig};

fn drain(engine: &mut Engine) {
    while !matches!(engine.poll_output(), Output::WaitUntil(_)) {}
}

#[test]
fn looking_at_an_unchanged_world_allocates_nothing() {
    let world = Ideal::new(4, false);
    let plan = BlueGreen::default().plan(&world.shape()).unwrap();
    let mut rig = Rig::new(world, plan, Limits::default());
    rig.world.healthy = Some(1);
    rig.run_until(|rig| rig.now.elapsed.as_millis() > 61_000);
    assert_eq!(rig.engine.state().stage, Stage::ScaleUp, "it waits for healthy tasks");
    while rig.inputs_fed.last().is_none_or(|(_, input)| !matches!(input, Input::Evaluated { .. })) {
        rig.step();
    }
    let Some((_, evaluated @ Input::Evaluated { .. })) = rig.inputs_fed.last().cloned() else {
        panic!("no evaluation");
    };
    let later = rig.now.elapsed.after(Duration::from_secs(10));
    let now = Now { wall: rig.now.wall, elapsed: later };
    let seen = rig.world.observe().into();
    let engine = &mut rig.engine;
    let mut inputs = Some((seen, evaluated));
    let counted = allocation_counter::measure(|| {
        let (seen, evaluated) = inputs.take().unwrap();
        engine.handle(now, Input::Tick);
        drain(engine);
        engine.handle(now, Input::Observed(seen));
        drain(engine);
        engine.handle(now, evaluated);
        drain(engine);
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
    assert_eq!(engine.observed_at(), later, "it did look");
}
