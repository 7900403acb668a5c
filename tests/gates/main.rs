//! Every kind of gate in whole deployments through the public api, on the simulated cloud.
#![expect(clippy::unwrap_used, reason = "tests")]

mod analysis;
mod exposure;
mod metric;
mod rig;
mod target_health;
