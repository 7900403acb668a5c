//! Calls that cannot hang and code that cannot take the driver down.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::Either;
use futures_util::future::select;

use crate::ports::Clock;

/// Runs a future for at most `span`; `None` when it did not end in time.
pub(super) async fn bounded<F: Future + Send>(
    clock: &dyn Clock,
    span: Duration,
    future: F,
) -> Option<F::Output> {
    let future = std::pin::pin!(future);
    match select(future, clock.sleep(span)).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(((), _)) => None,
    }
}

/// Runs the application's own code: bounded in time, and a panic is an answer like any other.
pub(super) async fn isolated<F: Future + Send>(
    clock: &dyn Clock,
    span: Duration,
    future: F,
) -> Result<F::Output, String> {
    match bounded(clock, span, AssertUnwindSafe(future).catch_unwind()).await {
        Some(Ok(output)) => Ok(output),
        // A panic's payload is the application's and may hold anything, so it is not passed on.
        Some(Err(_)) => Err("it panicked".to_owned()),
        None => Err(format!("it did not answer within {} s", span.as_secs())),
    }
}
