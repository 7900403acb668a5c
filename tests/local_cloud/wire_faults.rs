//! What an SDK makes of each fault on the wire.

use std::time::Duration;

use aws_sdk_ecs::config::timeout::TimeoutConfig;
use aws_sdk_ecs::error::ProvideErrorMetadata;
use aws_sdk_ecs::error::SdkError;
use aws_sdk_ecs::operation::update_service::UpdateServiceError;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;

type Failure = SdkError<UpdateServiceError>;

/// What a write meets with this fault: the error, whether it took effect, and how long it took.
async fn met(fault: WireFault) -> (Option<Failure>, bool, Duration) {
    let cloud = LocalCloud::new(Scenario::new(7));
    cloud.inject(FaultRule::new("ecs:UpdateService", fault).on(1));
    let limits = TimeoutConfig::builder().operation_timeout(Duration::from_secs(20)).build();
    let config = aws_sdk_ecs::config::Builder::from(&cloud.sdk_config("us"));
    let ecs = aws_sdk_ecs::Client::from_conf(config.timeout_config(limits).build());
    let began = tokio::time::Instant::now();
    let write = ecs.update_service().cluster("prod").service("web").desired_count(9);
    let error = write.send().await.err();
    let took = began.elapsed();
    tokio::time::sleep(Duration::from_secs(60)).await;
    cloud.now();
    let applied =
        cloud.cloud().with(|world| world.ledger().iter().any(|e| e.effective_at.is_some()));
    assert!(cloud.calls().iter().any(|call| call.fault.is_some()));
    (error, applied, took)
}

fn code(error: Option<&Failure>) -> Option<&str> {
    error.and_then(|error| error.code())
}

#[tokio::test(start_paused = true)]
async fn an_error_answer_was_not_applied_and_has_its_code() {
    let (error, applied, _) = met(WireFault::Throttled).await;
    assert_eq!((code(error.as_ref()), applied), (Some("ThrottlingException"), false));
    let (error, applied, _) = met(WireFault::Error { status: 500, code: None }).await;
    assert_eq!((code(error.as_ref()), applied), (Some("ServerException"), false));
    assert!(matches!(error.unwrap().into_service_error(), UpdateServiceError::ServerException(_)));
    let (error, _, _) = met(WireFault::Error { status: 503, code: None }).await;
    assert_eq!(error.as_ref().unwrap().raw_response().unwrap().status().as_u16(), 503);
    let busy = Some("PlatformTaskDefinitionIncompatibilityException".to_owned());
    let (error, _, _) = met(WireFault::Error { status: 400, code: busy }).await;
    assert!(matches!(
        error.unwrap().into_service_error(),
        UpdateServiceError::PlatformTaskDefinitionIncompatibilityException(_)
    ));
}

#[tokio::test(start_paused = true)]
async fn a_broken_connection_is_a_dispatch_failure_before_and_after_the_effect() {
    for (fault, effect) in [(WireFault::Reset, false), (WireFault::AnswerLost, true)] {
        let (error, applied, _) = met(fault).await;
        let Some(SdkError::DispatchFailure(failure)) = error else { panic!("{error:?}") };
        assert!(failure.is_io());
        assert_eq!(applied, effect);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_or_nonsense_was_applied_and_cannot_be_read() {
    for fault in [WireFault::Truncated, WireFault::Malformed] {
        let (error, applied, _) = met(fault.clone()).await;
        assert!(matches!(error, Some(SdkError::ResponseError(_))), "{fault:?}: {error:?}");
        assert!(applied, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_comes_late_and_a_hang_never() {
    let (error, applied, took) = met(WireFault::Slow { milliseconds: 8000 }).await;
    assert!(error.is_none() && applied);
    assert!((8000..8500).contains(&took.as_millis()), "{took:?}");
    let (error, applied, took) = met(WireFault::Slow { milliseconds: 30_000 }).await;
    assert!(matches!(error, Some(SdkError::TimeoutError(_))), "{error:?}");
    assert!(applied);
    assert_eq!(took.as_secs(), 20);
    let (error, applied, _) = met(WireFault::Hang).await;
    assert!(matches!(error, Some(SdkError::TimeoutError(_))), "{error:?}");
    assert!(!applied);
}

#[tokio::test(start_paused = true)]
async fn a_read_timeout_is_kept() {
    let cloud = LocalCloud::new(Scenario::new(7));
    cloud.inject(FaultRule::new("*", WireFault::Hang));
    let limits = TimeoutConfig::builder().read_timeout(Duration::from_secs(5)).build();
    let config = aws_sdk_ecs::config::Builder::from(&cloud.sdk_config("us"));
    let ecs = aws_sdk_ecs::Client::from_conf(config.timeout_config(limits).build());
    let error = ecs.list_clusters().send().await.unwrap_err();
    let SdkError::DispatchFailure(failure) = error else { panic!("{error:?}") };
    assert!(failure.is_timeout());
    assert_eq!(cloud.now().as_millis(), 5000);
}
