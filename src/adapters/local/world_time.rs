//! The world's time for who lives in it.

use std::sync::Arc;
use std::time::Duration;
use std::time::SystemTime;

use aws_smithy_async::rt::sleep::AsyncSleep;
use aws_smithy_async::rt::sleep::Sleep as SdkSleep;
use aws_smithy_async::time::TimeSource;

use super::exchange::Exchange;
use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::Clock;
use crate::ports::Sleep;

/// The world's time, at the speed at which it passes: the clock of a deployer in this process, and the
/// time source and the sleep of its SDK.
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

    fn wait(&self, span: Duration) -> impl Future<Output = ()> + Send + 'static {
        let exchange = Arc::clone(&self.exchange);
        // a span is rounded up to whole milliseconds: a wait never ends early
        let short = !span.subsec_nanos().is_multiple_of(1_000_000);
        let span = span.saturating_add(Duration::from_millis(u64::from(short)));
        let at = self.elapsed().after(span);
        async move { exchange.until(at).await }
    }
}

impl TimeSource for WorldTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.wall().as_millis())
    }
}

impl AsyncSleep for WorldTime {
    fn sleep(&self, span: Duration) -> SdkSleep {
        SdkSleep::new(self.wait(span))
    }
}

impl Clock for WorldTime {
    fn wall(&self) -> Timestamp {
        self.exchange.wall()
    }

    fn elapsed(&self) -> Elapsed {
        self.exchange.now(|world| world.now())
    }

    fn sleep(&self, span: Duration) -> Sleep {
        Box::pin(self.wait(span))
    }
}
