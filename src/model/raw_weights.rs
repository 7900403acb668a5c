//! A share as a load balancer spells it.

use super::weight::Weight;

/// A load balancer's own weights, 0 to 999 each: only their ratio counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "two roles by definition")]
pub struct RawWeights {
    /// Stable's.
    pub stable: u16,
    /// The candidate's.
    pub candidate: u16,
}

impl From<Weight> for RawWeights {
    /// The weights to write for a candidate's share.
    fn from(share: Weight) -> Self {
        // a raw weight of 1000 is not allowed, so the ends are written as 1 and 0
        let (stable, candidate) = match share.as_permille() {
            0 => (1, 0),
            1000 => (0, 1),
            share => (1000 - share, share),
        };
        Self { stable, candidate }
    }
}

impl RawWeights {
    /// The share that they give the candidate. Only what is none reads as none, and all as all.
    pub fn share(self) -> Weight {
        let (stable, candidate) = (u64::from(self.stable), u64::from(self.candidate));
        match (stable, candidate) {
            (_, 0) => Weight::ZERO,
            (0, _) => Weight::FULL,
            _ => {
                let sum = stable + candidate;
                Weight::at_most(((candidate * 1000 + sum / 2) / sum).clamp(1, 999))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_weight_is_written_within_the_limits_and_read_back_the_same() {
        for permille in 0..=1000 {
            let weight = Weight::permille(permille).unwrap();
            let raw = RawWeights::from(weight);
            assert!(raw.stable <= 999 && raw.candidate <= 999 && raw.stable + raw.candidate > 0);
            assert_eq!(raw.share(), weight);
        }
    }

    #[test]
    fn a_little_is_never_read_as_none_or_all() {
        let share = |stable, candidate| RawWeights { stable, candidate }.share();
        assert_eq!(share(999, 0), Weight::ZERO);
        assert_eq!(share(0, 7), Weight::FULL);
        assert!(share(1, 999) < Weight::FULL);
        assert!(share(999, 1) > Weight::ZERO);
    }
}
