//! Ways of watching a canary.

use std::collections::VecDeque;
use std::fmt;

use cutover::analysis::Counts;
use cutover::analysis::EProcess;
use cutover::analysis::Preset;
use cutover::analysis::RatioTest;
use cutover::analysis::Settings;
use cutover::analysis::Side;

/// Minutes before a bake may end early.
const LEAST: u32 = 5;

/// A way of watching a canary, minute by minute, that may roll it back or end its bake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watch {
    /// An alarm on the candidate's error rate above 1 %, as `CloudWatch` evaluates it: so many of so many.
    Alarm { breaching: usize, of: usize },
    /// The candidate's rate above 1.2 times stable's in any window of five minutes.
    RatioRule,
    /// A one-sided two-proportion z-test over everything so far, again every minute; its critical value in
    /// thousandths.
    RepeatedZ { critical: u32, percent: u32 },
    /// The analysis of this crate.
    Analysis(Preset),
    /// The analysis and an alarm, whichever comes first: what blocks a deployment together.
    Together(Preset),
    /// The analysis where it may end a bake early, after five minutes at least.
    Early(Preset),
}

impl Watch {
    pub(crate) const ALL: [Self; 9] = [
        Self::Alarm { breaching: 1, of: 1 },
        Self::Alarm { breaching: 3, of: 5 },
        Self::RatioRule,
        Self::RepeatedZ { critical: 1645, percent: 5 },
        Self::RepeatedZ { critical: 2326, percent: 1 },
        Self::Analysis(Preset::Strict),
        Self::Analysis(Preset::Default),
        Self::Analysis(Preset::Noisy),
        Self::Together(Preset::Default),
    ];

    /// Begins to watch a canary.
    pub(crate) fn begin(self) -> Watcher {
        match self {
            Self::Alarm { breaching, of } => {
                Watcher::Alarm { breaching, of, recent: VecDeque::new() }
            }
            Self::RatioRule => Watcher::RatioRule { minute: 0, window: Counts::default() },
            Self::RepeatedZ { critical, .. } => Watcher::RepeatedZ {
                critical: f64::from(critical) / 1000.0,
                all: Counts::default(),
            },
            Self::Analysis(preset) => Watcher::analysis(preset),
            Self::Early(preset) => Watcher::early(preset),
            Self::Together(preset) => Watcher::AnyOf(vec![
                Watcher::analysis(preset),
                Self::Alarm { breaching: 3, of: 5 }.begin(),
            ]),
        }
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |preset: Preset| match preset {
            Preset::Strict => "strict",
            Preset::Noisy => "noisy",
            _ => "default",
        };
        match self {
            Self::Alarm { breaching, of } => write!(f, "alarm > 1 %, {breaching} of {of}"),
            Self::RatioRule => f.write_str("ratio > 1.2 in 5 minutes"),
            Self::RepeatedZ { percent, .. } => write!(f, "z-test each minute, {percent} %"),
            Self::Analysis(preset) | Self::Early(preset) => {
                write!(f, "**analysis, {}**", name(*preset))
            }
            Self::Together(preset) => write!(f, "analysis, {}, and alarm 3 of 5", name(*preset)),
        }
    }
}

/// What a way of watching remembers of one canary.
#[derive(Debug)]
pub(crate) enum Watcher {
    Alarm { breaching: usize, of: usize, recent: VecDeque<bool> },
    RatioRule { minute: u32, window: Counts },
    RepeatedZ { critical: f64, all: Counts },
    Analysis(Box<EProcess>),
    Early { minute: u32, process: Box<EProcess> },
    AnyOf(Vec<Self>),
}

impl Watcher {
    fn analysis(preset: Preset) -> Self {
        let Settings { harm_ratio, alpha, cap, .. } = Settings::preset(preset);
        let test = RatioTest { side: Side::Harm, ratio: harm_ratio, level: alpha, cap };
        EProcess::new(test)
            .map_or_else(|_| Self::AnyOf(Vec::new()), |process| Self::Analysis(Box::new(process)))
    }

    fn early(preset: Preset) -> Self {
        let Settings { safe_ratio, beta, cap, .. } = Settings::preset(preset);
        let test = RatioTest { side: Side::Safe, ratio: safe_ratio, level: beta, cap };
        let begun = |process| Self::Early { minute: 0, process: Box::new(process) };
        EProcess::new(test).map_or_else(|_| Self::AnyOf(Vec::new()), begun)
    }

    /// Looks at one more minute; whether it rolls back, or ends the bake early.
    pub(crate) fn sees(&mut self, counts: &Counts) -> bool {
        match self {
            Self::Alarm { breaching, of, recent } => {
                recent.push_back(candidate_rate(counts) > 0.01);
                if recent.len() > *of {
                    recent.pop_front();
                }
                recent.iter().filter(|breach| **breach).count() >= *breaching
            }
            Self::RatioRule { minute, window } => {
                *minute += 1;
                *window = sum(window, counts);
                if *minute % 5 != 0 {
                    return false;
                }
                let whole = std::mem::take(window);
                candidate_rate(&whole) > 1.2 * stable_rate(&whole)
            }
            Self::RepeatedZ { critical, all } => {
                *all = sum(all, counts);
                z(all) > *critical
            }
            Self::Analysis(process) => process.observe(counts).is_ok() && process.refuted(),
            Self::Early { minute, process } => {
                *minute += 1;
                process.observe(counts).is_ok() && *minute >= LEAST && process.refutes()
            }
            // each of them has to see every minute
            Self::AnyOf(watchers) => {
                let saw =
                    watchers.iter_mut().filter_map(|watcher| watcher.sees(counts).then_some(()));
                saw.count() > 0
            }
        }
    }
}

/// The count as a number; exact below 2^32.
fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn candidate_rate(counts: &Counts) -> f64 {
    number(counts.candidate_bad) / number(counts.candidate_requests)
}

fn stable_rate(counts: &Counts) -> f64 {
    number(counts.stable_bad) / number(counts.stable_requests)
}

const fn sum(left: &Counts, right: &Counts) -> Counts {
    Counts {
        stable_requests: left.stable_requests + right.stable_requests,
        stable_bad: left.stable_bad + right.stable_bad,
        candidate_requests: left.candidate_requests + right.candidate_requests,
        candidate_bad: left.candidate_bad + right.candidate_bad,
    }
}

/// The pooled two-proportion statistic.
fn z(all: &Counts) -> f64 {
    let (stable, candidate) = (number(all.stable_requests), number(all.candidate_requests));
    let pooled = number(all.stable_bad + all.candidate_bad) / (stable + candidate);
    let variance = pooled * (1.0 - pooled) * (1.0 / stable + 1.0 / candidate);
    if variance <= 0.0 { 0.0 } else { (candidate_rate(all) - stable_rate(all)) / variance.sqrt() }
}
