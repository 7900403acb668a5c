//! Fine shares.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// A share in millionths, 0 to 1 000 000: fine enough for objectives with four nines behind the point.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Ppm(u32);

/// More than everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} millionths are more than everything")]
#[non_exhaustive]
pub struct TooMuch(u32);

impl Ppm {
    /// Everything.
    pub const WHOLE: Self = Self(1_000_000);

    /// So many millionths.
    ///
    /// # Errors
    ///
    /// [`TooMuch`] for more than a million.
    pub const fn new(millionths: u32) -> Result<Self, TooMuch> {
        if millionths > 1_000_000 { Err(TooMuch(millionths)) } else { Ok(Self(millionths)) }
    }

    /// The number of millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// The rest of the whole.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(1_000_000_u32.saturating_sub(self.0))
    }
}

impl TryFrom<u32> for Ppm {
    type Error = TooMuch;

    fn try_from(millionths: u32) -> Result<Self, TooMuch> {
        Self::new(millionths)
    }
}

impl From<Ppm> for u32 {
    fn from(share: Ppm) -> Self {
        share.0
    }
}

impl fmt::Display for Ppm {
    /// In percent: `99.95 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return write!(f, "{whole} %");
        }
        let rest = format!("{rest:04}");
        write!(f, "{whole}.{} %", rest.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_in_percent() {
        let shown =
            [999_500, 50_000, 1, 1_000_000].map(|share| Ppm::new(share).unwrap().to_string());
        assert_eq!(shown, ["99.95 %", "5 %", "0.0001 %", "100 %"]);
        assert!(Ppm::new(1_000_001).is_err());
    }
}
