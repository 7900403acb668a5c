//! The same seed gives the same requests, answers and times.

use std::time::Duration;

use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::config::retry::RetryPartition;
use aws_sdk_ecs::config::retry::TokenBucket;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::local::ReceivedCall;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::FaultRates;
use cutover::adapters::sim::Scenario;

/// Two processes call for a while, with faults on the wire and in the world, and with the SDK's own
/// retries.
async fn run(seed: u64) -> Vec<ReceivedCall> {
    fastrand::seed(seed);
    let rates = FaultRates::all(20);
    let cloud = LocalCloud::new(Scenario::new(seed).with_fault_rates(rates, None));
    cloud.inject(FaultRule::new("*", WireFault::Throttled).by_chance(100));
    cloud.inject(FaultRule::new("*", WireFault::Reset).by_chance(50));
    let process = |name: &'static str| {
        // the bucket of a partition is shared by all clients of the program
        let partition = RetryPartition::custom(name).token_bucket(TokenBucket::new(500)).build();
        let config = aws_sdk_ecs::config::Builder::from(&cloud.sdk_config(name))
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .retry_partition(partition);
        aws_sdk_ecs::Client::from_conf(config.build())
    };
    let work = |ecs: aws_sdk_ecs::Client, every: u64| async move {
        for desired in 1..40 {
            let read = ecs.describe_services().cluster("prod").services("web").send();
            let _ = tokio::time::timeout(Duration::from_secs(30), read).await;
            let write =
                ecs.update_service().cluster("prod").service("web").desired_count(desired).send();
            let _ = tokio::time::timeout(Duration::from_secs(30), write).await;
            tokio::time::sleep(Duration::from_secs(every)).await;
        }
    };
    let (one, other) = (work(process("one"), 7), work(process("other"), 11));
    futures_util::future::join(Box::pin(one), Box::pin(other)).await;
    cloud.calls().iter().cloned().collect()
}

#[test]
fn the_same_seed_gives_the_same_sequence() {
    let played = |seed| {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_all().start_paused(true).build().unwrap().block_on(run(seed))
    };
    let first = played(11);
    assert!(first.len() > 160, "no retries: {}", first.len());
    assert!(first.iter().any(|call| call.fault.is_some()));
    assert_eq!(first, played(11));
    assert_ne!(first, played(12));
}
