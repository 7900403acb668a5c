//! The example `deploy` as its callers meet it.
#![cfg(all(feature = "aws", feature = "local", feature = "file-store"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed test is what a panic means here"
)]

mod clean;
mod command_line;
#[cfg(unix)]
mod killed;
mod local_process;
mod other_process;
mod plan;
mod simulate;
mod tool;
