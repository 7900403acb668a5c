//! The conformance suite, through the SDK.

use std::time::Duration;

use cutover::adapters::sim::Scenario;
use cutover::model::Topology;
use cutover::testing::router_suite;

use super::account::Account;

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
