//! The deployment state machine, without a clock, a network or chance.
//!
//! ```text
//!   Observed  Evaluated  HookAnswered  CallDone  Persisted  Operator  Tick  LeaseLost
//!       │         │           │            │         │          │       │       │
//!       └─────────┴───────────┴──── Engine::handle ──┴──────────┴───────┴───────┘
//!                                         │
//!             facts ──► decide ──► apply ─┤                pure: replay runs them again
//!                                         │
//!       ┌─────────┬───────────┬─────── Engine::poll_output ─────┐
//!       ▼         ▼           ▼                                 ▼
//!    Persist   Execute(Observe, Evaluate, RunHook, Write)   Emit, WaitUntil
//! ```
//!
//! # How to drive it
//!
//! **One input, then drain: every [`Engine::handle`] is followed by [`Engine::poll_output`] until it
//! answers [`Output::WaitUntil`].**
//!
//! 1. [`Engine::restore`] takes up a record, new or left by another process.
//! 2. Feed [`Input::Tick`] and drain.
//! 3. [`Output::Persist`]: append [`Engine::record`] to the store under its `seq`, then feed
//!    [`Input::Persisted`]; feed [`Input::PersistUnknown`] when it may or may not have been written, and
//!    the very same record is asked for again.
//! 4. [`Output::Execute`]: do it, bounded in time, and feed the one input that answers it.
//! 5. [`Output::Emit`]: tell whoever watches.
//! 6. [`Output::WaitUntil`]: wait for the next answer or operator, at the latest until that time, then
//!    feed it, or a tick.
//!
//! # What it keeps
//!
//! - **A drain that persists writes nothing.** A decision is recorded first; only then does the engine
//!   look again whether the evidence is young enough and nobody aborts, and sends the write that the
//!   decision allows. The one exception is a write that only lowers the candidate's weight: the
//!   rollback plan, recorded before the first effect, has authorised it.
//! - **Decisions are recorded, facts are observed.** What a stage wants is compared with what was last
//!   *seen*; the record is never asked what the world looks like.
//! - **Time accrues.** A bake counts only time that its blocking gates watched; a restart, a blind spell
//!   or a night without data can lengthen it and never shorten it.
//! - **An unknown outcome settles before it is judged**, and what a dead process may have sent settles
//!   before the first write of its successor.
//! - **It turns back at most once.** Before the commit everything leads to a rollback; after it only
//!   forward.
//!
//! The life of a deployment, edge by edge:
#![doc = include_str!("../docs/lifecycle.md")]
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod accrue;
mod act;
mod anomaly;
mod apply;
mod bake;
mod because;
mod counting;
mod coverage;
mod cycle;
mod decide;
mod describe;
mod difference;
mod drain;
mod glance;
mod input;
mod journal;
mod lacking;
mod machine;
mod moment;
mod outlook;
mod output;
mod pace;
mod path;
mod replay;
mod request;
mod roll;
mod rollback;
mod rules;
mod scaling;
mod send;
mod standing;
mod table;
mod verdicts;
mod wants;
mod writes;

pub use describe::last_progress;
pub use input::Input;
pub use machine::Engine;
pub use moment::{Moment, retrace};
pub use outlook::{Allowance, Outlook, outlook};
pub use output::Output;
pub use replay::{Divergence, replay};
pub use rollback::rollback_plan;
pub use table::{Edge, Target, diagram, edges};
