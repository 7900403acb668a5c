//! Each kind of gate through whole deployments on the simulated cloud.
#![expect(clippy::unwrap_used, reason = "tests")]

mod composed;
mod isolation;
mod probe;
mod site;
mod stop;
mod webhook;
mod window;
