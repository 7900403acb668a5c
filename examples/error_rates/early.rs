//! Bakes that an analysis ends early.

use std::fmt;
use std::thread;

use cutover::analysis::Preset;
use cutover::analysis::Settings;

use crate::tables::Outcome;
use crate::tables::chance;
use crate::tables::outcomes;
use crate::traffic::Kind;
use crate::traffic::Traffic;
use crate::watch::Watch;

/// One kind of traffic, of a healthy candidate or of one that is as bad as what *safe* rules out.
#[derive(Debug)]
pub(crate) struct Early {
    pub(crate) kind: Kind,
    rps: u32,
    /// Whether the candidate's ratio is `safe_ratio`: then no bake should end early.
    pub(crate) is_bad: bool,
    /// In the order of `WAYS`, each with the `safe_ratio` of its preset.
    pub(crate) outcomes: Vec<Outcome>,
}

impl Early {
    const PRESETS: [Preset; 3] = [Preset::Strict, Preset::Default, Preset::Noisy];

    pub(crate) const WAYS: [Watch; 3] =
        [Watch::Early(Preset::Strict), Watch::Early(Preset::Default), Watch::Early(Preset::Noisy)];

    /// Simulates every column, each so many times for each preset.
    pub(crate) fn all(runs: u32, seed: u64) -> Vec<Self> {
        let healthy = [(Kind::Constant, 20), (Kind::Constant, 200), (Kind::Bursty, 200)];
        let bad = Kind::ALL.into_iter().flat_map(|kind| [20, 200].map(|rps| (kind, rps)));
        let healthy = healthy.map(|(kind, rps)| (kind, rps, false));
        let columns = healthy.into_iter().chain(bad.map(|(kind, rps)| (kind, rps, true)));
        let simulated = |(kind, rps, is_bad)| {
            let of = |(preset, way)| {
                let ratio = if is_bad { Settings::preset(preset).safe_ratio } else { 1.0 };
                let traffic = Traffic { kind, rps, ratio };
                outcomes(traffic, &[way], runs, chance(traffic, seed))
            };
            let outcomes = Self::PRESETS.into_iter().zip(Self::WAYS).flat_map(of).collect();
            Self { kind, rps, is_bad, outcomes }
        };
        thread::scope(|scope| {
            let started: Vec<_> =
                columns.map(|column| scope.spawn(move || simulated(column))).collect();
            started.into_iter().filter_map(|column| column.join().ok()).collect()
        })
    }
}

impl fmt::Display for Early {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, rps, is_bad, .. } = self;
        let what = if *is_bad { "bad" } else { "healthy" };
        write!(f, "{what}, {kind}, {rps} rps")
    }
}
