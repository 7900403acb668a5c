//! One hypothesis about the ratio of the candidate's rate to stable's, and what is set against it.

use serde::Deserialize;
use serde::Serialize;

use super::settings::InvalidSettings;
use super::settings::level;
use super::settings::ratio;

/// Ratios, as multiples of the accepted one, that count against it; each weighs an eighth.
const WORSE: [f64; 8] = [1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 100.0];

/// Ratios, absolute, that count against "as bad as feared"; and what each weighs.
const NOT_WORSE: [(f64, f64); 3] = [(1.0, 0.6), (0.75, 0.25), (0.5, 0.15)];

/// What is to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a ratio is above or below")]
pub enum Side {
    /// That the ratio is above the tested one.
    Harm,
    /// That the ratio is below the tested one.
    Safe,
}

/// A hypothesis to be refuted: that the ratio is at most (`Harm`) or at least (`Safe`) the tested one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "plain data, checked where it is used")]
pub struct RatioTest {
    /// What is to be shown.
    pub side: Side,
    /// The tested ratio of the candidate's rate to stable's.
    pub ratio: f64,
    /// The probability, at most, that a true hypothesis is ever refuted.
    pub level: f64,
    /// One period says at most a `1/cap` of what a decision needs. None: no bound.
    pub cap: Option<u32>,
}

impl RatioTest {
    /// Whether it can be tested.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        level(self.level)?;
        ratio(self.ratio)?;
        if self.cap == Some(0) {
            return Err(InvalidSettings::Cap);
        }
        // an alternative must lie on the far side of what is tested
        let order = InvalidSettings::Order { safe: self.ratio, harm: 1.0 };
        if self.side == Side::Safe && self.ratio <= 1.0 { Err(order) } else { Ok(()) }
    }

    /// `ln(1/level)`: the evidence that refutes.
    pub fn threshold(&self) -> f64 {
        -libm::log(self.level)
    }

    /// The most that one period may say.
    pub(super) fn most(&self) -> f64 {
        self.cap.map_or(f64::INFINITY, |cap| self.threshold() / f64::from(cap))
    }

    /// The ratios that are set against the hypothesis, and what each weighs; the weights sum to 1.
    pub(super) fn alternatives(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let worse = WORSE.iter().map(|multiple| (self.ratio * multiple, 0.125));
        let not_worse = NOT_WORSE.iter().copied();
        let harm = self.side == Side::Harm;
        worse.filter(move |_| harm).chain(not_worse.filter(move |_| !harm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_of_the_alternatives_sum_to_one() {
        for side in [Side::Harm, Side::Safe] {
            let test = RatioTest { side, ratio: 2.0, level: 0.05, cap: None };
            let sum: f64 = test.alternatives().map(|(_, weight)| weight).sum();
            assert!((sum - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn what_cannot_be_tested_is_refused() {
        let good = RatioTest { side: Side::Safe, ratio: 2.0, level: 0.05, cap: None };
        assert!(good.check().is_ok());
        assert!(RatioTest { ratio: 1.0, ..good }.check().is_err());
        assert!(RatioTest { ratio: 1.0, side: Side::Harm, ..good }.check().is_ok());
        assert!(RatioTest { level: 1.0, ..good }.check().is_err());
        assert!(RatioTest { cap: Some(0), ..good }.check().is_err());
    }
}
