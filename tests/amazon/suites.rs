//! The conformance suites, through the SDK.

use std::time::Duration;

use cutover::adapters::sim::Scenario;
use cutover::model::Topology;
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
