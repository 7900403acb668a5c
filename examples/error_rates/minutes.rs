//! Minutes of a simulated canary.

use cutover::adapters::sim::Rng;
use cutover::analysis::Counts;

use crate::law::Law;
use crate::traffic::Expected;
use crate::traffic::Traffic;

/// Minutes that a canary is watched.
pub(crate) const WATCHED: usize = 60;

/// Minutes of a day.
const DAY: usize = 1440;

/// Both sides of one minute.
#[derive(Debug)]
struct Minute {
    stable: (u32, Law),
    candidate: (u32, Law),
}

impl Minute {
    fn new(expected: Expected, correlation: Option<f64>) -> Self {
        let law = |n, rate| match correlation {
            Some(rho) => Law::beta_binomial(n, rate, rho),
            None => Law::binomial(n, rate),
        };
        let Expected { stable_requests, stable_rate, candidate_requests, candidate_rate } =
            expected;
        Self {
            stable: (stable_requests, law(stable_requests, stable_rate)),
            candidate: (candidate_requests, law(candidate_requests, candidate_rate)),
        }
    }

    fn draw(&self, rng: &mut Rng) -> Counts {
        Counts {
            stable_requests: self.stable.0.into(),
            stable_bad: self.stable.1.draw(rng),
            candidate_requests: self.candidate.0.into(),
            candidate_bad: self.candidate.1.draw(rng),
        }
    }
}

/// Draws canaries of one kind of traffic.
#[derive(Debug)]
pub(crate) struct Minutes {
    traffic: Traffic,
    /// One for every minute of the day, or one that stands for all.
    plain: Vec<Minute>,
    blip: Minute,
}

impl Minutes {
    pub(crate) fn new(traffic: Traffic) -> Self {
        let minute = |at, blip| Minute::new(traffic.expected(at, blip), traffic.correlation());
        let differ = matches!(traffic.kind, crate::traffic::Kind::DailyCycle);
        let days: u32 = if differ { 1440 } else { 1 };
        Self {
            traffic,
            plain: (0..days).map(|at| minute(at, false)).collect(),
            blip: minute(0, true),
        }
    }

    /// The minutes of one canary, drawn as they are asked for.
    pub(crate) fn canary(&self, mut rng: Rng) -> impl Iterator<Item = Counts> {
        let start = usize::try_from(rng.below(24)).unwrap_or(0) * 60;
        let at = move |minute: usize| (start + minute) % DAY % self.plain.len();
        (0..WATCHED).filter_map(move |minute| {
            let blip = rng.happens(self.traffic.blips());
            let drawn = if blip { Some(&self.blip) } else { self.plain.get(at(minute)) };
            drawn.map(|minute| minute.draw(&mut rng))
        })
    }
}
