//! Every kind of gate in whole deployments through the public api, on the simulated cloud.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod alarms;
mod analysis;
#[path = "../base/rig.rs"]
mod base;
mod composed;
mod exposure;
mod isolation;
mod metric;
mod probe;
mod rig;
mod site;
mod stop;
mod target_health;
mod webhook;
mod window;
