//! Whole deployments through the public api, on the simulated cloud.
#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "base/rig.rs"]
mod base;

use std::time::Duration;

use cutover::adapters::sim::{
    Action, AlarmRule, AlarmSpec, Behaviour, CallFilter, CallKind, Colour, Controller, Fate, Fault,
    Scenario, ScheduledFault, Traffic, revision,
};
use cutover::api::ObservedTraffic;
use cutover::model::*;
use cutover::ports::AlarmState;
use cutover::strategy::Forecast;
use cutover::strategy::{AllAtOnce, BlueGreen, Canary, Linear, Rolling, Steps, Strategy};
use cutover::{DeploymentRequest, Error};
use futures_util::StreamExt;

use base::Rig;
use base::request;

fn strategies() -> Vec<Box<dyn Strategy>> {
    vec![
        Box::new(BlueGreen::default()),
        Box::new(Canary::default()),
        Box::new(Linear::default()),
        Box::new(AllAtOnce::default()),
        Box::new(Rolling::default()),
        Box::new(Rolling {
            minimum_healthy_percent: 50,
            maximum_percent: 100,
            ..Rolling::default()
        }),
    ]
}

fn id() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

fn run(scenario: Scenario, strategy: &dyn Strategy, gates: Vec<GateSpec>) -> (Rig, Ending) {
    let mut rig = Rig::new(scenario);
    let (deployer, _) = rig.deployer("p1");
    let request =
        gates.into_iter().fold(request("d-1", rig.service(), 2, strategy), DeploymentRequest::gate);
    let ending = rig
        .executor
        .block_on(async move { deployer.start(request).await.unwrap().wait().await.unwrap() });
    (rig, ending.unwrap())
}

fn alarm_gate(name: &str) -> GateSpec {
    GateSpec {
        id: GateId::new("alarms").unwrap(),
        kind: GateKind::Alarms {
            names: vec![AlarmName::new(name).unwrap()],
            accept_red_at_start: None,
            insufficient_data: InsufficientData::default(),
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_secs(600) },
        always: true,
    }
}

#[test]
fn a_healthy_revision_is_deployed_by_every_strategy() {
    for strategy in strategies() {
        let (_, ending) = run(Scenario::new(1), &*strategy, Vec::new());
        assert_eq!(ending, Ending::Successful { leftovers: Vec::new() }, "{}", strategy.name());
    }
}

#[test]
fn a_revision_that_never_gets_healthy_is_rolled_back_by_every_strategy() {
    for fate in
        [Fate::NeverHealthy, Fate::FailsToStart, Fate::CrashesAfter(Duration::from_secs(20))]
    {
        for strategy in strategies() {
            let scenario = Scenario::new(2).with_behaviour(revision(2), Behaviour::doomed(fate));
            let (_, ending) = run(scenario, &*strategy, Vec::new());
            let expected = Ending::RollbackSuccessful { leftovers: Vec::new() };
            assert_eq!(ending, expected, "{} {fate:?}", strategy.name());
        }
    }
}

#[test]
fn an_alarm_rolls_a_bad_canary_back() {
    let name = AlarmName::new("green-5xx").unwrap();
    let scenario = Scenario::new(3)
        .with_behaviour(revision(2), Behaviour::erring(300))
        .with_alarm(AlarmSpec::errors(name.clone(), Colour::Green, 50));
    let (_, ending) = run(scenario, &Canary::default(), vec![alarm_gate(name.as_str())]);
    assert_eq!(ending, Ending::RollbackSuccessful { leftovers: Vec::new() });
}

#[test]
fn an_alarm_of_one_bake_does_not_answer_for_what_was_before_it() {
    let name = AlarmName::new("unserved").unwrap();
    let set =
        |at, state| (Elapsed::from_millis(at), Action::SetAlarm { name: name.clone(), state });
    for always in [false, true] {
        let gate = GateSpec { always, ..alarm_gate(name.as_str()) };
        let rule = AlarmRule::AnyOf(Vec::new());
        let mut scenario = Scenario::new(3).with_alarm(AlarmSpec::new(name.clone(), rule));
        scenario.actions = vec![set(3000, AlarmState::Alarm), set(3500, AlarmState::Ok)];
        let steps = vec![
            Step::Scale { share: Share::FULL },
            Step::Shift { weight: Weight::FULL },
            Step::Bake { duration: Duration::from_secs(60), gates: vec![gate.id.clone()] },
        ];
        let strategy = Steps { steps, gates: vec![gate] };
        let (_, ending) = run(scenario, &strategy, Vec::new());
        let leftovers = Vec::new();
        let expected = if always {
            Ending::RollbackSuccessful { leftovers }
        } else {
            Ending::Successful { leftovers }
        };
        assert_eq!(ending, expected, "always: {always}");
    }
}

#[test]
fn a_second_start_is_refused_with_the_holder() {
    let mut rig = Rig::new(Scenario::new(4));
    let (first, _) = rig.deployer("p1");
    let (second, _) = rig.deployer("p2");
    let strategy = BlueGreen::default();
    let [one, another] = ["d-1", "d-2"].map(|id| request(id, rig.service(), 2, &strategy));
    rig.executor.block_on(async {
        let handle = first.start(one).await.unwrap();
        let again = first.start(another.clone()).await.unwrap_err();
        assert!(matches!(again, Error::AlreadyRunning { holder: None, .. }), "{again}");
        let other = second.start(another).await.unwrap_err();
        assert_eq!(other.to_string(), "prod/web is driven by p1 (deployment d-1)");
        handle.wait().await.unwrap();
    });
}

#[test]
fn a_deployment_whose_process_died_is_finished_by_resume() {
    let mut rig = Rig::new(Scenario::new(5));
    let (first, dead) = rig.deployer("p1");
    let strategy = BlueGreen::default();
    let (request, clock) = (request("d-1", rig.service(), 2, &strategy), dead.clock());
    rig.executor.block_on(async move {
        let handle = first.start(request).await.unwrap();
        clock.sleep(Duration::from_secs(240)).await;
        drop(handle);
    });
    assert_eq!(rig.executor.kill_process(&dead), 1);
    let (second, _) = rig.deployer("p2");
    let ending = rig
        .executor
        .block_on(async move { second.resume(&id()).await.unwrap().wait().await.unwrap() });
    assert_eq!(ending, Some(Ending::Successful { leftovers: Vec::new() }));
}

#[test]
fn a_service_without_a_second_role_is_handed_to_ecs_and_taken_back() {
    for (fate, expected) in [
        (Fate::Healthy, Status::Successful),
        (Fate::NeverHealthy, Status::RollbackSuccessful),
        (Fate::FailsToStart, Status::RollbackSuccessful),
    ] {
        let scenario = Scenario::new(6)
            .with_controller(Controller::Ecs)
            .with_behaviour(revision(2), Behaviour::doomed(fate));
        let (rig, ending) = run(scenario, &Rolling::default(), Vec::new());
        assert_eq!(ending.status(), expected, "{fate:?}: {ending:?}");
        let sets = rig.cloud.with(|world| world.state().home().sets.clone());
        let serves = sets.iter().max_by_key(|set| set.healthy()).unwrap().revision.clone();
        let number = if expected == Status::Successful { 2 } else { 1 };
        assert_eq!(serves, revision(number), "{fate:?}");
    }
}

#[test]
fn a_healthy_deployment_writes_and_peaks_as_its_plan_printed() {
    for strategy in strategies() {
        let mut rig = Rig::new(Scenario::new(8).with_test_rule());
        let (deployer, _) = rig.deployer("p1");
        let (request, limits) = (request("d-1", rig.service(), 2, &*strategy), Limits::default());
        let (forecast, events) = rig
            .executor
            .block_on(async {
                let planned = deployer.plan(&request).await.unwrap();
                let forecast = Forecast::of(&planned.plan, &planned.shape, &limits);
                let handle = deployer.start(request).await.unwrap();
                let events: Vec<Event> = handle.events().collect().await;
                (forecast, events)
            })
            .unwrap();
        let writes =
            events.iter().filter(|event| matches!(event.kind, EventKind::Writing { .. })).count();
        let fewest = usize::try_from(forecast.writes).unwrap();
        // A roll's weight follows tasks as they become healthy, one by one or all at once.
        let rolls = strategy.name() == "rolling";
        assert!(writes == fewest || (rolls && writes > fewest), "{writes} writes: {forecast}");
        let peak = events.iter().filter_map(|event| match &event.kind {
            EventKind::Progress(progress) => {
                Some(progress.stable.target + progress.candidate.target)
            }
            _ => None,
        });
        assert!(peak.max().unwrap() <= forecast.peak_tasks, "{forecast}");
    }
}

#[test]
fn the_events_tell_a_deployment_from_start_to_finish() {
    let mut rig = Rig::new(Scenario::new(9));
    let (deployer, _) = rig.deployer("p1");
    let strategy = BlueGreen::default();
    let request = request("d-1", rig.service(), 2, &strategy);
    let events: Vec<Event> = rig
        .executor
        .block_on(async move {
            let handle = deployer.start(request).await.unwrap();
            assert_eq!(handle.status().status, Status::Pending);
            handle.events().collect().await
        })
        .unwrap();
    assert!(matches!(events.first().unwrap().kind, EventKind::Started));
    let EventKind::Finished { status, .. } = &events.last().unwrap().kind else {
        panic!("the last event is {:?}", events.last());
    };
    assert_eq!(*status, Status::Successful);
    let json = serde_json::to_value(events.last().unwrap()).unwrap();
    assert_eq!((&json["event"], &json["status"]), (&"finished".into(), &"SUCCESSFUL".into()));
    assert!(events.windows(2).all(|pair| pair[0].at <= pair[1].at));
}

/// What a service is observed to serve that has lived for so long in such a world, with these faults of
/// the reads of metrics.
fn observe(
    scenario: Scenario,
    (lives, span): (Duration, Duration),
    faults: &[(u32, Fault)],
) -> Result<ObservedTraffic, Error> {
    let call = CallFilter::Only(CallKind::GetMetricData);
    let fail = |scenario: Scenario, (nth, fault): &(u32, Fault)| {
        scenario.with_fault(ScheduledFault { call, nth: *nth, fault: *fault })
    };
    let mut rig = Rig::new(faults.iter().fold(scenario, fail));
    let (deployer, cloud) = rig.deployer("p1");
    let (service, strategy) = (rig.service(), Canary::default());
    let seen = rig.executor.block_on(async move {
        cloud.clock().sleep(lives).await;
        let planned = deployer.plan(&request("d-1", service, 2, &strategy)).await.unwrap();
        deployer.observe(&planned, span).await
    });
    seen.unwrap()
}

const DAY: Duration = Duration::from_hours(24);
/// Less than the day for which a simulated cloud keeps its minutes.
const SPAN: Duration = Duration::from_hours(20);

/// A day of 100 requests a second with four hours in which nobody asks, and one failure in a thousand.
fn nights() -> Scenario {
    let (first_ms, lasts_ms) = (10 * 3_600_000, 4 * 3_600_000);
    Scenario::new(5)
        .with_traffic(Traffic::Nights { milli_rps: 100_000, first_ms, lasts_ms })
        .with_behaviour(revision(1), Behaviour::healthy().with_error_ppm(1000))
}

#[test]
fn what_a_service_serves_is_observed_with_its_quiet_nights() {
    let seen = observe(nights(), (DAY, SPAN), &[]).unwrap();
    assert_eq!((seen.minutes, seen.unread), (1200, 0), "{seen}");
    assert!((239..=241).contains(&seen.silent), "{seen}");
    let mean = 100.0 * 16.0 / 20.0;
    assert!((seen.load.requests_per_second.get() - mean).abs() < 0.2, "{seen}");
    assert!((seen.load.error_rate.get() - 0.001).abs() < 0.0001, "{seen}");
    assert!(seen.quietest.unwrap().requests_per_second < 1e-9, "{seen}");
    // asked for more than there is, it says from when on it knows
    let short = observe(nights(), (Duration::from_hours(2), SPAN), &[]).unwrap();
    assert!((117..=120).contains(&short.minutes), "{short}");
    assert!((short.load.requests_per_second.get() - 100.0).abs() < 1.0, "{short}");
}

#[test]
fn what_is_observed_in_part_says_so_and_what_is_not_at_all_is_an_error() {
    let lives = (DAY, SPAN);
    for fault in [Fault::Partial, Fault::Denied, Fault::Hang] {
        let seen = observe(nights(), lives, &[(1, fault)]).unwrap();
        // the newest six hours
        assert!((356..=360).contains(&seen.unread), "{fault:?}: {seen}");
        assert_eq!(seen.minutes + seen.unread, 1200, "{fault:?}: {seen}");
        assert_eq!(seen.trouble.len(), 1, "{fault:?}: {seen}");
    }
    let every: Vec<(u32, Fault)> = (1..9).map(|nth| (nth, Fault::Denied)).collect();
    let refused = observe(nights(), lives, &every).unwrap_err();
    assert!(matches!(refused, Error::Unreadable { what: "its traffic", .. }), "{refused}");
    let silent = Scenario::new(5).with_traffic(Traffic::None);
    let none = observe(silent, lives, &[]).unwrap_err();
    assert!(matches!(&none, Error::NoTraffic { why, .. } if why.contains("no request")), "{none}");
    for span in [Duration::from_mins(59), DAY * 16] {
        let refused = observe(nights(), (Duration::ZERO, span), &[]).unwrap_err();
        assert!(refused.to_string().ends_with("give 1h to 15d"), "{refused}");
    }
}
