//! The candidate's share of production traffic.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// A share that is not between 0 and 1000 per mille.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{permille} per mille is out of range: a share is 0 to 1000 per mille (0 % to 100 %)")]
#[non_exhaustive]
pub struct OutOfRange {
    /// The number as given.
    pub permille: u32,
}

/// A share of production traffic in per mille, 0 to 1000, so that ECS's finest step (0.1 %) is exact.
///
/// An Application Load Balancer's own weights are 0 to 999 and relative; the router's adapter
/// translates (`(0, 1)` at the ends, `(1000 - w, w)` between).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Weight(u16);

impl Weight {
    /// No production traffic.
    pub const ZERO: Self = Self(0);
    /// All production traffic.
    pub const FULL: Self = Self(1000);

    /// A weight in per mille; `100` is 10 %.
    pub fn permille(permille: u32) -> Result<Self, OutOfRange> {
        match u16::try_from(permille) {
            Ok(small) if small <= 1000 => Ok(Self(small)),
            _ => Err(OutOfRange { permille }),
        }
    }

    /// A weight in whole percents.
    pub fn percent(percent: u32) -> Result<Self, OutOfRange> {
        Self::permille(percent.saturating_mul(10))
    }

    /// The largest weight not above `permille`.
    #[must_use]
    pub fn at_most(permille: u64) -> Self {
        Self(u16::try_from(permille.min(1000)).unwrap_or(1000))
    }

    /// The number of per mille.
    pub const fn as_permille(self) -> u16 {
        self.0
    }

    /// What the other role has.
    #[must_use]
    pub const fn complement(self) -> Self {
        Self(1000 - self.0)
    }
}

impl TryFrom<u32> for Weight {
    type Error = OutOfRange;
    fn try_from(permille: u32) -> Result<Self, OutOfRange> {
        Self::permille(permille)
    }
}

impl From<Weight> for u32 {
    fn from(weight: Weight) -> Self {
        Self::from(weight.0)
    }
}

impl fmt::Display for Weight {
    /// In percent: `12.5 %`, `10 %`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 10, self.0 % 10) {
            (whole, 0) => write!(f, "{whole} %"),
            (whole, tenth) => write!(f, "{whole}.{tenth} %"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_cannot_be_out_of_range() {
        assert_eq!(Weight::permille(1).unwrap().to_string(), "0.1 %");
        assert_eq!(Weight::percent(100).unwrap(), Weight::FULL);
        assert!(Weight::permille(1001).is_err());
        assert!(Weight::percent(u32::MAX).is_err());
        assert_eq!(Weight::at_most(u64::MAX), Weight::FULL);
        assert!(serde_json::from_str::<Weight>("1001").is_err());
    }
}
