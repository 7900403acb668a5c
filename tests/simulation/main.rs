//! Whole deployments in the simulated cloud, held against the safety rules.
//!
//! The rules are in `invariants`, one a file. They are written from the rules alone and share no code
//! with the engine: they compare what was sent with the simulated world's truth, which the engine never
//! sees. `workload` draws cases, `harness` runs one, `shrink` makes a failing one small.
//!
//! | Variable | Meaning |
//! |---|---|
//! | `CUTOVER_CASES` | how many cases are drawn (10 000) |
//! | `CUTOVER_SEED` | the seed they are drawn from (fixed) |
//! | `CUTOVER_PATIENCE` | how many broken cases are collected before it stops (1) |
//! | `CUTOVER_CASE` | one case as JSON, for the test `replay` |
//! | `CUTOVER_LINES` | how many of the last things that happened are told (50) |
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a harness fails loudly"
)]

mod abandoned;
mod case;
mod crashes;
mod directed;
mod door;
mod doors;
mod faulty_store;
mod harness;
mod history;
mod invariants;
mod matrix;
mod mishap;
mod probe;
mod process;
mod recorded;
mod relapses;
mod restless;
mod scenarios;
mod scene;
mod shrink;
mod story;
mod swarm;
mod terms;
mod trouble;
mod truth;
mod workload;
