//! The conformance suites, through the SDK.

use std::time::Duration;

use cutover::adapters::sim::Scenario;
use cutover::model::Topology;
#[cfg(feature = "autoscaling")]
use cutover::testing::autoscaler_suite;
use cutover::testing::fleet_suite;
use cutover::testing::router_suite;

use super::account::Account;
use super::realisation::Realisation;

const PATIENCE: Duration = Duration::from_mins(10);

#[tokio::test(start_paused = true)]
async fn the_router_keeps_its_contract() {
    let sticky = Duration::from_mins(5);
    for scenario in [
        Scenario::new(1),
        Scenario::new(2).with_production_rules(3).with_test_rule().with_stickiness(sticky),
    ] {
        let account = Account::new(scenario.clone());
        let mut topology = Topology::default();
        if scenario.test_rule {
            topology.test_rule = Some(account.test_rule().await);
        }
        let subject = account.subject(&topology).await;
        let router = account.aws.router();
        router_suite(&*router, &*account.clock, &subject, &topology, PATIENCE).await.unwrap();
    }
}

/// On the executor: the suite's adapters need no runtime there.
#[cfg(feature = "autoscaling")]
#[test]
fn the_autoscaler_keeps_its_contract() {
    use std::sync::Arc;

    use cutover::adapters::aws::Aws;
    use cutover::adapters::local::LocalCloud;
    use cutover::adapters::sim::Cloud;
    use cutover::adapters::sim::Executor;
    use cutover::adapters::sim::revision;
    use cutover::model::DeploymentId;
    use cutover::model::ScalableTarget;
    use cutover::model::Subject;
    use cutover::model::Suspension;
    use cutover::ports::Clock;

    use super::account::service;

    let suspended = Suspension { scale_out: true, ..Suspension::default() };
    let web = ScalableTarget { service: "web".to_owned(), minimum: 2, maximum: 9, suspended };
    let cloud = Cloud::new(Scenario::new(1).with_scalable_target(web.clone()));
    let local = LocalCloud::on_executor(&cloud);
    let topology = Topology::default();
    let suite = async {
        let clock: Arc<dyn Clock> = cloud.clock();
        let aws = Aws::new(&local.sdk_config("us"), Arc::clone(&clock));
        let baseline = aws.fleet().baseline(&service(), &topology).await.unwrap();
        let deployment = DeploymentId::new("d-1").unwrap();
        let subject = Subject { deployment, service: service(), candidate: revision(2), baseline };
        let autoscaler = aws.autoscaler().unwrap();
        autoscaler_suite(&*autoscaler, &*clock, &subject, &topology, PATIENCE).await
    };
    Executor::new(&cloud).block_on(suite).unwrap().unwrap();
    let registered = cloud.with(|world| world.state().scalable_targets.clone());
    assert_eq!(registered[0].target, web);
}

/// Holds the fleet of an account to its contract.
async fn hold(account: &Account, topology: &Topology) {
    let subject = account.subject(topology).await;
    let fleet = account.aws.fleet();
    fleet_suite(&*fleet, &*account.clock, &subject, topology, PATIENCE).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn task_sets_keep_the_contract_of_a_fleet() {
    for scenario in [
        Scenario::new(1),
        Scenario::new(2).with_desired(7),
        Scenario::new(3).without_load_balancer(),
    ] {
        hold(&Account::new(scenario), &Topology::default()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pair_of_services_keeps_the_contract_of_a_fleet() {
    let account = Account::new(Realisation::Pair.of(Scenario::new(4)));
    let topology = Realisation::Pair.topology(&account).await;
    account.clock.sleep(Duration::from_mins(1)).await;
    hold(&account, &topology).await;
}
