//! How soon the end of what ECS does by itself is noticed, and at what cost.

use std::pin::pin;
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
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::Stage;
use cutover::store::MemoryStore;
use cutover::strategy::Rolling;
use futures_util::StreamExt;

use super::account::Account;
use super::account::service;

/// A service of three tasks whose rolling update takes about 45 s.
fn scenario(seed: u64) -> Scenario {
    let (ms, s) = (Duration::from_millis, Duration::from_secs);
    let mut timing = Timing::default();
    timing.start = (s(18), s(19));
    timing.scheduler = (ms(500), s(1));
    timing.stop = (s(1), s(1));
    timing.health_interval = s(5);
    let scenario = Scenario::new(seed).with_controller(Controller::Ecs).with_desired(3);
    scenario.with_timing(timing).with_deregistration_delay(s(18))
}

struct Measured {
    /// From ECS's beginning until the old tasks are gone and it says that the service is steady.
    lasted: Duration,
    /// From ECS's end to ours.
    late: Duration,
    /// From ECS's end to that of the whole deployment.
    over: Duration,
    /// Calls until it was noticed, from the request on.
    calls: u64,
    /// The same until the deployment was over: after the stages that follow, each on a look of its own.
    in_all: u64,
    kinds: String,
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
        let ours =
            |event: &Event| matches!(event.kind, EventKind::Stage { stage: Stage::Bake, .. });
        let mut events = pin!(handle.events());
        while !ours(&events.next().await.unwrap()) {}
        let noticed = (account.cloud.now(), account.cloud.calls());
        assert_eq!(handle.wait().await.unwrap(), Ending::Successful { leftovers: Vec::new() });
        (noticed, account.cloud.now(), account.cloud.calls().total())
    };
    let ((noticed, before), ended, total) = Executor::new(&cloud).block_on(run).unwrap();
    let (begun, finished) = cloud.with(|world| {
        let home = world.state().home();
        let steady = home.events.iter().rev().find(|it| it.message.contains("steady state"));
        (home.deployments.last().unwrap().created_at, steady.unwrap().at)
    });
    Measured {
        lasted: finished.since(begun),
        late: noticed.since(finished),
        over: ended.since(finished),
        calls: before.total(),
        in_all: total,
        kinds: format!("{:?}", before.by_operation()),
    }
}

#[test]
fn the_end_of_a_delegated_roll_is_noticed_within_two_seconds_for_twenty_calls() {
    for seed in 1..=10 {
        let Measured { lasted, late, over, calls, in_all, kinds } = measure(seed);
        println!(
            "seed {seed}: lasted {lasted:?}, noticed {late:?} later with {calls} calls {kinds}; over \
             {over:?} later with {in_all}"
        );
        assert!((40..=50).contains(&lasted.as_secs()), "seed {seed}: it took {lasted:?}");
        assert!(late <= Duration::from_secs(2), "seed {seed}: noticed after {late:?}");
        assert!(calls <= 20, "seed {seed}: {calls} calls {kinds}");
        assert!(over <= Duration::from_secs(4) && in_all <= 24, "seed {seed}: {over:?}, {in_all}");
    }
}
