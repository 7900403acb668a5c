//! Durations as text.

use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

use super::spec_error::shown;

/// A duration with its units, the largest first: `90s`, `5m`, `1h30m`, `250ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[expect(clippy::exhaustive_structs, reason = "a duration and no more")]
pub struct TimeSpan(
    /// The duration.
    pub Duration,
);

/// What is no duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; give a duration such as `90s`, `5m` or `1h30m`")]
#[non_exhaustive]
pub struct InvalidTimeSpan(String);

/// Each unit with its milliseconds, the largest first.
const UNITS: [(&str, u64); 5] =
    [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

impl FromStr for TimeSpan {
    type Err = InvalidTimeSpan;

    fn from_str(text: &str) -> Result<Self, InvalidTimeSpan> {
        let invalid = || InvalidTimeSpan(shown(text));
        millis(text).map(|millis| Self(Duration::from_millis(millis))).ok_or_else(invalid)
    }
}

impl TryFrom<String> for TimeSpan {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|error: InvalidTimeSpan| format!("is {error}"))
    }
}

fn millis(text: &str) -> Option<u64> {
    let (mut rest, mut total, mut next_unit) = (text, 0_u64, 0);
    while !rest.is_empty() {
        let (count, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, after) = split_where(after, |c| !c.is_ascii_alphabetic());
        let place = UNITS.iter().position(|(name, _)| *name == unit)?;
        if place < next_unit {
            return None;
        }
        next_unit = place + 1;
        let (_, each) = UNITS.get(place)?;
        total = total.checked_add(count.parse::<u64>().ok()?.checked_mul(*each)?)?;
        rest = after.trim_start_matches(' ');
    }
    (next_unit > 0).then_some(total)
}

fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_needed_and_come_largest_first() {
        let good = [
            ("0s", 0),
            ("250ms", 250),
            ("90s", 90_000),
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("2d", 172_800_000),
            ("1m500ms", 60_500),
        ];
        for (text, wanted) in good {
            assert_eq!(millis(text), Some(wanted), "{text}");
        }
        for bad in [
            "",
            "5",
            "m",
            "-5m",
            "5 m",
            "1.5h",
            "30m1h",
            "5m5m",
            "5x",
            "99999999999999999d",
            "5m ,",
        ] {
            assert_eq!(millis(bad), None, "{bad}");
        }
    }
}
