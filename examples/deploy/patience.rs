//! Reading again what could not be read for a passing reason.

use std::future::Future;
use std::time::Duration;

use cutover::ports::CallError;
use cutover::ports::Clock;
use cutover::ports::Retry;

/// How often it is tried, and how long is waited between.
const TIMES: u32 = 20;
const PAUSE: Duration = Duration::from_secs(5);

/// What is asked of AWS, again while it fails for a passing reason. A deployer does so by itself.
pub(crate) async fn patiently<T, F: Future<Output = Result<T, CallError>>>(
    clock: &dyn Clock,
    ask: impl Fn() -> F,
) -> Result<T, CallError> {
    for _ in 1..TIMES {
        match ask().await {
            Err(error) if error.retry() != Retry::Never => clock.sleep(PAUSE).await,
            other => return other,
        }
    }
    ask().await
}
