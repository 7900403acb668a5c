//! How every call is made: under one limit, with one back-off, on one clock.

use std::collections::BTreeMap;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::bucket::Bucket;
use super::errors::call_error;
use super::operation::Family;
use super::operation::Operation;
use crate::model::Elapsed;
use crate::ports::CallError;
use crate::ports::Clock;
use crate::ports::ErrorClass;

/// What one port call may spend on retries. A driver waits for 20 s.
const BUDGET: Duration = Duration::from_secs(15);
/// The first back-off at most, doubled each time.
const FIRST: Duration = Duration::from_millis(250);
/// No back-off is longer.
const LONGEST: Duration = Duration::from_secs(4);
/// Of every bucket, one part in so many is kept for what a write needs.
const RESERVE: u32 = 4;

/// One family's limit: what looks share, and what is kept for writes and the reads that go with them.
#[derive(Debug)]
struct Limit {
    looks: Bucket,
    reserve: Bucket,
}

impl Limit {
    fn new(family: Family) -> Self {
        let (burst, rate) = family.share();
        let (kept_burst, kept_rate) = (burst.div_ceil(RESERVE), rate.div_ceil(RESERVE));
        Self {
            looks: Bucket::new(burst - kept_burst, rate - kept_rate),
            reserve: Bucket::new(kept_burst, kept_rate),
        }
    }

    fn take(&mut self, now: Elapsed, urgent: bool) -> Duration {
        if urgent && self.reserve.wait(now) < self.looks.wait(now) {
            self.reserve.take(now)
        } else {
            self.looks.take(now)
        }
    }
}

/// What all calls of a process share.
#[derive(Debug)]
struct Shared {
    clock: Arc<dyn Clock>,
    limits: Mutex<BTreeMap<Family, Limit>>,
}

/// Makes calls: reads are repeated within a budget, writes are one attempt, and all of them wait
/// their turn under the limits that the process shares.
#[derive(Debug, Clone)]
pub(crate) struct Calls {
    shared: Arc<Shared>,
    urgent: bool,
    until: Elapsed,
}

impl Calls {
    /// The calls of a process, on this clock. Clones share the limits.
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        let until = clock.elapsed().after(BUDGET);
        let shared = Shared { clock, limits: Mutex::default() };
        Self { shared: Arc::new(shared), urgent: false, until }
    }

    /// The calls of one look at the world: together they take no longer than a driver waits.
    pub(crate) fn look(&self) -> Self {
        self.begin(false)
    }

    /// The calls of one change to the world: they go before looks.
    pub(crate) fn change(&self) -> Self {
        self.begin(true)
    }

    fn begin(&self, urgent: bool) -> Self {
        let until = self.clock().elapsed().after(BUDGET);
        Self { shared: Arc::clone(&self.shared), urgent, until }
    }

    /// The clock.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.shared.clock
    }

    /// Reads, again and again while it helps and the budget lasts.
    pub(crate) async fn read<T, E, F, S>(
        &self,
        operation: Operation,
        mut send: S,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        S: FnMut() -> F + Send,
    {
        let mut pause = FIRST;
        loop {
            let error = match self.once(operation, self.urgent, send()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let passes = matches!(
                error.class,
                ErrorClass::NotSent | ErrorClass::Throttled | ErrorClass::Ambiguous
            );
            // full jitter: many processes that failed together do not come back together
            let most = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            let wait = Duration::from_millis(fastrand::u64(0..=most));
            if !passes || self.clock().elapsed().after(wait) >= self.until {
                return Err(error);
            }
            self.clock().sleep(wait).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Writes: one attempt, before any look that waits.
    pub(crate) async fn write<T, E, F>(&self, operation: Operation, send: F) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        self.once(operation, true, send).await
    }

    async fn once<T, E, F>(
        &self,
        operation: Operation,
        urgent: bool,
        send: F,
    ) -> Result<T, CallError>
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        let family = operation.family();
        let wait = self.limited(family, |limit, now| limit.take(now, urgent));
        if self.clock().elapsed().after(wait) > self.until {
            let message = "too many calls wait for their turn under the rate limit";
            return Err(CallError::new(operation.name(), ErrorClass::Throttled, message));
        }
        if !wait.is_zero() {
            self.clock().sleep(wait).await;
        }
        let answer = send.await.map_err(|error| call_error(operation.name(), error));
        if answer.as_ref().is_err_and(|error| error.class == ErrorClass::Throttled) {
            self.limited(family, |limit, now| limit.looks.pour_out(now));
        }
        answer
    }

    fn limited<T>(&self, family: Family, use_it: impl FnOnce(&mut Limit, Elapsed) -> T) -> T {
        let mut limits = self.shared.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = limits.entry(family).or_insert_with(|| Limit::new(family));
        use_it(limit, self.shared.clock.elapsed())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use futures_util::future::join;
    use futures_util::future::join_all;

    use super::super::super::fixtures::PausedClock;
    use super::*;

    type Answer = Result<u32, SdkError<ErrorMetadata, HttpResponse>>;

    #[expect(clippy::result_large_err, reason = "the SDK's own error")]
    fn refused(code: &str) -> Answer {
        let said = ErrorMetadata::builder().code(code).build();
        let answer = HttpResponse::new(400_u16.try_into().unwrap(), SdkBody::empty());
        Err(SdkError::service_error(said, answer))
    }

    fn calls() -> Calls {
        fastrand::seed(7);
        Calls::new(Arc::new(PausedClock::default()))
    }

    /// Fails so often, then answers.
    async fn read(calls: &Calls, code: &str, fails: u32) -> (Result<u32, CallError>, u32) {
        let asked = AtomicU32::new(0);
        let ask = || {
            let asked = asked.fetch_add(1, Ordering::Relaxed);
            let answer = if asked < fails { refused(code) } else { Ok(asked) };
            async move { answer }
        };
        let answer = calls.read(Operation::DescribeAlarms, ask).await;
        (answer, asked.into_inner())
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_is_repeated_while_it_helps() {
        let calls = calls();
        let (answer, asked) = read(&calls.look(), "ThrottlingException", 4).await;
        assert_eq!((answer.unwrap(), asked), (4, 5));
        let (answer, asked) = read(&calls.look(), "ServerException", 2).await;
        assert_eq!((answer.unwrap(), asked), (2, 3));
        for code in ["AccessDenied", "ResourceNotFound", "ValidationError", "LimitExceeded"] {
            let (answer, asked) = read(&calls.look(), code, 1).await;
            assert_eq!((answer.is_err(), asked), (true, 1), "{code}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_never_works_ends_within_what_a_driver_waits() {
        let calls = calls();
        let (answer, asked) = read(&calls.look(), "Throttling", u32::MAX).await;
        assert_eq!(answer.unwrap_err().class, ErrorClass::Throttled);
        let passed = calls.clock().elapsed().as_millis();
        assert!(asked > 5 && passed <= 15_000, "{asked} in {passed} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_is_one_attempt() {
        let calls = calls();
        let asked = AtomicU32::new(0);
        let send = async {
            asked.fetch_add(1, Ordering::Relaxed);
            refused("Throttling")
        };
        assert!(calls.change().write(Operation::ModifyRule, send).await.is_err());
        assert_eq!(asked.into_inner(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn looks_that_crowd_leave_room_for_a_write() {
        let calls = calls();
        let looks = (0..60).map(|_| {
            let calls = calls.look();
            async move {
                let ask = || async { Answer::Ok(1) };
                let answer = calls.read(Operation::DescribeRules, ask).await;
                (answer.is_ok(), calls.clock().elapsed().as_millis())
            }
        });
        let urgent = async {
            let ask = || async { Answer::Ok(1) };
            calls.change().read(Operation::DescribeRules, ask).await.unwrap();
            calls.clock().elapsed().as_millis()
        };
        let (looks, urgent) = join(join_all(looks), urgent).await;
        assert!(urgent < 100, "{urgent}");
        // the bucket is 15 at once and 3.7 a second: what would wait too long is told so at once
        let last = looks.iter().filter(|(ok, _)| *ok).map(|(_, at)| *at).max().unwrap();
        assert!((8_000..=15_000).contains(&last), "{last}");
        assert!(looks.iter().filter(|(ok, _)| *ok).count() >= 55);
    }
}
