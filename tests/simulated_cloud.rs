//! Whole deployments by hand in the simulated cloud.
#![expect(clippy::unwrap_used, reason = "a failed test is what a panic means here")]

use std::ops::ControlFlow;
use std::time::Duration;

use cutover::adapters::sim::Action;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Exposure;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::FaultKind;
use cutover::adapters::sim::FaultRates;
use cutover::adapters::sim::Rng;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::Stopped;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::model::CallToken;
use cutover::model::DeploymentId;
use cutover::model::Elapsed;
use cutover::model::FencingToken;
use cutover::model::Observation;
use cutover::model::Role;
use cutover::model::Subject;
use cutover::model::Topology;
use cutover::model::Weight;
use cutover::ports::WriteError;

const S: Duration = Duration::from_secs(1);

fn at(seconds: u64) -> Elapsed {
    Elapsed::from_millis(seconds * 1000)
}

async fn subject(cloud: &Cloud) -> Subject {
    let service = cloud.with(|world| world.state().home().id.clone());
    let mut baseline = loop {
        if let Ok(baseline) = cloud.fleet().baseline(&service, &Topology::default()).await {
            break baseline;
        }
    };
    let routes = loop {
        if let Ok(routes) = cloud.router().routes(&service, &Topology::default()).await {
            break routes;
        }
    };
    if let Some(routes) = routes {
        baseline = routes.complete(baseline);
    }
    let deployment = DeploymentId::new("d-1").unwrap();
    Subject { deployment, service, candidate: revision(2), baseline }
}

async fn look(cloud: &Cloud, subject: &Subject) -> Observation {
    loop {
        let fleet = cloud.fleet().observe(subject, None).await;
        let router = cloud.router().observe(subject).await;
        if let (Ok(fleet), Ok(router)) = (fleet, router) {
            return Observation { fleet, router: Some(router), scaling: Vec::new() };
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
            drop(router.shift(&subject, weight, FencingToken::new(1)).await);
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
        let (state, home) = (world.state(), world.state().home());
        assert_eq!(home.sets.len(), 1);
        assert_eq!(home.sets[0].revision, revision(2));
        assert_eq!(home.primary, Some(home.sets[0].number));
        assert_eq!(home.sets[0].healthy(), 4);
        for rule in state.production_rules() {
            assert_eq!((rule.data_permille(0), rule.data_permille(1)), (0, 1000));
        }
        let failed: u64 = world.exposure().iter().map(Exposure::failed).sum();
        assert_eq!((failed, world.unserved()), (0, 0));
        let total: u64 = world.exposure().iter().map(Exposure::requests).sum();
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

/// Every request is served by someone or by nobody, whatever happens.
#[test]
fn no_request_is_lost_whatever_others_do() {
    for seed in 0..300 {
        let mut rng = Rng::new(seed);
        let mut scenario = Scenario::new(seed).with_production_rules(2).with_test_rule();
        scenario.stickiness = rng.span(Duration::ZERO, 300 * S);
        let fate = match rng.below(5) {
            0 => Fate::NeverHealthy,
            1 => Fate::CrashesAfter(rng.span(S, 100 * S)),
            2 => Fate::UnhealthyAfter(rng.span(S, 500 * S)),
            3 => Fate::ImagePullError,
            _ => Fate::Healthy,
        };
        scenario = scenario.with_behaviour(revision(2), Behaviour::doomed(fate));
        for _ in 0..12 {
            let revision = if rng.happens(500) { revision(1) } else { revision(2) };
            let mut raw = || u16::try_from(rng.below(1000)).unwrap();
            let (blue, green) = (raw(), raw());
            let rule = usize::try_from(rng.below(3)).unwrap();
            let action = match rng.below(11) {
                0 => Action::SetDesired(u32::from(blue % 9)),
                1 | 2 => Action::EditWeights { rule, blue, green },
                3 => Action::AddForeignGroup { rule, weight: green },
                4 => Action::DeleteRule { rule },
                5 | 6 => Action::CreateForeignTaskSet { revision },
                7 => Action::KillTasks { revision, count: u32::from(blue % 4) },
                8 => Action::NoCapacity { lasts: rng.span(S, 600 * S) },
                9 => Action::ChangeBehaviour { revision, behaviour: Behaviour::healthy() },
                _ => Action::SetForeignPrimary,
            };
            scenario = scenario.with_action(at(rng.below(1800)), action);
        }
        let mut world = World::new(scenario);
        world.advance(at(3600));
        let served: u64 = world.exposure().iter().map(Exposure::requests).sum();
        let total = served + world.unserved();
        assert!(total.abs_diff(20 * 3600) <= 8, "seed {seed}: {total}");
    }
}

#[test]
fn the_first_candidate_takes_the_group_that_has_the_weight() {
    let cloud = Cloud::new(Scenario::new(5).without_stable());
    let handle = cloud.clone();
    let seen = Executor::new(&cloud).block_on(async move {
        let subject = subject(&handle).await;
        assert_eq!(subject.baseline.stable, None);
        let token = CallToken::derived(&subject.deployment, "launch");
        handle.fleet().launch(&subject, 4, &token).await.unwrap();
        handle.clock().sleep(120 * S).await;
        look(&handle, &subject).await
    });
    let seen = seen.unwrap();
    assert_eq!(seen.healthy(Role::Candidate), 4);
    assert_eq!(seen.weight(), Some(Weight::FULL));
}

#[test]
fn a_rule_that_someone_else_changed_is_foreign_and_not_overwritten() {
    let cloud = Cloud::new(Scenario::new(5).with_production_rules(2));
    let handle = cloud.clone();
    Executor::new(&cloud).block_on(async move {
        let subject = subject(&handle).await;
        handle.with(|world| world.apply(&Action::AddForeignGroup { rule: 1, weight: 5 }));
        let router = handle.router().observe(&subject).await.unwrap();
        assert_eq!(router.rules.iter().map(|rule| rule.foreign).collect::<Vec<_>>(), [false, true]);
        let error =
            handle.router().shift(&subject, Weight::FULL, FencingToken::new(1)).await.unwrap_err();
        assert!(matches!(error, WriteError::Rejected(_)), "{error:?}");
        handle.with(|world| world.apply(&Action::DeleteRule { rule: 1 }));
        let router = handle.router().observe(&subject).await.unwrap();
        assert!(router.rules[1].foreign);
        assert_eq!(router.weight(), None);
    });
    let written =
        cloud.with(|world| world.ledger().iter().filter(|entry| entry.actor.is_ours()).count());
    assert_eq!(written, 0);
}

#[test]
fn of_several_rules_only_the_first_may_be_written() {
    let call = CallFilter::Only(CallKind::ModifyRule);
    let fault = ScheduledFault { call, nth: 1, fault: Fault::Partial };
    let cloud = Cloud::new(Scenario::new(5).with_production_rules(3).with_fault(fault));
    let handle = cloud.clone();
    Executor::new(&cloud).block_on(async move {
        let subject = subject(&handle).await;
        let error =
            handle.router().shift(&subject, Weight::FULL, FencingToken::new(1)).await.unwrap_err();
        assert!(matches!(error, WriteError::Unknown(_)), "{error:?}");
        let router = handle.router().observe(&subject).await.unwrap();
        let weights: Vec<Weight> = router.rules.iter().map(|rule| rule.candidate).collect();
        assert_eq!(weights, [Weight::FULL, Weight::ZERO, Weight::ZERO]);
    });
}

#[test]
#[ignore = "for measuring by hand"]
fn a_thousand_deployments() {
    for seed in 0..1000 {
        assert_eq!(run(Scenario::new(seed).with_production_rules(2)).1, Stopped::Finished);
    }
}

#[test]
#[ignore = "for measuring by hand"]
fn a_thousand_deployments_with_faults() {
    for seed in 0..1000 {
        let rates = FaultRates::all(20).with(FaultKind::Hang, 0);
        let scenario = Scenario::new(seed).with_production_rules(2);
        let (_, stopped) = run(scenario.with_fault_rates(rates, Some(at(1800))));
        assert_eq!(stopped, Stopped::Finished);
    }
}
