//! The SDK in the same process, on tokio's paused clock.

use std::time::Duration;

use aws_sdk_ecs::error::ProvideErrorMetadata;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;

fn ecs(cloud: &LocalCloud) -> aws_sdk_ecs::Client {
    aws_sdk_ecs::Client::new(&cloud.sdk_config("us"))
}

#[tokio::test(start_paused = true)]
async fn a_read_and_a_write_reach_the_world_in_its_own_time() {
    let cloud = LocalCloud::new(Scenario::new(7).with_desired(3));
    let ecs = ecs(&cloud);
    let read = || ecs.describe_services().cluster("prod").services("web").send();
    assert_eq!(read().await.unwrap().services()[0].desired_count(), 3);
    ecs.update_service().cluster("prod").service("web").desired_count(5).send().await.unwrap();
    assert_eq!(read().await.unwrap().services()[0].desired_count(), 5);
    let passed = cloud.now().as_millis();
    assert!((60..=600).contains(&passed), "{passed}");
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(cloud.now().as_millis(), 300_000 + passed);
    let entry = cloud.cloud().with(|world| world.ledger()[0].clone());
    assert_eq!((entry.actor.name(), entry.error), ("us", None));
    let calls = cloud.calls();
    assert_eq!((calls.reads(), calls.writes(), calls.count("ecs:UpdateService")), (2, 1, 1));
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_is_not_modelled_is_named() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let error = ecs(&cloud).delete_account_setting().send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnknownOperationException"));
    let message = error.message().unwrap();
    assert!(message.contains("ecs:DeleteAccountSetting is not modelled"), "{message}");
    assert!(message.contains("DescribeServices"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn a_throttle_has_its_own_code() {
    let cloud = LocalCloud::new(Scenario::new(7));
    cloud.inject(FaultRule::new("ecs:*", WireFault::Throttled).at_most(1));
    let ecs = ecs(&cloud);
    let read = || ecs.describe_services().cluster("prod").services("web").send();
    assert_eq!(read().await.unwrap_err().code(), Some("ThrottlingException"));
    assert!(read().await.is_ok());
}
