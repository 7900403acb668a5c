//! A token bucket.

use std::time::Duration;

use crate::model::Elapsed;

/// A token bucket that tells each caller how long to wait, in the order in which they come.
///
/// It keeps the one moment at which it would be full again (the generic cell rate algorithm), so
/// nothing has to run to refill it.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Microseconds for one token.
    interval: u64,
    /// Microseconds of tokens that fit beside the one that is taken.
    burst: u64,
    /// When it would be full again, in microseconds.
    full_at: u64,
}

const fn micros(at: Elapsed) -> u64 {
    at.as_millis().saturating_mul(1000)
}

impl Bucket {
    /// A full bucket of `burst` tokens, refilled at `per_ten_seconds`; both at least one.
    pub(crate) fn new(burst: u32, per_ten_seconds: u32) -> Self {
        let interval = 10_000_000 / u64::from(per_ten_seconds.max(1));
        Self { interval, burst: interval * u64::from(burst.max(1) - 1), full_at: 0 }
    }

    /// How long the next caller has to wait.
    pub(crate) fn wait(&self, now: Elapsed) -> Duration {
        let now = micros(now);
        Duration::from_micros(self.full_at.max(now).saturating_sub(self.burst).saturating_sub(now))
    }

    /// Takes a token; the caller waits so long before it uses it.
    pub(crate) fn take(&mut self, now: Elapsed) -> Duration {
        let wait = self.wait(now);
        self.full_at = self.full_at.max(micros(now)).saturating_add(self.interval);
        wait
    }

    /// Pours the bucket out: the service says that somebody else has used it up.
    pub(super) fn pour_out(&mut self, now: Elapsed) {
        let empty = micros(now).saturating_add(self.burst).saturating_add(self.interval);
        self.full_at = self.full_at.max(empty);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(millis: u64) -> Elapsed {
        Elapsed::from_millis(millis)
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let mut bucket = Bucket::new(3, 20);
        let waits: Vec<u128> = (0..5).map(|_| bucket.take(at(0)).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 500, 1000]);
        // two seconds later the debt is paid and two tokens are back
        assert_eq!(bucket.take(at(2500)), Duration::ZERO);
    }

    #[test]
    fn it_never_holds_more_than_its_burst() {
        let mut bucket = Bucket::new(2, 10);
        let waits: Vec<u128> = (0..3).map(|_| bucket.take(at(3_600_000)).as_millis()).collect();
        assert_eq!(waits, [0, 0, 1000]);
    }

    #[test]
    fn a_poured_out_bucket_makes_the_next_one_wait() {
        let mut bucket = Bucket::new(9, 45);
        bucket.pour_out(at(1000));
        assert!(bucket.wait(at(1000)) > Duration::from_millis(200));
        assert_eq!(bucket.wait(at(2000)), Duration::ZERO);
    }
}
