//! The world's time by tokio's clock.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::Elapsed;

/// Ties the world's time to tokio's, paused or not.
///
/// The world's time begins to pass when it is first asked for, so that a world that was built outside
/// of a paused runtime does not begin at a moment that chance decides.
#[derive(Debug)]
pub(super) struct WorldClock {
    /// A moment of tokio's clock, and the world's time then.
    since: Option<(Instant, Elapsed)>,
    /// Simulated seconds in a second.
    speed: f64,
}

impl WorldClock {
    /// A clock that runs as tokio's does.
    pub(super) const fn new() -> Self {
        Self { since: None, speed: 1.0 }
    }

    /// Simulated seconds in a second.
    pub(super) const fn speed(&self) -> f64 {
        self.speed
    }

    /// The world's time now; `reached` is how far the world has come.
    pub(super) fn now(&mut self, reached: Elapsed) -> Elapsed {
        let (origin, base) = *self.since.get_or_insert_with(|| (Instant::now(), reached));
        let passed = Instant::now().saturating_duration_since(origin);
        let passed = Duration::try_from_secs_f64(passed.as_secs_f64() * self.speed);
        // to the nanosecond, or a wait of 37 ms would end at 36.999999999 ms
        base.after(passed.unwrap_or(Duration::MAX)).max(reached)
    }

    /// When tokio's clock will show this time of the world; never where that is too far away.
    pub(super) fn instant(&self, at: Elapsed) -> Option<Instant> {
        let (origin, base) = self.since?;
        let span = at.since(base).as_secs_f64() / self.speed;
        origin.checked_add(Duration::try_from_secs_f64(span).ok()?)
    }

    /// Lets time pass so much faster than tokio's from now on.
    pub(super) fn set_speed(&mut self, speed: f64, reached: Elapsed) {
        let now = self.now(reached);
        self.since = Some((Instant::now(), now));
        self.speed = speed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(millis: u64) -> Elapsed {
        Elapsed::from_millis(millis)
    }

    #[tokio::test(start_paused = true)]
    async fn every_whole_millisecond_is_met() {
        let mut clock = WorldClock::new();
        assert_eq!(clock.now(ms(500)), ms(500));
        for step in 1..2000 {
            let wanted = ms(500 + step);
            tokio::time::sleep_until(clock.instant(wanted).unwrap()).await;
            assert_eq!(clock.now(ms(0)), wanted);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_faster_world_goes_on_from_where_it_is() {
        let mut clock = WorldClock::new();
        clock.now(ms(0));
        tokio::time::sleep(Duration::from_secs(2)).await;
        clock.set_speed(60.0, ms(0));
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(clock.now(ms(0)), ms(182_000));
        assert_eq!(clock.instant(ms(u64::MAX)).map(|at| at > Instant::now()), Some(true));
    }
}
