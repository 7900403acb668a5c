//! Time as a port.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::model::Elapsed;
use crate::model::Now;
use crate::model::Timestamp;

/// A wait that can be polled.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The two clocks, and waiting.
///
/// # Contract
///
/// `elapsed` never runs backwards and counts the time that the machine was suspended. `wall` may
/// jump. `sleep` ends when `elapsed` has grown by the span, not earlier.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The wall clock.
    fn wall(&self) -> Timestamp;

    /// The steady clock, counted from any origin.
    fn elapsed(&self) -> Elapsed;

    /// Waits.
    fn sleep(&self, span: Duration) -> Sleep;

    /// Both clocks at once.
    fn now(&self) -> Now {
        Now { wall: self.wall(), elapsed: self.elapsed() }
    }
}
