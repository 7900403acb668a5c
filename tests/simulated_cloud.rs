//! Whole deployments by hand in the simulated cloud.

use std::ops::ControlFlow;
use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::FaultKind;
use cutover::adapters::sim::FaultRates;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Stopped;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::model::CallToken;
use cutover::model::DeploymentId;
use cutover::model::Elapsed;
use cutover::model::Observation;
use cutover::model::Role;
use cutover::model::Subject;
use cutover::model::Weight;

const S: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Elapsed {
    Elapsed::from_millis(seconds * 1000)
}

async fn subject(cloud: &Cloud) -> Subject {
    let service = cloud.with(|world| world.state().service.clone());
    let mut baseline = loop {
        if let Ok(baseline) = cloud.fleet().baseline(&service).await {
            break baseline;
        }
    };
    let routes = loop {
        if let Ok(routes) = cloud.router().routes(&service).await {
            break routes;
        }
    };
    if let Some(routes) = routes {
        baseline.stable_group = Some(routes.stable_group);
        baseline.candidate_group = Some(routes.candidate_group);
        baseline.rules = routes.rules;
        baseline.test_rule = routes.test_rule;
        baseline.stickiness = routes.stickiness;
        baseline.deregistration_delay = routes.deregistration_delay;
    }
    let deployment = DeploymentId::new("d-1").unwrap();
    Subject { deployment, service, candidate: revision(2), baseline }
}

async fn look(cloud: &Cloud, subject: &Subject) -> Observation {
    loop {
        let fleet = cloud.fleet().observe(subject).await;
        let router = cloud.router().observe(subject).await;
        if let (Ok(fleet), Ok(router)) = (fleet, router) {
            return Observation { fleet, router: Some(router) };
        }
        cloud.clock().sleep(S).await;
    }
}

/// A naive blue/green deployment that retries everything.
async fn deploy(cloud: Cloud) {
    let subject = subject(&cloud).await;
    let token = CallToken::derived(&subject.deployment, "launch");
    let (fleet, router, clock) = (cloud.fleet(), cloud.router(), cloud.clock());
    let desired = subject.baseline.desired;
    while fleet.launch(&subject, desired, &token).await.is_err() {
        clock.sleep(S).await;
    }
    while look(&cloud, &subject).await.healthy(Role::Candidate) < desired {
        clock.sleep(10 * S).await;
    }
    for permille in [100, 500, 1000] {
        let weight = Weight::permille(permille).unwrap();
        while look(&cloud, &subject).await.weight() != Some(weight) {
            drop(router.shift(&subject, weight).await);
            clock.sleep(S).await;
        }
        clock.sleep(120 * S).await;
    }
    while fleet.promote(&subject).await.is_err() {
        clock.sleep(S).await;
    }
    while look(&cloud, &subject).await.fleet.stable.is_some() {
        drop(fleet.retire(&subject, Role::Stable).await);
        clock.sleep(10 * S).await;
    }
}

fn run(scenario: Scenario) -> (Cloud, Stopped) {
    let cloud = Cloud::new(scenario);
    let mut executor = Executor::new(&cloud);
    executor.spawn(Box::pin(deploy(cloud.clone())));
    let stopped = executor.run_until(at(3600 * 4), &mut |_: &mut World| ControlFlow::Continue(()));
    (cloud, stopped)
}

#[test]
fn a_deployment_by_hand_moves_the_service_to_the_candidate() {
    let (cloud, stopped) = run(Scenario::new(1).with_production_rules(2));
    assert_eq!(stopped, Stopped::Finished);
    cloud.with(|world| {
        let state = world.state();
        assert_eq!(state.sets.len(), 1);
        assert_eq!(state.sets[0].revision, revision(2));
        assert_eq!(state.primary, Some(state.sets[0].number));
        assert_eq!(state.sets[0].healthy(), 4);
        for rule in state.production_rules() {
            assert_eq!((rule.data_permille(0), rule.data_permille(1)), (0, 1000));
        }
        let failed: u64 = world.exposure().iter().map(|exposure| exposure.failed()).sum();
        assert_eq!((failed, world.unserved()), (0, 0));
        let total: u64 = world.exposure().iter().map(|exposure| exposure.requests()).sum();
        let expected = world.now().as_millis() / 1000 * 20;
        assert!(total.abs_diff(expected) <= 25, "{total} of {expected}");
    });
}

#[test]
fn the_same_seed_gives_the_same_ledger_and_exposure() {
    let ledger = |seed| {
        let scenario = Scenario::new(seed)
            .with_fault_rates(FaultRates::all(20).with(FaultKind::Hang, 0), Some(at(1800)))
            .with_action(at(100), Action::KillTasks { revision: revision(1), count: 2 });
        let (cloud, stopped) = run(scenario);
        assert_eq!(stopped, Stopped::Finished);
        cloud.with(|world| {
            assert!(!world.fault_counts().is_empty());
            format!("{:?}{:?}{:?}", world.ledger(), world.exposure(), world.fault_counts())
        })
    };
    assert_eq!(ledger(7), ledger(7));
    assert_ne!(ledger(7), ledger(8));
}

#[test]
fn a_crash_loop_is_seen_as_failed_tasks() {
    let crash = Behaviour::doomed(Fate::CrashesAfter(5 * S));
    let cloud = Cloud::new(Scenario::new(3).with_behaviour(revision(2), crash));
    let mut executor = Executor::new(&cloud);
    let handle = cloud.clone();
    let seen = executor.block_on(async move {
        let subject = subject(&handle).await;
        let token = CallToken::derived(&subject.deployment, "launch");
        handle.fleet().launch(&subject, 4, &token).await.unwrap();
        handle.clock().sleep(300 * S).await;
        look(&handle, &subject).await.fleet.candidate.unwrap()
    });
    let seen = seen.unwrap();
    assert!(seen.failed >= 4, "{seen:?}");
    assert_eq!(seen.failures[0].code, "EssentialContainerExited");
}

#[test]
#[ignore = "for measuring by hand"]
fn a_thousand_deployments() {
    for seed in 0..1000 {
        assert_eq!(run(Scenario::new(seed).with_production_rules(2)).1, Stopped::Finished);
    }
}
