//! The one async loop: wait, feed the engine one input, drain it, carry out what it asks.
//!
//! It runs on whatever executor polls it: waiting goes through the clock port, and nothing is spawned.
//! Every call is bounded in time and none is awaited alone, so an operator is heard while one hangs.

mod asker;
mod bounded;
mod calls;
mod execute;
mod hook;
mod isolated_gate;
mod keeper;
mod link;
mod mailbox;
mod requests;
mod run;

pub(crate) use bounded::in_time;
pub use execute::Registry;
pub use hook::Hook;
pub use keeper::{AcquireError, Keeper};
pub use link::{Answer, Finish, Link, Request};
pub use run::Driver;
