//! The tables.

use std::fmt;
use std::thread;

use cutover::adapters::sim::Rng;
use cutover::analysis::Counts;

use crate::early::Early;
use crate::minutes::Minutes;
use crate::minutes::WATCHED;
use crate::traffic::Kind;
use crate::traffic::Traffic;
use crate::watch::Watch;
use crate::watch::Watcher;

/// How one way of watching fared with one kind of traffic.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Canaries in all.
    runs: u32,
    /// Canaries rolled back, or done, in the first minute, the second, and so on.
    rolled_back: Vec<u32>,
}

impl Outcome {
    /// Canaries rolled back, or done, within the hour.
    pub(crate) fn rolled_back(&self) -> u32 {
        self.rolled_back.iter().sum()
    }

    fn percent(&self) -> String {
        let share = 100.0 * f64::from(self.rolled_back()) / f64::from(self.runs);
        if share < 1.0 { format!("{share:.2}") } else { format!("{share:.1}") }
    }

    /// The minute by which half of those that were rolled back were.
    fn median(&self) -> Option<usize> {
        let half = self.rolled_back().div_ceil(2);
        let mut seen = 0;
        let by = self.rolled_back.iter().position(|minute| {
            seen += minute;
            seen >= half
        });
        by.filter(|_| half > 0).map(|minute| minute + 1)
    }

    fn percent_and_median(&self) -> String {
        let median = self.median().map(|minute| format!(" ({minute})")).unwrap_or_default();
        format!("{}{median}", self.percent())
    }
}

/// Lets every way of watching see the same canaries.
pub(crate) fn outcomes(traffic: Traffic, ways: &[Watch], runs: u32, mut rng: Rng) -> Vec<Outcome> {
    let minutes = Minutes::new(traffic);
    let fresh = Outcome { runs, rolled_back: vec![0; WATCHED] };
    let mut outcomes = vec![fresh; ways.len()];
    for _ in 0..runs {
        let mut watching: Vec<(usize, Watcher)> =
            ways.iter().map(|way| way.begin()).enumerate().collect();
        for (minute, counts) in minutes.canary(rng.fork()).enumerate() {
            watching.retain_mut(|(way, watcher)| {
                let seen = watcher.sees(&counts);
                let slot = outcomes.get_mut(*way).and_then(|way| way.rolled_back.get_mut(minute));
                if let Some(slot) = slot.filter(|_| seen) {
                    *slot += 1;
                }
                !seen
            });
            if watching.is_empty() {
                break;
            }
        }
    }
    outcomes
}

/// The chance of one column: independent of the other columns, whatever their order.
pub(crate) fn chance(traffic: Traffic, seed: u64) -> Rng {
    let thousandths = Counts::count(traffic.ratio * 1000.0).unwrap_or(0);
    let kind = Kind::ALL.iter().position(|kind| *kind == traffic.kind).unwrap_or(0);
    let column =
        (u64::try_from(kind).unwrap_or(0) << 56) | (u64::from(traffic.rps) << 24) | thousandths;
    Rng::new(Rng::new(seed).bits() ^ Rng::new(column).bits())
}

/// A traffic that every way of watching sees, and how each fared.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) traffic: Traffic,
    /// In the order of `Watch::ALL`.
    pub(crate) outcomes: Vec<Outcome>,
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Traffic { kind, rps, ratio } = self.traffic;
        if ratio > 1.0 {
            let bursty = if kind == Kind::Bursty { ", bursty" } else { "" };
            write!(f, "×{ratio}{bursty}, {rps} rps")
        } else {
            write!(f, "{kind}, {rps} rps")
        }
    }
}

/// Both tables. They are displayed in Markdown.
#[derive(Debug)]
pub(crate) struct Tables {
    runs: u32,
    seed: u64,
    pub(crate) healthy: Vec<Column>,
    pub(crate) worse: Vec<Column>,
    pub(crate) early: Vec<Early>,
}

impl Tables {
    /// Simulates every column, each so many times.
    pub(crate) fn new(runs: u32, seed: u64) -> Self {
        let healthy = Kind::ALL
            .into_iter()
            .flat_map(|kind| [20, 200].map(|rps| Traffic { kind, rps, ratio: 1.0 }));
        let worse = [(Kind::Constant, 20), (Kind::Constant, 200), (Kind::Bursty, 200)]
            .into_iter()
            .flat_map(|(kind, rps)| [2.0, 5.0, 20.0].map(|ratio| Traffic { kind, rps, ratio }));
        let (healthy, worse) = (columns(healthy, runs, seed), columns(worse, runs, seed));
        Self { runs, seed, healthy, worse, early: Early::all(runs, seed) }
    }
}

/// Simulates some columns at once.
fn columns(traffic: impl Iterator<Item = Traffic>, runs: u32, seed: u64) -> Vec<Column> {
    let simulated = |traffic| {
        let outcomes = outcomes(traffic, &Watch::ALL, runs, chance(traffic, seed));
        Column { traffic, outcomes }
    };
    thread::scope(|scope| {
        let started: Vec<_> =
            traffic.map(|traffic| scope.spawn(move || simulated(traffic))).collect();
        started.into_iter().filter_map(|column| column.join().ok()).collect()
    })
}

impl fmt::Display for Tables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, seed, healthy, worse, early } = self;
        writeln!(
            f,
            "Healthy candidates rolled back within 60 minutes, in % of {runs} (seed {seed}):\n"
        )?;
        table(f, &Watch::ALL, healthy, |column| &column.outcomes, Outcome::percent)?;
        writeln!(
            f,
            "\nBad candidates rolled back within 60 minutes, in % of {runs} (and the median minute):\n"
        )?;
        table(f, &Watch::ALL, worse, |column| &column.outcomes, Outcome::percent_and_median)?;
        writeln!(
            f,
            "\nBakes ended early within 60 minutes, in % of {runs} (and the median minute):\n"
        )?;
        table(f, &Early::WAYS, early, |column| &column.outcomes, Outcome::percent_and_median)
    }
}

/// One table: a row for every way of watching, a column for every traffic.
fn table<C: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    ways: &[Watch],
    columns: &[C],
    outcomes: fn(&C) -> &[Outcome],
    cell: fn(&Outcome) -> String,
) -> fmt::Result {
    f.write_str("| |")?;
    for column in columns {
        write!(f, " {column} |")?;
    }
    writeln!(f, "\n|--|{}", "--:|".repeat(columns.len()))?;
    for (row, way) in ways.iter().enumerate() {
        write!(f, "| {way} |")?;
        for column in columns {
            write!(f, " {} |", outcomes(column).get(row).map(cell).unwrap_or_default())?;
        }
        writeln!(f)?;
    }
    Ok(())
}
