//! Which ratios the evidence leaves possible.

use std::sync::OnceLock;

use serde::Deserialize;
use serde::Serialize;

use super::counts::Counts;
use super::counts::InvalidCounts;
use super::e_process::Applied;
use super::likelihood::Split;
use super::likelihood::log_mixture;
use super::settings::InvalidSettings;
use super::settings::level;

/// Ratios, as multiples of the one in question, that count against it; each weighs a tenth.
const OTHERS: [f64; 10] = [0.1, 0.2, 1.0 / 3.0, 0.5, 2.0 / 3.0, 1.5, 2.0, 3.0, 5.0, 10.0];

/// Periods with bad requests that are kept one by one.
const KEPT: usize = 64;

/// The logarithm of the largest ratio that is looked at, and minus that of the smallest: about 7e10.
const FAR: f64 = 25.0;

/// Halvings of an interval; afterwards an end is known to 1e-9 of itself.
const HALVINGS: u32 = 36;

/// How close an end is searched for before the halvings, of which it then settles most.
const NEAR: f64 = 4e-9;

/// The confidence sequence for the ratio of the candidate's rate to stable's: all ratios that an uncapped
/// two-sided share e-process (see [`EProcess`](super::EProcess)) has not refuted. It holds the true ratio
/// after every period at once with a probability of at least `1 − level`, where bursts do not make bad
/// requests come together. It is for people; decisions rest on the capped processes.
///
/// Its state is bounded. A period without bad requests says nothing about the ratio and is not kept. Up to 64
/// periods with bad requests are kept exactly; beyond, the two whose traffic shares are closest become one
/// with their mean share, which moves the ends by less than the two shares' odds differ.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "State", into = "State")]
pub struct RatioSequence {
    level: f64,
    /// By rising share.
    kept: Vec<Split>,
    /// The interval, once it was asked for; follows from what is kept.
    interval: OnceLock<RatioInterval>,
}

/// How it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    level: f64,
    kept: Vec<Split>,
}

/// Ratios of the candidate's rate to stable's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "two ends by definition")]
pub struct RatioInterval {
    /// The smallest possible; 0 where nothing is ruled out below.
    pub low: f64,
    /// The largest possible; none where nothing is ruled out above.
    pub high: Option<f64>,
}

impl RatioSequence {
    /// Every ratio is possible.
    pub fn new(level_: f64) -> Result<Self, InvalidSettings> {
        Ok(Self { level: level(level_)?, kept: Vec::new(), interval: OnceLock::new() })
    }

    /// Adds one complete period. Periods come each once. After an error nothing has changed.
    pub fn observe(&mut self, counts: &Counts) -> Result<Applied, InvalidCounts> {
        counts.check()?;
        if counts.one_sided() {
            return Ok(Applied::Skipped);
        }
        let split = Split::of(counts);
        if split.all > 0.0 {
            self.interval = OnceLock::new();
            let at = self.kept.partition_point(|kept| kept.share < split.share);
            self.kept.insert(at, split);
            if self.kept.len() > KEPT {
                self.merge_closest();
            }
        }
        Ok(Applied::Counted)
    }

    fn merge_closest(&mut self) {
        let gap = |pair: &[Split]| match pair {
            [low, high] => high.log_odds() - low.log_odds(),
            _ => f64::INFINITY,
        };
        let gaps = self.kept.windows(2).map(gap).enumerate();
        let closest = gaps.min_by(|(_, left), (_, right)| left.total_cmp(right));
        let Some((at, _)) = closest else { return };
        let gone = self.kept.remove(at + 1);
        if let Some(kept) = self.kept.get_mut(at) {
            *kept = kept.joined(gone);
        }
    }

    /// The ratios that are possible after the periods so far.
    pub fn interval(&self) -> RatioInterval {
        *self.interval.get_or_init(|| self.possible())
    }

    /// The logarithm of the likeliest ratio. It is never refuted: each search begins there.
    fn likeliest(&self) -> f64 {
        let candidate: f64 = self.kept.iter().map(|split| split.candidate).sum();
        let all: f64 = self.kept.iter().map(|split| split.all).sum();
        if candidate <= 0.0 {
            return -FAR;
        }
        if candidate >= all {
            return FAR;
        }
        let expected = |log: f64| {
            let ratio = libm::exp(log);
            self.kept.iter().map(|split| split.all * split.theta(ratio)).sum::<f64>()
        };
        halve(-FAR, FAR, |log| expected(log) < candidate)
    }

    fn possible(&self) -> RatioInterval {
        let likeliest = self.likeliest();
        let limit = libm::log(self.level);
        let excess = |log: f64| self.log_e(libm::exp(log)) + limit;
        let end = |far: f64| {
            let beyond = excess(far);
            (beyond >= 0.0).then(|| crossing(likeliest, (far, beyond), excess)).map(libm::exp)
        };
        RatioInterval { low: end(-FAR).unwrap_or(0.0), high: end(FAR) }
    }

    /// The evidence against one ratio.
    fn log_e(&self, ratio: f64) -> f64 {
        let others = OTHERS.map(|multiple| {
            let other = ratio * multiple;
            (other, libm::log(other / ratio))
        });
        let mut logs = [0.0; OTHERS.len()];
        for split in &self.kept {
            let scale = split.log_scale(ratio);
            for (log, (other, log_ratio)) in logs.iter_mut().zip(others) {
                *log += split.earned(log_ratio, split.log_scale(other) - scale);
            }
        }
        log_mixture(logs.into_iter().map(|log| (0.1, log)))
    }
}

/// Where `inside` stops to hold on the way from `near`, where it does, to `far`.
fn halve(near: f64, far: f64, inside: impl Fn(f64) -> bool) -> f64 {
    let (mut near, mut far) = (near, far);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(near, far);
        if inside(middle) { near = middle } else { far = middle }
    }
    f64::midpoint(near, far)
}

/// Where `excess` stops to be negative on the way from `near`, where it is, to `far`, where it is `beyond`: to
/// the last bit what halving finds, with most of its questions answered by a search that is quicker.
fn crossing(near: f64, (far, beyond): (f64, f64), excess: impl Fn(f64) -> f64) -> f64 {
    let (mut other, mut last) = ((far, beyond), (near, excess(near)));
    // Regula falsi, where an end that stays loses weight (Anderson and Björck 1973).
    for _ in 0..HALVINGS {
        let span = other.0 - last.0;
        if span.abs() <= NEAR {
            break;
        }
        let step = (span * last.1 / (last.1 - other.1)).abs();
        let step = step.clamp(NEAR / 2.0, span.abs() - NEAR / 2.0);
        let log = last.0 + step.copysign(span);
        let new = excess(log);
        if (new < 0.0) == (last.1 < 0.0) {
            let left = 1.0 - new / last.1;
            other.1 *= if left > 0.0 { left } else { 0.5 };
        } else {
            other = last;
        }
        last = (log, new);
    }
    let way = |log: f64| (log - near).abs();
    // within rounding of the end its own answer counts
    let least = way(last.0).min(way(other.0)) - NEAR;
    let most = way(last.0).max(way(other.0)) + NEAR;
    halve(near, far, |log| way(log) < least || (way(log) <= most && excess(log) < 0.0))
}

impl PartialEq for RatioSequence {
    fn eq(&self, other: &Self) -> bool {
        (self.level, &self.kept) == (other.level, &other.kept)
    }
}

impl TryFrom<State> for RatioSequence {
    type Error = InvalidSettings;
    fn try_from(state: State) -> Result<Self, InvalidSettings> {
        let State { level: stored, kept } = state;
        let ordered = kept.is_sorted_by(|low, high| low.share <= high.share);
        if kept.len() > KEPT || !ordered || !kept.iter().all(Split::is_valid) {
            return Err(InvalidSettings::State);
        }
        Ok(Self { level: level(stored)?, kept, interval: OnceLock::new() })
    }
}

impl From<RatioSequence> for State {
    fn from(sequence: RatioSequence) -> Self {
        let RatioSequence { level, kept, .. } = sequence;
        Self { level, kept }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(stable: (u64, u64), candidate: (u64, u64)) -> Counts {
        Counts {
            stable_requests: stable.0,
            stable_bad: stable.1,
            candidate_requests: candidate.0,
            candidate_bad: candidate.1,
        }
    }

    fn after(periods: &[Counts]) -> RatioInterval {
        let mut sequence = RatioSequence::new(0.05).unwrap();
        for counts in periods {
            sequence.observe(counts).unwrap();
        }
        sequence.interval()
    }

    #[test]
    fn the_interval_is_that_of_the_published_rows() {
        let rows = [
            counts((1080, 1), (120, 0)),
            counts((1075, 2), (118, 1)),
            counts((1090, 0), (122, 2)),
            counts((1066, 1), (121, 1)),
            counts((1101, 1), (119, 3)),
        ];
        // published to three digits from a lattice of ratios, so from inside
        for (rows, low, high) in [(&rows[..3], 0.43, 189.0), (&rows[..], 2.18, 90.3)] {
            let interval = after(rows);
            let near = |end: f64, published: f64| (end / published - 1.0).abs() < 0.01;
            assert!(near(interval.low, low) && near(interval.high.unwrap(), high), "{interval:?}");
        }
        // the ends themselves, computed apart from this code
        for (rows, low, high) in [
            (&rows[..3], 0.428_897_473, 190.238_427_386),
            (&rows[..], 2.175_888_773, 90.556_436_993),
        ] {
            let interval = after(rows);
            let same = |end: f64, exact: f64| (end / exact - 1.0).abs() < 1e-6;
            assert!(same(interval.low, low) && same(interval.high.unwrap(), high), "{interval:?}");
        }
    }

    proptest! {
        #[test]
        fn the_quick_search_finds_what_halving_finds_to_the_last_bit(
            periods in prop::collection::vec((0_u64..60, 0_u64..60, 1_u64..5000), 1..70),
        ) {
            let mut sequence = RatioSequence::new(0.05).unwrap();
            for (stable, candidate, requests) in periods {
                sequence.observe(&counts((9000, stable), (100 + requests, candidate))).unwrap();
            }
            let limit = -libm::log(0.05);
            let possible = |log: f64| sequence.log_e(libm::exp(log)) < limit;
            let excess = |log: f64| sequence.log_e(libm::exp(log)) - limit;
            let interval = sequence.interval();
            let likeliest = sequence.likeliest();
            for (far, end) in [(-FAR, Some(interval.low)), (FAR, interval.high)] {
                let halved = libm::exp(halve(likeliest, far, possible));
                if excess(far) >= 0.0 {
                    prop_assert_eq!(end.map(f64::to_bits), Some(halved.to_bits()));
                }
            }
        }
    }

    #[test]
    fn without_bad_requests_every_ratio_is_possible() {
        let all = RatioInterval { low: 0.0, high: None };
        assert_eq!(after(&[]), all);
        assert_eq!(after(&[counts((1000, 0), (100, 0)), counts((1000, 9), (0, 0))]), all);
    }

    #[test]
    fn bad_requests_of_one_side_only_bound_the_ratio_on_one_side_only() {
        let RatioInterval { low, high } = after(&[counts((1000, 0), (1000, 20))]);
        assert!(low > 2.0 && high.is_none(), "{low} {high:?}");
        let RatioInterval { low, high } = after(&[counts((1000, 20), (1000, 0))]);
        assert!(low == 0.0 && high.unwrap() < 0.5, "{low} {high:?}");
    }

    #[test]
    fn merged_periods_give_nearly_the_same_interval_and_a_bounded_state() {
        let mut bounded = RatioSequence::new(0.05).unwrap();
        let mut exact = bounded.clone();
        for at in 0..300_u64 {
            let candidate = 1150 + at * 37 % 101;
            let counts = counts((10_800 + at * 53 % 307, 8 + at % 5), (candidate, 2 + at % 3));
            bounded.observe(&counts).unwrap();
            exact.kept.push(Split::of(&counts));
            let stored = serde_json::to_string(&bounded).unwrap();
            assert!(stored.len() < 4000, "{}", stored.len());
            assert_eq!(serde_json::from_str::<RatioSequence>(&stored).unwrap(), bounded);
        }
        assert_eq!(bounded.kept.len(), KEPT);
        let (bounded, exact) = (bounded.interval(), exact.interval());
        assert!((bounded.low / exact.low - 1.0).abs() < 1e-4, "{bounded:?} {exact:?}");
        let ends = (bounded.high.unwrap(), exact.high.unwrap());
        assert!((ends.0 / ends.1 - 1.0).abs() < 1e-4, "{bounded:?} {exact:?}");
    }

    #[test]
    fn equal_shares_stay_in_their_order_when_they_are_merged() {
        let mut sequence = RatioSequence::new(0.05).unwrap();
        // two means of a tenth are rounded to a little more than a tenth
        for _ in 0..200 {
            sequence.observe(&counts((10_800, 21), (1200, 2))).unwrap();
            let stored = serde_json::to_string(&sequence).unwrap();
            assert_eq!(serde_json::from_str::<RatioSequence>(&stored).unwrap(), sequence);
        }
    }

    #[test]
    fn a_stored_state_that_cannot_be_is_refused() {
        for text in [
            r#"{"level":0.0,"kept":[]}"#,
            r#"{"level":0.05,"kept":[{"candidate":2.0,"all":1.0,"share":0.1}]}"#,
            r#"{"level":0.05,"kept":[{"candidate":1.0,"all":1.0,"share":1.0}]}"#,
        ] {
            assert!(serde_json::from_str::<RatioSequence>(text).is_err(), "{text}");
        }
    }
}
