//! A clock for tests on tokio's paused time.

use std::sync::OnceLock;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::Clock;
use crate::ports::Sleep;

/// Tokio's time, counted from the first question.
#[derive(Debug, Default)]
pub(super) struct PausedClock {
    since: OnceLock<Instant>,
}

impl Clock for PausedClock {
    fn wall(&self) -> Timestamp {
        Timestamp::from_millis(1_700_000_000_000 + self.elapsed().as_millis())
    }

    fn elapsed(&self) -> Elapsed {
        let since = self.since.get_or_init(Instant::now);
        Elapsed::default().after(since.elapsed())
    }

    fn sleep(&self, span: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(span))
    }
}
