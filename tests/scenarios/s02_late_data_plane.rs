//! S2: the rule is read back right, but the load balancer follows it 90 s later, or much later still.
//!
//! Argo Rollouts takes `DescribeRules` for the truth and scales the old set in while requests still
//! reach it (its issues 3926, 4595, 3333). Here no side is drained before the propagation time is over
//! and its target group has had no request in whole minutes; where that cannot be counted, the longest
//! of the times decides that the service has.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::Timing;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::model::Drain;
use cutover::model::Elapsed;
use cutover::model::EventKind;
use cutover::model::Limits;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Linear;

use super::stage::Job;
use super::stage::Stage;
use super::stage::Told;
use super::stage::back;
use super::stage::healthy;
use super::stage::live;
use super::stage::sent_to;
use super::stage::success;

const LATE: Duration = Duration::from_secs(90);

/// Calls that count requests.
const METRICS: CallFilter = CallFilter::Only(CallKind::GetMetricData);

/// Ten times what the limits expect.
const FAR_TOO_LATE: Duration = Duration::from_mins(10);

fn late(seed: u64, by: Duration) -> Scenario {
    let mut timing = Timing::default();
    timing.propagation = by;
    Scenario::new(seed).with_timing(timing)
}

fn patient(job: Job) -> Job {
    Job { limits: Limits { propagation: LATE, ..Limits::default() }, ..job }
}

/// Whoever is sent requests has targets.
fn nobody_is_sent_to_nothing(world: &World) {
    for colour in [Colour::Blue, Colour::Green] {
        let (sent, targets) = (sent_to(world, colour), healthy(world, colour));
        assert!(sent == 0 || targets > 0, "{sent} per mille to {colour:?} without a target");
    }
}

#[test]
fn no_side_is_drained_while_requests_may_reach_it() {
    let jobs =
        [Job::new(BlueGreen::default()), Job::new(Canary::default()), Job::new(Linear::default())];
    for (seed, job) in (201..).zip(jobs) {
        let mut stage = Stage::new(late(seed, LATE));
        let (_, told) = stage.begin("p", &patient(job));
        assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), success());
        stage.assert_everybody_was_served();
    }
}

#[test]
fn the_way_back_is_as_careful() {
    let mut stage = Stage::new(late(210, LATE));
    let (_, told) = stage.begin("p", &patient(Job::new(BlueGreen::default())));
    stage.until("all traffic is on green", |world| sent_to(world, Colour::Green) == 1000);
    stage.ask(&told, |handle| async move { handle.abort().await });
    assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), back());
    stage.assert_everybody_was_served();
}

/// When the last task of a revision was asked to go, which is when its group is drained.
fn drained(stage: &mut Stage, number: u32) -> Elapsed {
    let before = stage.see(|world| live(world, number));
    assert!(before > 0, "it is there");
    stage.until("its tasks go", |world| {
        let sets = world.state().sets();
        sets.filter(|set| set.revision == revision(number))
            .all(|set| set.draining || set.live() == 0)
    });
    stage.see(World::now)
}

/// When all weight was on a side.
fn weighed(stage: &mut Stage, colour: Colour) -> Elapsed {
    stage.until("all weight is there", |world| {
        let rules = world.state().production_rules();
        rules.into_iter().all(|rule| rule.control_permille(colour.index()) == 1000)
    });
    stage.see(World::now)
}

fn quick() -> BlueGreen {
    BlueGreen { bake: Duration::ZERO, ..BlueGreen::default() }
}

/// Whether requests were seen that still reached the side that goes.
fn saw_requests(told: &Arc<Mutex<Told>>) -> bool {
    let is_busy =
        |event: &EventKind| matches!(event, EventKind::Drain { requests: Drain::Busy { .. }, .. });
    told.lock().unwrap().events.iter().any(is_busy)
}

#[test]
fn a_load_balancer_that_is_later_than_every_limit_drains_nobody_either() {
    let mut seen = 0;
    for seed in 221..227 {
        let mut stage = Stage::new(late(seed, FAR_TOO_LATE));
        let (_, told) = stage.begin("p", &Job::new(quick()));
        assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), success());
        stage.assert_everybody_was_served();
        seen += u32::from(saw_requests(&told));
    }
    // by chance it follows in time now and then
    assert!(seen >= 2, "{seen} of 6");
}

#[test]
fn nor_on_the_way_back() {
    let mut seen = 0;
    for seed in 231..237 {
        let mut stage = Stage::new(late(seed, FAR_TOO_LATE));
        let bake = Duration::from_hours(1);
        let (_, told) = stage.begin("p", &Job::new(BlueGreen { bake, ..BlueGreen::default() }));
        stage.until("all traffic is on green", |world| sent_to(world, Colour::Green) == 1000);
        stage.ask(&told, |handle| async move { handle.abort().await });
        assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), back());
        stage.assert_everybody_was_served();
        seen += u32::from(saw_requests(&told));
    }
    assert!(seen >= 2, "{seen} of 6");
}

#[test]
fn clients_that_keep_their_cookies_keep_the_side_that_they_go_to() {
    let hour = Duration::from_hours(1);
    for (seed, sticky) in [(241, 500), (242, 0)] {
        let mut scenario = Scenario::new(seed).with_stickiness(hour);
        scenario.sticky_permille = sticky;
        let mut stage = Stage::new(scenario);
        let (_, told) = stage.begin("p", &Job::new(quick()));
        let full = weighed(&mut stage, Colour::Green);
        let took = drained(&mut stage, 1).since(full);
        if sticky > 0 {
            assert!(took > hour, "{took:?}");
        } else {
            // nobody has one: an hour's stickiness is not waited for
            assert!(took < Duration::from_mins(8), "{took:?}");
        }
        assert_eq!(stage.finish(&told), success());
        stage.assert_everybody_was_served();
    }
}

#[test]
fn metrics_that_cannot_be_read_make_nothing_quicker() {
    for (seed, fault) in (251..).zip([Fault::Denied, Fault::Partial, Fault::Throttled]) {
        let times = |nth| ScheduledFault { call: METRICS, nth, fault };
        let delay = Duration::from_mins(20);
        let scenario = Scenario::new(seed).with_deregistration_delay(delay);
        let mut stage = Stage::new((1..=200).map(times).fold(scenario, Scenario::with_fault));
        let (_, told) = stage.begin("p", &Job::new(quick()));
        let full = weighed(&mut stage, Colour::Green);
        let took = drained(&mut stage, 1).since(full);
        assert!((delay..delay + Duration::from_mins(1)).contains(&took), "{fault:?}: {took:?}");
        let unknown = |event: &&EventKind| {
            matches!(event, EventKind::Drain { requests: Drain::Unknown { .. }, .. })
        };
        assert_eq!(stage.finish(&told), success());
        assert_eq!(told.lock().unwrap().events.iter().filter(unknown).count(), 1, "told once");
    }
}

#[test]
fn requests_that_were_seen_are_not_forgotten_by_a_read_that_fails_or_a_restart() {
    // the first answer says from when on minutes count, and four minutes later one shows requests
    let faults = (7..=45).map(|nth| {
        let fault = if nth % 2 == 0 { Fault::Partial } else { Fault::Throttled };
        ScheduledFault { call: METRICS, nth, fault }
    });
    let scenario = faults.fold(late(263, Duration::from_hours(1)), Scenario::with_fault);
    let mut stage = Stage::new(scenario);
    let (first, told) = stage.begin("p1", &Job::new(quick()));
    let full = weighed(&mut stage, Colour::Green);
    stage.until("requests are seen", |_| saw_requests(&told));
    stage.pass(Duration::from_secs(90));
    stage.kill(&first);
    stage.pass(Duration::from_secs(30));
    let (_, told) = stage.begin("p2", &Job::new(quick()));
    stage.until("it follows", |world| sent_to(world, Colour::Blue) == 0);
    let followed = stage.see(World::now).since(full);
    assert!(followed > Duration::from_mins(25), "{followed:?}: later than time alone allows");
    assert_eq!(stage.finish_watched(&told, nobody_is_sent_to_nothing), success());
    stage.assert_everybody_was_served();
}
