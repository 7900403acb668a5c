//! Numbers that can be compared, stored and read back without a surprise.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// A number that is neither infinite nor `NaN`.
///
/// Equal means equal bit for bit, but for the two zeros, and what is written as JSON is read back as
/// the same bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Finite(f64);

/// `NaN`, or an infinity.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("{0} is no number to compare with; give a finite one")]
#[non_exhaustive]
pub struct NotFinite(f64);

impl Finite {
    /// Zero.
    pub const ZERO: Self = Self(0.0);

    /// The number.
    ///
    /// # Errors
    ///
    /// [`NotFinite`] for `NaN` and the infinities.
    pub const fn new(number: f64) -> Result<Self, NotFinite> {
        if number.is_finite() { Ok(Self(number)) } else { Err(NotFinite(number)) }
    }

    /// The number.
    pub const fn get(self) -> f64 {
        self.0
    }
}

// without `NaN` equality is reflexive
impl Eq for Finite {}

impl TryFrom<f64> for Finite {
    type Error = NotFinite;

    fn try_from(number: f64) -> Result<Self, NotFinite> {
        Self::new(number)
    }
}

impl From<u32> for Finite {
    fn from(number: u32) -> Self {
        Self(f64::from(number))
    }
}

impl From<Finite> for f64 {
    fn from(number: Finite) -> Self {
        number.0
    }
}

impl fmt::Display for Finite {
    /// As short as it can be read back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_is_refused() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(Finite::new(number).is_err(), "{number}");
        }
        assert!(serde_json::from_str::<Finite>("1e999").is_err());
    }

    #[test]
    fn json_keeps_every_bit() {
        for number in [0.1 + 0.2, 1.0 / 3.0, f64::MIN_POSITIVE, f64::MAX, -4.605_170_185_988_091] {
            let text = serde_json::to_string(&Finite(number)).unwrap();
            let read: Finite = serde_json::from_str(&text).unwrap();
            assert_eq!(read.get().to_bits(), number.to_bits(), "{text}");
        }
    }
}
