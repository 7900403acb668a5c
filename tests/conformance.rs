//! The bundled implementations keep the contracts of their ports.
#![expect(clippy::unwrap_used, reason = "a failed test is what a panic means here")]

use std::time::Duration;

use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::DeploymentId;
use cutover::model::HolderId;
use cutover::model::ScalableTarget;
use cutover::model::ServiceId;
use cutover::model::Subject;
use cutover::model::Suspension;
use cutover::model::Topology;
use cutover::ports::Store;
use cutover::store::MemoryStore;
use cutover::testing::autoscaler_suite;
use cutover::testing::fleet_suite;
use cutover::testing::router_suite;
use cutover::testing::store_suite;

const PATIENCE: Duration = Duration::from_mins(10);

async fn subject(cloud: &Cloud) -> Subject {
    let service = ServiceId::new("prod", "web").unwrap();
    let mut baseline = cloud.fleet().baseline(&service, &Topology::default()).await.unwrap();
    if let Some(routes) = cloud.router().routes(&service, &Topology::default()).await.unwrap() {
        baseline = routes.complete(baseline);
    }
    let deployment = DeploymentId::new("conformance").unwrap();
    Subject { deployment, service, candidate: revision(2), baseline }
}

#[test]
fn the_simulated_fleet_keeps_its_contract() {
    for scenario in [
        Scenario::new(1),
        Scenario::new(2).with_desired(7).with_production_rules(3),
        Scenario::new(3).without_load_balancer(),
    ] {
        let cloud = Cloud::new(scenario);
        let mut executor = Executor::new(&cloud);
        let suite = async {
            let subject = subject(&cloud).await;
            fleet_suite(&*cloud.fleet(), &*cloud.clock(), &subject, &Topology::default(), PATIENCE)
                .await
        };
        executor.block_on(suite).unwrap().unwrap();
    }
}

#[test]
fn the_simulated_router_keeps_its_contract() {
    let sticky = Duration::from_mins(5);
    for scenario in [
        Scenario::new(1),
        Scenario::new(2).with_production_rules(3).with_test_rule().with_stickiness(sticky),
    ] {
        let cloud = Cloud::new(scenario);
        let mut executor = Executor::new(&cloud);
        let suite = async {
            let subject = subject(&cloud).await;
            router_suite(
                &*cloud.router(),
                &*cloud.clock(),
                &subject,
                &Topology::default(),
                PATIENCE,
            )
            .await
        };
        executor.block_on(suite).unwrap().unwrap();
    }
}

#[test]
fn the_simulated_autoscaler_keeps_its_contract() {
    let target = |service: &str| ScalableTarget {
        service: service.to_owned(),
        minimum: 2,
        maximum: 9,
        suspended: Suspension { scheduled: true, ..Suspension::default() },
    };
    let cloud = Cloud::new(Scenario::new(1).with_scalable_target(target("web")));
    let mut executor = Executor::new(&cloud);
    let topology = Topology::default();
    let suite = async {
        let subject = subject(&cloud).await;
        let (autoscaler, clock) = (cloud.autoscaler(), cloud.clock());
        autoscaler_suite(&*autoscaler, &*clock, &subject, &topology, PATIENCE).await
    };
    executor.block_on(suite).unwrap().unwrap();
    let registered = cloud.with(|world| world.state().scalable_targets.clone());
    assert_eq!(registered[0].target, target("web"));
}

fn keeps_its_contract(store: &dyn Store) {
    let cloud = Cloud::new(Scenario::new(1));
    let service = ServiceId::new("prod", "web").unwrap();
    let (a, b) = (DeploymentId::new("a").unwrap(), DeploymentId::new("b").unwrap());
    let holder = HolderId::new("h").unwrap();
    let suite = store_suite(store, &service, [&b, &a], &holder);
    Executor::new(&cloud).block_on(suite).unwrap().unwrap();
}

#[test]
fn the_memory_store_keeps_its_contract() {
    keeps_its_contract(&MemoryStore::new());
}

#[cfg(feature = "file-store")]
#[test]
fn the_file_store_keeps_its_contract() {
    let directory = std::env::temp_dir().join(format!("cutover-suite-{}", std::process::id()));
    keeps_its_contract(&cutover::store::FileStore::open(&directory).unwrap());
    std::fs::remove_dir_all(directory).unwrap();
}
