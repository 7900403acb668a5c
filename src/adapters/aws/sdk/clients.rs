//! The SDK's clients, set up alike.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ecs::config::AsyncSleep;
use aws_sdk_ecs::config::SharedAsyncSleep;
use aws_sdk_ecs::config::Sleep;
use aws_sdk_ecs::config::StalledStreamProtectionConfig;
use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::config::timeout::TimeoutConfig;

use crate::ports::Clock;
use crate::ports::Sleep as ClockWait;

const CONNECT: Duration = Duration::from_secs(3);
const ATTEMPT: Duration = Duration::from_secs(5);
/// With what goes before the request: loading credentials.
const OPERATION: Duration = Duration::from_secs(12);

/// The SDK's sleep on the crate's clock.
#[derive(Debug)]
struct ClockSleep(Arc<dyn Clock>);

impl AsyncSleep for ClockSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::new(Shareable(Mutex::new(self.0.sleep(duration))))
    }
}

/// The SDK wants its sleeps to be `Sync`; nobody polls them from two threads.
struct Shareable(Mutex<ClockWait>);

impl Future for Shareable {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(context)
    }
}

/// The clients of the services that every deployment needs.
///
/// However they were set up before, here they make one attempt of five seconds: the crate retries
/// by itself, and knows what may be retried.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) ecs: aws_sdk_ecs::Client,
    pub(crate) elb: aws_sdk_elasticloadbalancingv2::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    #[cfg(feature = "autoscaling")]
    pub(crate) scaling: Option<aws_sdk_applicationautoscaling::Client>,
}

macro_rules! strict {
    ($krate:ident, $client:expr, $clock:expr) => {
        $krate::Client::from_conf(
            $client
                .config()
                .to_builder()
                .retry_config(RetryConfig::disabled())
                .timeout_config(timeouts())
                // the attempt's own limit covers the body
                .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
                .sleep_impl(SharedAsyncSleep::new(ClockSleep(Arc::clone($clock))))
                .build(),
        )
    };
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .read_timeout(ATTEMPT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

impl Clients {
    /// Clients for what the configuration names: region, credentials, endpoint, HTTP client.
    pub(crate) fn new(config: &SdkConfig, clock: &Arc<dyn Clock>) -> Self {
        let clients = Self::from_clients(
            &aws_sdk_ecs::Client::new(config),
            &aws_sdk_elasticloadbalancingv2::Client::new(config),
            &aws_sdk_cloudwatch::Client::new(config),
            clock,
        );
        #[cfg(feature = "autoscaling")]
        let clients =
            clients.with_scaling(&aws_sdk_applicationautoscaling::Client::new(config), clock);
        clients
    }

    /// The same with a client of Application Auto Scaling.
    #[cfg(feature = "autoscaling")]
    pub(crate) fn with_scaling(
        self,
        scaling: &aws_sdk_applicationautoscaling::Client,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        let scaling = strict!(aws_sdk_applicationautoscaling, scaling, clock);
        Self { scaling: Some(scaling), ..self }
    }

    /// The same from clients that are there already.
    pub(crate) fn from_clients(
        ecs: &aws_sdk_ecs::Client,
        elb: &aws_sdk_elasticloadbalancingv2::Client,
        cloudwatch: &aws_sdk_cloudwatch::Client,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self {
            ecs: strict!(aws_sdk_ecs, ecs, clock),
            elb: strict!(aws_sdk_elasticloadbalancingv2, elb, clock),
            cloudwatch: strict!(aws_sdk_cloudwatch, cloudwatch, clock),
            #[cfg(feature = "autoscaling")]
            scaling: None,
        }
    }
}
