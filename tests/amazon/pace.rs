//! How soon the end of what ECS does by itself is noticed, and at what cost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::Timing;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::store::MemoryStore;
use cutover::strategy::Rolling;

use super::account::Account;
use super::account::service;

/// A service of three tasks whose rolling update takes about 45 s.
fn scenario(seed: u64) -> Scenario {
    let (ms, s) = (Duration::from_millis, Duration::from_secs);
    let mut timing = Timing::default();
    timing.start = (s(18), s(20));
    timing.scheduler = (ms(500), s(1));
    timing.stop = (s(1), s(2));
    timing.health_interval = s(5);
    let scenario = Scenario::new(seed).with_controller(Controller::Ecs).with_desired(3);
    scenario.with_timing(timing).with_deregistration_delay(s(15))
}

struct Measured {
    /// From ECS's beginning until the old tasks are gone and it says that the service is steady.
    lasted: Duration,
    /// From ECS's end to ours.
    late: Duration,
    calls: BTreeMap<String, usize>,
}

fn measure(seed: u64) -> Measured {
    let cloud = Cloud::new(scenario(seed));
    let account = Account::executed(&cloud);
    let run = async {
        let deployer = account.process("us", &Arc::new(MemoryStore::new())).deployer;
        let id = DeploymentId::new("d-1").unwrap();
        let strategy = Rolling::default();
        let request = DeploymentRequest::new(id, service(), revision(2), &strategy);
        let handle = deployer.start(request).await.unwrap();
        let ending = handle.wait().await.unwrap();
        (ending, account.cloud.now())
    };
    let (ending, noticed) = Executor::new(&cloud).block_on(run).unwrap();
    assert_eq!(ending, Ending::Successful { leftovers: Vec::new() });
    let (begun, finished) = cloud.with(|world| {
        let home = world.state().home();
        let steady = home.events.iter().rev().find(|it| it.message.contains("steady state"));
        (home.deployments.last().unwrap().created_at, steady.unwrap().at)
    });
    let mut calls = BTreeMap::new();
    for call in account.cloud.calls().iter() {
        *calls.entry(call.operation.clone()).or_default() += 1;
    }
    Measured { lasted: finished.since(begun), late: noticed.since(finished), calls }
}

#[test]
fn the_end_of_a_delegated_roll_is_noticed_within_two_seconds_for_twenty_calls() {
    for seed in 1..=10 {
        let Measured { lasted, late, calls } = measure(seed);
        let total: usize = calls.values().sum();
        println!("seed {seed}: {lasted:?}, noticed after {late:?}, {total} calls {calls:?}");
        assert!((40..=50).contains(&lasted.as_secs()), "seed {seed}: it took {lasted:?}");
        assert!(late <= Duration::from_secs(2), "seed {seed}: noticed after {late:?}");
        assert!(total <= 20, "seed {seed}: {total} calls {calls:?}");
    }
}
