//! The engine alone, in a world without delays: its contract, its table and its journal.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod allocation;
mod coverage;
mod drain;
mod hazards;
mod ideal;
mod journal;
mod metrics;
mod partial_reads;
mod patient_start;
mod proof;
mod propagation;
mod requests;
mod scaling;
