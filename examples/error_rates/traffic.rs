//! Kinds of traffic.

use std::fmt;

use cutover::analysis::Counts;

/// The candidate's share of the traffic, in per cent.
const SHARE: u32 = 10;

/// The rate at which a healthy revision's requests go badly.
const BASE: f64 = 0.001;

/// How requests and their errors come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Every minute like the other.
    Constant,
    /// Traffic and errors rise and fall through a day; the deployment begins at some hour of it.
    DailyCycle,
    /// In one minute of twenty a dependency fails 3 % of both sides' requests.
    SharedBlips,
    /// Errors of each side come in bursts, a beta-binomial law with a correlation of 0.002.
    Bursty,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] =
        [Self::Constant, Self::DailyCycle, Self::SharedBlips, Self::Bursty];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Constant => "constant",
            Self::DailyCycle => "daily cycle",
            Self::SharedBlips => "shared blips",
            Self::Bursty => "bursty",
        })
    }
}

/// A service's traffic, a tenth of which goes to the candidate, and how much worse the candidate is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Traffic {
    pub(crate) kind: Kind,
    /// Requests a second, of both sides.
    pub(crate) rps: u32,
    /// The candidate's error rate over stable's; 1 is healthy.
    pub(crate) ratio: f64,
}

/// What is known of one minute before it is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    pub(crate) stable_requests: u32,
    pub(crate) stable_rate: f64,
    pub(crate) candidate_requests: u32,
    pub(crate) candidate_rate: f64,
}

impl Traffic {
    /// The correlation of errors within a minute and a side.
    pub(crate) const fn correlation(self) -> Option<f64> {
        if matches!(self.kind, Kind::Bursty) { Some(0.002) } else { None }
    }

    /// In how many minutes of a thousand a dependency fails.
    pub(crate) const fn blips(self) -> u32 {
        if matches!(self.kind, Kind::SharedBlips) { 50 } else { 0 }
    }

    /// A minute of the day, with or without a failing dependency.
    pub(crate) fn expected(self, minute: u32, blip: bool) -> Expected {
        let (volume, errors) = match self.kind {
            Kind::DailyCycle => {
                let angle = std::f64::consts::TAU * f64::from(minute) / 1440.0;
                (1.0 + 0.7 * libm::sin(angle), 1.0 + 0.5 * libm::sin(angle + 1.0))
            }
            Kind::Constant | Kind::SharedBlips | Kind::Bursty => (1.0, 1.0),
        };
        let permille = Counts::count(volume * 1000.0).unwrap_or(0);
        let requests = u64::from(self.rps) * 60 * permille / 1000;
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let candidate_requests = requests * SHARE / 100;
        let shared = if blip { 0.03 } else { 0.0 };
        let own = BASE * errors;
        Expected {
            stable_requests: requests - candidate_requests,
            stable_rate: own + shared,
            candidate_requests,
            candidate_rate: own * self.ratio + shared,
        }
    }
}
