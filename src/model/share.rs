//! A share of a service's desired count.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::weight::OutOfRange;

/// A share of the *current* desired count, in per mille, 0 to 1000. Counts round up, as ECS rounds
/// `computedDesiredCount` of a task set.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u32", into = "u32")]
pub struct Share(u16);

impl Share {
    /// Every task.
    pub const FULL: Self = Self(1000);

    /// A share in per mille.
    pub fn permille(permille: u32) -> Result<Self, OutOfRange> {
        match u16::try_from(permille) {
            Ok(small) if small <= 1000 => Ok(Self(small)),
            _ => Err(OutOfRange { permille }),
        }
    }

    /// A share in whole percents.
    pub fn percent(percent: u32) -> Result<Self, OutOfRange> {
        Self::permille(percent.saturating_mul(10))
    }

    /// The number of per mille.
    pub const fn as_permille(self) -> u16 {
        self.0
    }

    /// The tasks this is of `desired`, rounded up.
    pub fn of(self, desired: u32) -> u32 {
        let tasks = (u64::from(desired) * u64::from(self.0)).div_ceil(1000);
        u32::try_from(tasks).unwrap_or(desired)
    }
}

impl TryFrom<u32> for Share {
    type Error = OutOfRange;
    fn try_from(permille: u32) -> Result<Self, OutOfRange> {
        Self::permille(permille)
    }
}

impl From<Share> for u32 {
    fn from(share: Share) -> Self {
        Self::from(share.0)
    }
}

impl fmt::Display for Share {
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
    fn counts_round_up_as_ecs_does() {
        let share = |permille| Share::permille(permille).unwrap();
        assert_eq!(share(100).of(3), 1);
        assert_eq!(share(500).of(1), 1);
        assert_eq!(share(1000).of(7), 7);
        assert_eq!(share(0).of(7), 0);
        assert_eq!(Share::FULL.of(u32::MAX), u32::MAX);
    }
}
