//! What a sceptic tried: each of these went wrong once.

use std::time::Duration;

use cutover::engine::replay;
use cutover::model::*;
use cutover::strategy::{BlueGreen, Strategy};

use super::ideal::{Ideal, Rig};

const S: Duration = Duration::from_secs(1);

fn rig(strategy: &dyn Strategy, hooks: Vec<HookSpec>, limits: Limits) -> Rig {
    let world = Ideal::new(4, false);
    let mut plan = strategy.plan(&world.shape()).unwrap();
    plan.hooks = hooks;
    Rig::new(world, plan, limits)
}

fn run_for(rig: &mut Rig, span: Duration) {
    let end = rig.now.elapsed.after(span);
    rig.run_until(|rig| rig.now.elapsed >= end || rig.engine.has_ended());
}

fn going_forward(rig: &Rig, stage: Stage) -> bool {
    rig.engine.state().direction == Direction::Forward && rig.engine.state().stage == stage
}

#[test]
fn a_hold_on_which_a_limit_is_crossed_is_replayed_as_it_was_decided() {
    for seconds in 5..=25 {
        let limits = Limits { poll: seconds * S, checkpoint: seconds * S, ..Limits::default() };
        let mut rig = rig(&BlueGreen::default(), Vec::new(), limits);
        rig.world.healthy = Some(0);
        assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
        replay(rig.engine.record()).unwrap();
    }
}
