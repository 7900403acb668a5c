//! The local cloud: the simulated world behind AWS's own wire protocols.
//!
//! ```text
//!   SDK HttpClient (this process)   TCP server (any client)
//!            │                          │
//!            └────── request ───────────┘   JSON 1.0/1.1 · Query/XML · rpc-v2-CBOR → `Params`
//!                       │
//!                  operation                `Params` → `sim::Call`, `sim::Answer` → `Node`
//!                       │
//!                    `World`                latency, faults, stale reads, effects
//! ```

#![cfg_attr(not(test), expect(dead_code, reason = "the protocols come next"))]

#[cfg(test)]
mod account;
mod autoscaling;
#[cfg(test)]
mod autoscaling_tests;
mod ecs;
mod node;
mod page;
mod params;
