//! How often each way of watching a canary blames a healthy revision, and how soon it sees a bad one.
//!
//! One command makes the tables that the documentation of `cutover::analysis` quotes, the same ones for the
//! same seed on every platform:
//!
//! ```console
//! $ cargo run --release --example error_rates
//! ```
//!
//! Start reading at `tables.rs`; a further way of watching is one more line in `Watch::ALL`.

mod early;
mod law;
mod minutes;
mod tables;
mod traffic;
mod watch;

use std::io;
use std::io::Write;

use clap::Parser;

use crate::tables::Tables;

/// Simulated canaries: healthy ones that are blamed, and bad ones that are seen.
#[derive(Debug, Parser)]
struct Cli {
    /// Simulated deployments for each number.
    #[arg(long, default_value_t = 20_000)]
    runs: u32,
    /// The seed of chance.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> io::Result<()> {
    let Cli { runs, seed } = Cli::parse();
    write!(io::stdout(), "{}", Tables::new(runs, seed))
}
