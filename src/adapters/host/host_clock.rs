//! The machine's own clocks.

use std::time::Duration;
use std::time::SystemTime;

use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::Clock;
use crate::ports::Sleep;

/// A wait looks at the clock at least this often: tokio's timers stand still while the machine is
/// suspended, and what was to happen in the meantime is then due at once.
const LONGEST_NAP: Duration = Duration::from_secs(5);

/// The machine's clocks. `elapsed` counts the time that the machine was suspended. `sleep` needs a tokio
/// runtime with its timers enabled, and must not be used on a paused clock: see
/// [`RuntimeClock`](super::RuntimeClock).
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is one machine")]
pub struct HostClock;

impl Clock for HostClock {
    #[expect(clippy::disallowed_methods, reason = "this is the port")]
    fn wall(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        // A clock that says it is before 1970 is not set.
        Timestamp::from_millis(0).after(since.unwrap_or_default())
    }

    fn elapsed(&self) -> Elapsed {
        Elapsed::from_millis(0).after(since_boot())
    }

    fn sleep(&self, span: Duration) -> Sleep {
        // A span is rounded up to whole milliseconds: a wait never ends early.
        let short = !span.subsec_nanos().is_multiple_of(1_000_000);
        let span = span.saturating_add(Duration::from_millis(u64::from(short)));
        let (clock, until) = (*self, self.elapsed().after(span));
        Box::pin(async move {
            loop {
                let left = until.since(clock.elapsed());
                if left.is_zero() {
                    return;
                }
                tokio::time::sleep(left.min(LONGEST_NAP)).await;
            }
        })
    }
}

/// The time since the machine started, or since some other fixed moment, suspend included.
#[cfg(unix)]
fn since_boot() -> Duration {
    use rustix::time::ClockId;

    #[cfg(any(
        target_os = "linux",
        target_os = "android",
        target_os = "fuchsia",
        target_os = "openbsd"
    ))]
    const STEADY: ClockId = ClockId::Boottime;
    // On Apple's systems and on FreeBSD this one goes on in suspend; elsewhere there is no better one.
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "fuchsia",
        target_os = "openbsd"
    )))]
    const STEADY: ClockId = ClockId::Monotonic;
    let time = rustix::time::clock_gettime(STEADY);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}

/// The time since this was first asked. Windows' counter goes on in suspend.
#[cfg(not(unix))]
#[expect(clippy::disallowed_methods, reason = "this is the port")]
fn since_boot() -> Duration {
    static FIRST: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    FIRST.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_when_the_clock_has_grown_by_its_span() {
        let clock = HostClock;
        let began = clock.now();
        clock.sleep(Duration::from_micros(20_500)).await;
        let over = clock.now();
        assert!(
            over.elapsed.since(began.elapsed) >= Duration::from_millis(21),
            "{began:?} {over:?}"
        );
        assert!(began.wall.as_millis() > 1_700_000_000_000, "{began:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_steady_clock_is_the_one_that_counts_suspend() {
        let counting = || {
            let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
            Duration::new(time.tv_sec.try_into().unwrap(), time.tv_nsec.try_into().unwrap())
        };
        let (before, seen, after) = (counting(), since_boot(), counting());
        assert!(before <= seen && seen <= after, "{before:?} {seen:?} {after:?}");
    }
}
