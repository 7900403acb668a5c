//! The clock of a tokio runtime.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::Clock;
use crate::ports::Sleep;

/// Follows tokio's clock, also where a test has paused it: `elapsed` counts from when this was made, and
/// `wall` is the time given then and what has elapsed since. Does not count suspend, so it is for tests
/// and simulations; a process that drives deployments takes [`HostClock`](super::HostClock).
#[derive(Debug, Clone, Copy)]
pub struct RuntimeClock {
    began: Instant,
    wall: Timestamp,
}

impl RuntimeClock {
    /// A clock whose wall shows this now. Made within the runtime whose clock it follows.
    pub fn starting_at(wall: Timestamp) -> Self {
        Self { began: Instant::now(), wall }
    }
}

impl Clock for RuntimeClock {
    fn wall(&self) -> Timestamp {
        self.wall.after(self.began.elapsed())
    }

    fn elapsed(&self) -> Elapsed {
        Elapsed::from_millis(0).after(self.began.elapsed())
    }

    fn sleep(&self, span: Duration) -> Sleep {
        // Counted from a whole millisecond, so that `elapsed` has grown by all of it.
        let short = !span.subsec_nanos().is_multiple_of(1_000_000);
        let span = span.saturating_add(Duration::from_millis(u64::from(short)));
        let until = Duration::from_millis(self.elapsed().after(span).as_millis());
        match self.began.checked_add(until) {
            Some(until) => Box::pin(tokio::time::sleep_until(until)),
            // Further than tokio's clock goes.
            None => Box::pin(std::future::pending()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_jumps_with_a_paused_clock_and_both_its_times_agree() {
        let clock = RuntimeClock::starting_at(Timestamp::from_millis(1_000));
        assert_eq!(clock.elapsed(), Elapsed::from_millis(0));
        clock.sleep(Duration::from_secs(3600)).await;
        assert_eq!(clock.elapsed(), Elapsed::from_millis(3_600_000));
        assert_eq!(clock.wall(), Timestamp::from_millis(3_601_000));
        tokio::time::advance(Duration::from_micros(700)).await;
        clock.sleep(Duration::from_micros(300)).await;
        assert_eq!(clock.elapsed(), Elapsed::from_millis(3_600_001));
    }
}
