//! What a comparison promises and what it looks for.

use serde::Deserialize;
use serde::Serialize;

use crate::model::Preset;

/// The error rates and the ratios of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "specs and gates build it")]
pub struct Settings {
    /// The probability, at most, that a candidate that is not worse is ever blamed. 0 < α ≤ 0.5.
    pub alpha: f64,
    /// The candidate's rate over stable's that is still accepted; 1 or more.
    pub harm_ratio: f64,
    /// One period says at most a `1/cap` of what a decision needs, so a decision takes at least so many
    /// periods. None: no bound.
    pub cap: Option<u32>,
    /// The probability, at most, that a candidate whose ratio is `safe_ratio` or more is ever called safe.
    /// 0 < β ≤ 0.5.
    pub beta: f64,
    /// The ratio that *safe* rules out. Above `harm_ratio`.
    pub safe_ratio: f64,
}

/// Settings that promise nothing.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidSettings {
    /// An error probability out of range.
    #[error("an error probability of {0}: it must be above 0 and at most 0.5")]
    Level(f64),
    /// A ratio out of range.
    #[error("a ratio of {0}: it must be at least 1 and at most 1000")]
    Ratio(f64),
    /// What is safe does not lie above what is accepted.
    #[error("`safe_ratio` {safe} must be above `harm_ratio` {harm}")]
    Order {
        /// `safe_ratio`.
        safe: f64,
        /// `harm_ratio`.
        harm: f64,
    },
    /// A cap of no period.
    #[error("a cap of zero periods")]
    Cap,
    /// A share of traffic or of the error budget out of range.
    #[error("a share of {0}: it must be above 0 and at most 1")]
    Share(f64),
    /// The shares of the error budget are more than the whole.
    #[error("the shares of the error budget sum to {0}, more than 1")]
    Budget(f64),
    /// A stored state that these settings cannot have led to.
    #[error("a state that no sequence of periods leads to")]
    State,
}

/// An error probability that promises something.
pub(super) fn level(level: f64) -> Result<f64, InvalidSettings> {
    if level > 0.0 && level <= 0.5 { Ok(level) } else { Err(InvalidSettings::Level(level)) }
}

/// A ratio that can be tested.
pub(super) fn ratio(ratio: f64) -> Result<f64, InvalidSettings> {
    let accepted = (1.0..=1000.0).contains(&ratio);
    if accepted { Ok(ratio) } else { Err(InvalidSettings::Ratio(ratio)) }
}

impl Settings {
    /// The settings of a preset.
    pub const fn preset(preset: Preset) -> Self {
        let (harm_ratio, cap, safe_ratio) = match preset {
            Preset::Strict => (1.0, None, 1.5),
            Preset::Default => (1.25, Some(3), 2.0),
            Preset::Noisy => (1.5, Some(5), 3.0),
        };
        Self { alpha: 0.01, harm_ratio, cap, beta: 0.05, safe_ratio }
    }

    /// The same with a part of α, as several metrics of one deployment share it. β stays whole: a deployment
    /// is safe only when every metric is, so one that is not has to be mistaken itself.
    #[must_use]
    pub const fn with_budget(self, share: f64) -> Self {
        Self { alpha: self.alpha * share, ..self }
    }

    /// Whether they promise something.
    pub fn check(&self) -> Result<(), InvalidSettings> {
        level(self.alpha)?;
        level(self.beta)?;
        ratio(self.harm_ratio)?;
        ratio(self.safe_ratio)?;
        if self.cap == Some(0) {
            return Err(InvalidSettings::Cap);
        }
        let (safe, harm) = (self.safe_ratio, self.harm_ratio);
        if safe > harm { Ok(()) } else { Err(InvalidSettings::Order { safe, harm }) }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::preset(Preset::Default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_promises_something() {
        for preset in [Preset::Strict, Preset::Default, Preset::Noisy] {
            assert_eq!(Settings::preset(preset).check(), Ok(()));
        }
    }

    #[test]
    fn the_presets_are_documented_as_they_are() {
        let documented = include_str!("../docs/analysis.md");
        for (name, preset) in
            [("strict", Preset::Strict), ("default", Preset::Default), ("noisy", Preset::Noisy)]
        {
            let Settings { harm_ratio, cap, safe_ratio, .. } = Settings::preset(preset);
            let row = format!("| `{name}` | {harm_ratio} | {} | {safe_ratio} |", cap.unwrap_or(1));
            assert!(documented.contains(&row), "{row}");
        }
    }

    #[test]
    fn settings_that_promise_nothing_are_refused() {
        let good = Settings::default();
        for bad in [
            Settings { alpha: 0.0, ..good },
            Settings { alpha: f64::NAN, ..good },
            Settings { beta: 0.6, ..good },
            Settings { harm_ratio: 0.9, ..good },
            Settings { harm_ratio: f64::INFINITY, ..good },
            Settings { safe_ratio: good.harm_ratio, ..good },
            Settings { cap: Some(0), ..good },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
