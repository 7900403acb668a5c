//! The simulated clock.

use std::future::Future;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use super::process::Process;
use super::process::lock;
use super::timers::TimerId;
use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::Clock;
use crate::ports::Sleep;

/// The simulated clock: time passes only when every process waits.
#[derive(Debug)]
pub(super) struct SimClock {
    process: Process,
}

impl SimClock {
    pub(super) const fn new(process: Process) -> Self {
        Self { process }
    }
}

impl Clock for SimClock {
    fn wall(&self) -> Timestamp {
        self.process.with(|world| world.process_wall())
    }

    fn elapsed(&self) -> Elapsed {
        self.process.with(|world| world.now())
    }

    fn sleep(&self, span: Duration) -> Sleep {
        // a span is rounded up to whole milliseconds: a wait never ends early
        let short = !span.subsec_nanos().is_multiple_of(1_000_000);
        let span = span.saturating_add(Duration::from_millis(u64::from(short)));
        let at = self.elapsed().after(span);
        Box::pin(Wait { process: self.process.clone(), at, timer: None })
    }
}

/// One wait. Dropping it forgets it.
#[derive(Debug)]
pub(super) struct Wait {
    process: Process,
    at: Elapsed,
    timer: Option<TimerId>,
}

impl Wait {
    pub(super) const fn until(process: Process, at: Elapsed) -> Self {
        Self { process, at, timer: None }
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.process.with(|world| world.now()) >= self.at {
            return Poll::Ready(());
        }
        let mut timers = lock(&self.process.shared.timers);
        if let Some(id) = self.timer {
            timers.update(id, context.waker());
        } else {
            let id = timers.start(self.at, context.waker().clone());
            drop(timers);
            self.timer = Some(id);
        }
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(id) = self.timer {
            lock(&self.process.shared.timers).cancel(id);
        }
    }
}
