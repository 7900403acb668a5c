//! Nothing is removed that requests still reach (rule 4), in a world in which metrics say what they are
//! told to say.

use std::time::Duration;

use cutover::engine::{Input, replay};
use cutover::model::*;
use cutover::strategy::{BlueGreen, Rolling, Strategy};

use super::ideal::{Ideal, Rig};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Blue/green without a bake, so that nothing is known when stable is to go.
fn rig(change: impl FnOnce(&mut Ideal)) -> Rig {
    with(&BlueGreen { bake: Duration::ZERO, ..BlueGreen::default() }, change)
}

fn with(strategy: &dyn Strategy, change: impl FnOnce(&mut Ideal)) -> Rig {
    let mut world = Ideal::new(4, false);
    change(&mut world);
    let plan = strategy.plan(&world.shape()).unwrap();
    Rig::new(world, plan, Limits::default())
}

/// Runs until all traffic is moved; answers when that was.
fn shifted(rig: &mut Rig) -> Elapsed {
    rig.run_until(|rig| rig.world.weight == Weight::FULL);
    rig.now.elapsed
}

fn stable_is_gone(rig: &Rig) -> bool {
    rig.world.stable.is_none_or(|tasks| tasks == 0)
}

/// Runs until stable has no tasks; answers how long after this that is.
fn removed(rig: &mut Rig, since: Elapsed) -> Duration {
    rig.run_until(stable_is_gone);
    rig.now.elapsed.since(since)
}

fn pass(rig: &mut Rig, span: Duration) {
    let end = rig.now.elapsed.after(span);
    rig.run_until(|rig| rig.now.elapsed >= end);
}

fn told(rig: &Rig) -> Vec<&Drain> {
    let told = rig.events.iter().filter_map(|event| match event {
        EventKind::Drain { requests, .. } => Some(requests),
        _ => None,
    });
    told.collect()
}

/// Requests in every minute from now on, up to so many.
fn reach(rig: &mut Rig, minutes: u64, requests: u64) {
    let now = rig.now.wall.as_millis() / 60_000;
    rig.world.metrics.reached.extend((now..now + minutes).map(|minute| (minute, requests)));
}

#[test]
fn two_quiet_minutes_are_enough_however_long_clients_may_stick() {
    let mut rig = rig(|world| world.subject.baseline.stickiness = DAY);
    let full = shifted(&mut rig);
    let took = removed(&mut rig, full);
    // the propagation, the minute that has begun, two whole ones, and the time for late data
    assert!((5 * MINUTE..6 * MINUTE + MINUTE / 2).contains(&took), "{took:?}");
    assert!(matches!(told(&rig)[..], [Drain::Quiet { minutes: 2, .. }]), "{:?}", told(&rig));
    assert_eq!(rig.finish().status(), Status::Successful);
    replay(rig.engine.record()).unwrap();
}

#[test]
fn what_was_quiet_during_the_bake_need_not_be_waited_for_again() {
    let bake = BlueGreen { bake: HOUR, ..BlueGreen::default() };
    let mut rig = with(&bake, |world| world.subject.baseline.stickiness = DAY);
    rig.run_until(|rig| rig.engine.state().committed);
    let asked = rig.counts.len();
    assert_eq!(asked, 1, "one answer says from when on minutes count");
    let committed = rig.now.elapsed;
    let took = removed(&mut rig, committed);
    assert!(took < MINUTE, "{took:?}");
    assert_eq!(rig.counts.len(), 2);
}

#[test]
fn nothing_goes_while_requests_reach_it_and_the_numbers_are_told() {
    let mut rig = rig(|_| {});
    let full = shifted(&mut rig);
    reach(&mut rig, 30, 12);
    rig.run_until(|rig| rig.engine.progress().waiting == Some(HoldReason::Reached));
    assert!(told(&rig).iter().any(|drain| matches!(drain, Drain::Busy { requests: 12, .. })));
    let took = removed(&mut rig, full);
    assert!((30 * MINUTE..36 * MINUTE).contains(&took), "{took:?}");
    assert_eq!(rig.finish().status(), Status::Successful);
    let record = rig.engine.record();
    replay(record).unwrap();
    let (moments, _) = cutover::engine::retrace(record);
    let said: Vec<&String> = moments.iter().flat_map(|moment| &moment.because).collect();
    let number = "requests that still reached it: 12 in the minute";
    assert!(said.iter().any(|said| said.contains(number)), "{said:#?}");
}

#[test]
fn requests_that_never_end_leave_it_to_people() {
    let mut rig = rig(|_| {});
    shifted(&mut rig);
    reach(&mut rig, 600, 1);
    let ending = rig.finish();
    let Ending::Successful { leftovers } = ending else { panic!("{ending:?}") };
    assert!(leftovers[0].to_string().contains("requests still reach"), "{leftovers:?}");
    assert_eq!(rig.world.stable, Some(4));
    replay(rig.engine.record()).unwrap();
}

#[test]
fn clients_that_stick_are_no_surprise_before_their_cookies_end() {
    let mut rig = rig(|world| world.subject.baseline.stickiness = 3 * HOUR);
    shifted(&mut rig);
    reach(&mut rig, 179, 1);
    rig.run_until(|rig| rig.engine.facts().accrued.away > 170 * MINUTE);
    assert_eq!(rig.engine.progress().waiting, Some(HoldReason::Draining));
    assert_eq!(rig.finish(), Ending::Successful { leftovers: Vec::new() });
}

#[test]
fn what_cannot_be_counted_waits_for_as_long_as_before_and_never_less_than_metrics_need() {
    for (stickiness, least) in [(HOUR, HOUR), (Duration::ZERO, 8 * MINUTE)] {
        let why = "AccessDenied".to_owned();
        let mut rig = rig(|world| {
            world.subject.baseline.stickiness = stickiness;
            world.metrics.broken = Some(why.clone());
        });
        let full = shifted(&mut rig);
        let took = removed(&mut rig, full);
        assert!((least..least + MINUTE).contains(&took), "{took:?}");
        assert_eq!(told(&rig), [&Drain::Unknown { why }], "once");
    }
}

#[test]
fn a_night_without_any_request_tells_nothing() {
    let mut rig = rig(|world| world.metrics.silent = (0..100).collect());
    let full = shifted(&mut rig);
    let took = removed(&mut rig, full);
    assert!((8 * MINUTE..9 * MINUTE).contains(&took), "{took:?}");
    assert!(matches!(told(&rig)[..], [Drain::Unknown { .. }]), "{:?}", told(&rig));
}

#[test]
fn requests_that_were_seen_are_not_forgotten_because_a_read_fails() {
    let mut rig = rig(|_| {});
    shifted(&mut rig);
    reach(&mut rig, 10, 3);
    rig.run_until(|rig| rig.engine.facts().drain.is_busy());
    rig.world.metrics.broken = Some("throttled".to_owned());
    pass(&mut rig, 20 * MINUTE);
    assert!(!stable_is_gone(&rig));
    // nor by whoever takes over
    let (record, now) = (rig.engine.record().clone(), rig.now);
    let mut rig = Rig::resumed(rig.world, record, FencingToken::new(2), now);
    pass(&mut rig, 20 * MINUTE);
    assert!(!stable_is_gone(&rig));
    rig.world.metrics.broken = None;
    assert_eq!(rig.finish(), Ending::Successful { leftovers: Vec::new() });
}

#[test]
fn a_gap_in_which_nobody_looked_begins_the_count_again() {
    let mut rig = rig(|world| {
        world.subject.baseline.deregistration_delay = 30 * MINUTE;
        world.metrics.broken = Some("throttled".to_owned());
    });
    shifted(&mut rig);
    rig.run_until(|rig| rig.engine.facts().accrued.away > 28 * MINUTE);
    // someone gives stable traffic and takes it back, while nothing can be read
    rig.blind = true;
    pass(&mut rig, 2 * MINUTE);
    rig.blind = false;
    let seen = rig.now.elapsed;
    let took = removed(&mut rig, seen);
    assert!(took >= 30 * MINUTE, "{took:?}");
}

#[test]
fn a_restart_begins_the_count_again() {
    let mut rig = rig(|world| {
        world.subject.baseline.rules = network();
        world.subject.baseline.deregistration_delay = 30 * MINUTE;
    });
    shifted(&mut rig);
    rig.run_until(|rig| rig.engine.facts().accrued.away > 28 * MINUTE);
    // nobody knows what the weights were in between
    let (record, now) = (rig.engine.record().clone(), rig.now);
    let mut rig = Rig::resumed(rig.world, record, FencingToken::new(2), now);
    let took = removed(&mut rig, now.elapsed);
    assert!(took >= 30 * MINUTE, "{took:?}");
}

#[test]
fn the_way_back_is_as_careful() {
    let mut rig = rig(|world| world.subject.baseline.stickiness = DAY);
    shifted(&mut rig);
    rig.feed(Input::Operator(Operator::Abort));
    rig.run_until(|rig| rig.world.weight == Weight::ZERO);
    reach(&mut rig, 10, 5);
    let back = rig.now.elapsed;
    rig.run_until(|rig| rig.world.candidate.is_none_or(|tasks| tasks == 0));
    let took = rig.now.elapsed.since(back);
    assert!((11 * MINUTE..15 * MINUTE).contains(&took), "{took:?}");
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
    replay(rig.engine.record()).unwrap();
}

#[test]
fn the_last_tasks_of_a_roll_wait_for_it_without_running_out_of_time() {
    let roll = Rolling { bake: Duration::ZERO, ..Rolling::default() };
    let mut rig = with(&roll, |world| world.subject.baseline.stickiness = DAY);
    let full = shifted(&mut rig);
    reach(&mut rig, 40, 5);
    // clients stick for a day: forty minutes are no standstill
    let took = removed(&mut rig, full);
    assert!((40 * MINUTE..46 * MINUTE).contains(&took), "{took:?}");
    assert_eq!(rig.finish().status(), Status::Successful);
    replay(rig.engine.record()).unwrap();
}

#[test]
fn a_roll_that_cannot_let_go_turns_back() {
    let roll = Rolling { bake: Duration::ZERO, ..Rolling::default() };
    let mut rig = with(&roll, |_| {});
    shifted(&mut rig);
    reach(&mut rig, 600, 5);
    rig.run_until(|rig| rig.engine.state().direction == Direction::Rollback);
    let cause = rig.engine.state().cause.clone().unwrap().to_string();
    assert!(cause.contains("requests still reach"), "{cause}");
}

#[test]
fn it_is_asked_seldom_and_only_where_somebody_counts() {
    let mut rig = rig(|_| {});
    shifted(&mut rig);
    reach(&mut rig, 20, 1);
    rig.finish();
    let gaps = rig.counts.windows(2).map(|pair| pair[1].since(pair[0]));
    let least = MINUTE.saturating_sub(Limits::default().poll);
    assert!(rig.counts.len() > 10 && gaps.min().unwrap() > least, "{:?}", rig.counts);
    let mut rig = self::rig(|world| world.subject.baseline.rules = network());
    let full = shifted(&mut rig);
    let took = removed(&mut rig, full);
    assert!(took < 2 * MINUTE && rig.counts.is_empty(), "{took:?}");
}

/// The listener of a Network Load Balancer.
fn network() -> Vec<ListenerRuleArn> {
    let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/net/web/1/2";
    vec![arn.parse().unwrap()]
}
