//! Does the load balancer send the candidate the share it was told to?

use serde::Deserialize;
use serde::Serialize;

use crate::model::Weight;

use super::counts::Counts;
use super::counts::InvalidCounts;
use super::e_process::Applied;
use super::settings::InvalidSettings;
use super::settings::level;
use super::share_evidence::Learner;
use super::share_evidence::log_likelihood;

/// Pieces of the band of accepted shares; each is refuted by itself, so that none has to be narrow and wide
/// at once.
const PIECES: u16 = 8;

/// The learner remembers at most so many times the requests it starts with.
const MEMORY: f64 = 20.0;

/// What agrees and how sure one wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs and gates build it")]
pub struct ShareSettings {
    /// The probability, at most and per weight, that a share inside the band is ever called outside, and
    /// that one outside is ever called inside.
    pub level: f64,
    /// Odds of the observed share up to so much above or below the configured odds agree: `0.1` lets 10 %
    /// be 9.2 % to 10.9 %.
    pub tolerance: f64,
    /// One period says at most a `1/cap` of what an answer needs: sessions come in crowds.
    pub cap: u32,
    /// How firmly the configured share is believed in at first, in requests.
    pub concentration: f64,
}

impl Default for ShareSettings {
    fn default() -> Self {
        Self { level: 0.01, tolerance: 0.1, cap: 3, concentration: 1000.0 }
    }
}

impl ShareSettings {
    /// Whether they promise something.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        level(self.level)?;
        if !(0.001..=10.0).contains(&self.tolerance) {
            return Err(InvalidSettings::Share(self.tolerance));
        }
        if !(1.0..=1e9).contains(&self.concentration) {
            return Err(InvalidSettings::Share(self.concentration));
        }
        if self.cap == 0 { Err(InvalidSettings::Cap) } else { Ok(()) }
    }

    /// The evidence that answers a question.
    fn threshold(&self, question: u32) -> f64 {
        let question = f64::from(question);
        libm::log(question * (question + 1.0) / self.level)
    }
}

/// Whether the observed share is the configured one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "three-valued by definition")]
pub enum ShareAnswer {
    /// It is shown to be within the tolerance.
    Agrees,
    /// It is shown to be outside: another rule, stickiness, propagation that takes too long.
    Disagrees,
    /// Neither is shown.
    Insufficient,
}

/// The traffic-share check.
///
/// The band of accepted shares is cut into pieces, and what lies below and above it are two more. In every
/// period each piece is charged the likelihood of its own best share, and a learner of the share (the
/// Dirichlet mixture of [`log_bayes_factor`](super::log_bayes_factor), with a bounded memory) earns its
/// prediction, at most `ln(1/level)/cap`. What the learner has earned against a piece is an e-process for
/// every share in it. *Disagrees*: every piece of the band is refuted. *Agrees*: both sides of it are.
///
/// An answer stands until another is shown: after each the question is asked afresh, so that a split that
/// breaks or is mended is soon seen. The `q`-th question may be answered wrongly with a probability of
/// `level / (q (q + 1))`, which sums to `level`, whenever one looks. A new weight starts all over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "State", into = "State")]
pub struct ShareCheck {
    settings: ShareSettings,
    weight: Weight,
    candidate: u64,
    stable: u64,
    learner: Learner,
    /// Which question is open, from 1.
    question: u32,
    /// The last answer shown.
    answer: ShareAnswer,
    /// What was earned against: below the band, its pieces from low to high, above it.
    logs: Vec<f64>,
}

/// How it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    settings: ShareSettings,
    weight: Weight,
    candidate: u64,
    stable: u64,
    learner: Learner,
    /// Which question is open, from 1.
    question: u32,
    /// The last answer shown.
    answer: ShareAnswer,
    logs: Vec<f64>,
}

impl ShareCheck {
    /// No evidence yet.
    pub fn new(settings: ShareSettings) -> Result<Self, InvalidSettings> {
        settings.check()?;
        let weight = Weight::ZERO;
        Ok(Self {
            settings,
            weight,
            candidate: 0,
            stable: 0,
            learner: Learner::new(share(weight), settings.concentration).within(f64::INFINITY),
            question: 1,
            answer: ShareAnswer::Insufficient,
            logs: vec![0.0; usize::from(PIECES) + 2],
        })
    }

    /// Adds one complete period, all of which had this weight in force. A weight of nothing or all has no
    /// share to check, and a period without requests says nothing.
    pub fn observe(&mut self, weight: Weight, counts: &Counts) -> Result<Applied, InvalidCounts> {
        counts.check()?;
        if weight != self.weight {
            self.weight = weight;
            (self.candidate, self.stable, self.question) = (0, 0, 1);
            self.answer = ShareAnswer::Insufficient;
            self.ask_afresh();
        }
        let (candidate, stable) = (counts.candidate_requests, counts.stable_requests);
        self.candidate = self.candidate.saturating_add(candidate);
        self.stable = self.stable.saturating_add(stable);
        let undivided = weight == Weight::ZERO || weight == Weight::FULL;
        if undivided || candidate == 0 && stable == 0 {
            return Ok(Applied::Skipped);
        }
        let later = self.learner.after(candidate, stable);
        let earned = self.learner.log_probability(later);
        let threshold = self.settings.threshold(self.question);
        let most = threshold / f64::from(self.settings.cap);
        for (log, (low, high)) in self.logs.iter_mut().zip(pieces(weight, self.settings.tolerance))
        {
            let best = counts.share().clamp(low, high);
            *log += (earned - log_likelihood(candidate, stable, best)).min(most);
        }
        self.learner = later.within(MEMORY * self.settings.concentration);
        if let Some(answer) = self.shown(threshold) {
            self.answer = answer;
            self.question = self.question.saturating_add(1);
            self.ask_afresh();
        }
        Ok(Applied::Counted)
    }

    fn ask_afresh(&mut self) {
        self.learner =
            Learner::new(share(self.weight), self.settings.concentration).within(f64::INFINITY);
        self.logs.fill(0.0);
    }

    /// The answer to the open question, once it is shown.
    fn shown(&self, threshold: f64) -> Option<ShareAnswer> {
        let refuted = |log: &f64| *log >= threshold;
        match self.logs.as_slice() {
            [_, band @ .., _] if band.iter().all(refuted) => Some(ShareAnswer::Disagrees),
            [below, .., above] if refuted(below) && refuted(above) => Some(ShareAnswer::Agrees),
            _ => None,
        }
    }

    /// What the evidence says about the present weight.
    pub const fn answer(&self) -> ShareAnswer {
        self.answer
    }

    /// The candidate's share of the requests seen since the weight was set, between 0 and 1; none without
    /// requests.
    pub fn observed(&self) -> Option<f64> {
        let seen = Counts {
            stable_requests: self.stable,
            candidate_requests: self.candidate,
            ..Counts::default()
        };
        (self.candidate > 0 || self.stable > 0).then(|| seen.share())
    }

    /// The weight that the present answer is about.
    pub const fn configured(&self) -> Weight {
        self.weight
    }

    /// Requests of the candidate and of stable since the weight was set.
    pub const fn requests(&self) -> (u64, u64) {
        (self.candidate, self.stable)
    }
}

fn share(weight: Weight) -> f64 {
    f64::from(weight.as_permille()) / 1000.0
}

/// The shares that each log is about, as closed intervals.
fn pieces(weight: Weight, tolerance: f64) -> impl Iterator<Item = (f64, f64)> {
    let odds = share(weight) / (1.0 - share(weight));
    let span = libm::log1p(tolerance);
    let edge = move |at: u16| {
        let shift = 2.0 * f64::from(at) / f64::from(PIECES) - 1.0;
        let odds = odds * libm::exp(span * shift);
        odds / (1.0 + odds)
    };
    // a share of exactly nothing or all would make its likelihood no number
    let below = std::iter::once((1e-12, edge(0)));
    let band = (0..PIECES).map(move |at| (edge(at), edge(at + 1)));
    below.chain(band).chain(std::iter::once((edge(PIECES), 1.0 - 1e-12)))
}

impl TryFrom<State> for ShareCheck {
    type Error = InvalidSettings;
    fn try_from(state: State) -> Result<Self, InvalidSettings> {
        let State { settings, weight, candidate, stable, learner, question, answer, logs } = state;
        let fresh = Self::new(settings)?;
        let finite = logs.iter().all(|log| log.is_finite());
        if logs.len() != fresh.logs.len() || !finite || !learner.is_valid() || question == 0 {
            return Err(InvalidSettings::State);
        }
        Ok(Self { settings, weight, candidate, stable, learner, question, answer, logs })
    }
}

impl From<ShareCheck> for State {
    fn from(check: ShareCheck) -> Self {
        let ShareCheck { settings, weight, candidate, stable, learner, question, answer, logs } =
            check;
        Self { settings, weight, candidate, stable, learner, question, answer, logs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(candidate: u64, stable: u64) -> Counts {
        Counts { stable_requests: stable, candidate_requests: candidate, ..Counts::default() }
    }

    fn ten() -> Weight {
        Weight::percent(10).unwrap()
    }

    fn minutes_to(answer: ShareAnswer, check: &mut ShareCheck, counts: &Counts) -> u32 {
        for minute in 1..=500 {
            check.observe(ten(), counts).unwrap();
            if check.answer() == answer {
                return minute;
            }
        }
        panic!("never {answer:?}: {check:?}");
    }

    #[test]
    fn a_share_as_configured_is_soon_shown_to_agree() {
        let mut check = ShareCheck::new(ShareSettings::default()).unwrap();
        assert_eq!(check.answer(), ShareAnswer::Insufficient);
        assert!(minutes_to(ShareAnswer::Agrees, &mut check, &minute(1195, 10_805)) <= 6);
        assert_eq!(check.configured(), ten());
        assert!((check.observed().unwrap() - 0.0996).abs() < 1e-3);
    }

    #[test]
    fn a_share_outside_the_band_is_shown_and_its_mending_too() {
        for wrong in [minute(1500, 10_500), minute(900, 11_100), minute(0, 12_000)] {
            let mut check = ShareCheck::new(ShareSettings::default()).unwrap();
            let found = minutes_to(ShareAnswer::Disagrees, &mut check, &wrong);
            assert!((3..=6).contains(&found), "{found} minutes: {wrong:?}");
            for _ in 0..60 {
                check.observe(ten(), &wrong).unwrap();
            }
            assert_eq!(check.answer(), ShareAnswer::Disagrees);
            assert!(minutes_to(ShareAnswer::Agrees, &mut check, &minute(1200, 10_800)) <= 15);
        }
    }

    #[test]
    fn a_share_that_breaks_after_hours_is_seen() {
        let mut check = ShareCheck::new(ShareSettings::default()).unwrap();
        for _ in 0..300 {
            check.observe(ten(), &minute(1200, 10_800)).unwrap();
        }
        assert_eq!(check.answer(), ShareAnswer::Agrees);
        let found = minutes_to(ShareAnswer::Disagrees, &mut check, &minute(1500, 10_500));
        assert!(found <= 20, "{found} minutes");
    }

    #[test]
    fn a_small_service_needs_longer_and_says_so() {
        let mut check = ShareCheck::new(ShareSettings::default()).unwrap();
        for _ in 0..10 {
            check.observe(ten(), &minute(31, 270)).unwrap();
        }
        assert_eq!(check.answer(), ShareAnswer::Insufficient);
    }

    #[test]
    fn a_new_weight_is_a_new_question() {
        let mut check = ShareCheck::new(ShareSettings::default()).unwrap();
        minutes_to(ShareAnswer::Disagrees, &mut check, &minute(3000, 9000));
        check.observe(Weight::percent(25).unwrap(), &minute(3000, 9000)).unwrap();
        assert_eq!(check.answer(), ShareAnswer::Insufficient);
        assert_eq!(check.requests(), (3000, 9000));
        assert_eq!(check.observe(Weight::FULL, &minute(12_000, 0)), Ok(Applied::Skipped));
        assert_eq!(check.observe(ten(), &minute(0, 0)), Ok(Applied::Skipped));
        assert!(check.observe(ten(), &Counts { candidate_bad: 1, ..minute(0, 9) }).is_err());
    }

    #[test]
    fn a_stored_check_goes_on_bit_for_bit() {
        let mut kept = ShareCheck::new(ShareSettings::default()).unwrap();
        let mut stored = kept.clone();
        for at in 0..50 {
            let counts = minute(1150 + at * 7 % 90, 10_700 + at * 13 % 200);
            kept.observe(ten(), &counts).unwrap();
            stored.observe(ten(), &counts).unwrap();
            stored = serde_json::from_str(&serde_json::to_string(&stored).unwrap()).unwrap();
            assert_eq!(kept, stored);
        }
        let text = serde_json::to_string(&kept).unwrap().replace("\"cap\":3", "\"cap\":0");
        assert!(serde_json::from_str::<ShareCheck>(&text).is_err());
    }
}
