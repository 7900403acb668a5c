//! Calls that cannot hang and code that cannot take the driver down.

use std::future::Future;
use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::task::Poll;
use std::time::Duration;

use futures_util::FutureExt;

use crate::ports::CallError;
use crate::ports::Clock;
use crate::ports::ErrorClass;

/// Runs a future for at most `span`; `None` when it did not end in time.
pub(super) async fn bounded<F: Future + Send>(
    clock: &dyn Clock,
    span: Duration,
    future: F,
) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let mut end = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        // what is ready at once needs no end
        let end = end.get_or_insert_with(|| clock.sleep(span));
        end.as_mut().poll(context).map(|()| None)
    })
    .await
}

/// No call to the world may take longer; puts and hooks have bounds of their own.
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(20);

/// Makes a call that answers in time or has failed.
pub(crate) async fn in_time<T, F>(
    clock: &dyn Clock,
    operation: &'static str,
    call: F,
) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>> + Send,
{
    let silence = || CallError::new(operation, ErrorClass::Ambiguous, "no answer in time");
    bounded(clock, LONGEST_CALL, call).await.ok_or_else(silence)?
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
