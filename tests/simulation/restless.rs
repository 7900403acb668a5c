//! A clock that notices a process which never waits: it would hang a real one at full load.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use cutover::model::Elapsed;
use cutover::model::Timestamp;
use cutover::ports::Clock;
use cutover::ports::Sleep;

/// More looks at the clock within one instant than any sound process takes.
const LOOKS: u64 = 100_000;

/// The simulated clock, watched.
#[derive(Debug)]
pub(crate) struct WatchedClock {
    inner: Arc<dyn Clock>,
    instant: AtomicU64,
    looks: AtomicU64,
}

impl WatchedClock {
    /// Watches how a process uses its clock.
    pub(crate) fn new(inner: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { inner, instant: AtomicU64::new(0), looks: AtomicU64::new(0) })
    }
}

impl Clock for WatchedClock {
    fn wall(&self) -> Timestamp {
        self.inner.wall()
    }

    fn elapsed(&self) -> Elapsed {
        let now = self.inner.elapsed();
        if self.instant.swap(now.as_millis(), Ordering::Relaxed) != now.as_millis() {
            self.looks.store(0, Ordering::Relaxed);
        }
        let looks = self.looks.fetch_add(1, Ordering::Relaxed);
        assert!(looks < LOOKS, "the process spins at {} ms: it never waits", now.as_millis());
        now
    }

    fn sleep(&self, span: Duration) -> Sleep {
        self.inner.sleep(span)
    }
}
