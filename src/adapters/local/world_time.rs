//! The world's clock for an SDK.

use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use aws_smithy_async::time::TimeSource;

use super::exchange::Exchange;

/// The world's wall clock as an SDK's time source.
///
/// An SDK on a paused clock needs it: with the system's time it would never find a stalled answer.
#[derive(Debug, Clone)]
pub struct WorldTime {
    exchange: Arc<Exchange>,
}

impl WorldTime {
    pub(super) const fn new(exchange: Arc<Exchange>) -> Self {
        Self { exchange }
    }
}

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.exchange.wall().as_millis())
    }
}
