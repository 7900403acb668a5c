//! The deployment state machine, without a clock, a network or chance.
#![deny(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

mod accrue;
mod act;
mod anomaly;
mod apply;
mod cycle;
mod decide;
mod describe;
mod glance;
mod input;
mod journal;
mod lacking;
mod machine;
mod output;
mod path;
mod replay;
mod request;
mod roll;
mod rollback;
mod send;
mod table;
mod verdicts;
mod wants;
mod writes;

pub use input::Input;
pub use machine::Engine;
pub use output::Output;
pub use replay::{Divergence, replay};
pub use rollback::rollback_plan;
pub use table::{Edge, Target, diagram, edges};
