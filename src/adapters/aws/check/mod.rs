//! Everything that can be known before a deployment starts.

mod alarms;
mod autoscaling;
mod case;
mod definition;
mod finding;
mod first;
mod groups;
mod late;
mod plan_facts;
mod rules;
mod service;

pub use finding::{Finding, Level};
