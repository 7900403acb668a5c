//! Reading again what could not be read for a passing reason.

use std::future::Future;
use std::time::Duration;

use cutover::Error;
use cutover::ports::CallError;
use cutover::ports::Clock;
use cutover::ports::Retry;

/// How often it is tried, and how long is waited between.
const TIMES: u32 = 20;
const PAUSE: Duration = Duration::from_secs(5);

/// An error that may be a passing one.
pub(crate) trait Passing {
    /// Whether the same may work a moment later, and nothing was changed.
    fn is_passing(&self) -> bool;
}

impl Passing for Error {
    fn is_passing(&self) -> bool {
        matches!(self, Self::Unreadable { source, .. } if source.is_passing())
    }
}

impl Passing for CallError {
    fn is_passing(&self) -> bool {
        self.retry() != Retry::Never
    }
}

/// What is asked, again while it fails for a passing reason.
pub(crate) async fn patiently<T, E: Passing, F: Future<Output = Result<T, E>>>(
    clock: &dyn Clock,
    ask: impl Fn() -> F,
) -> Result<T, E> {
    for _ in 1..TIMES {
        match ask().await {
            Err(error) if error.is_passing() => clock.sleep(PAUSE).await,
            other => return other,
        }
    }
    ask().await
}
