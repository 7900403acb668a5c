//! The engine alone, in a world without delays: its contract, its table and its journal.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![expect(missing_docs, reason = "a test")]

mod coverage;
mod ideal;
mod journal;
mod requests;
