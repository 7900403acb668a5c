//! The one source of chance.

use std::time::Duration;

/// A `SplitMix64` generator: the same seed gives the same numbers on every platform.
#[derive(Debug, Clone)]
pub struct Rng {
    state: u64,
}

impl Rng {
    /// A generator with this seed.
    pub const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero where the bound is zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.bits() % bound }
    }

    /// A span from `low` to `high`, both included, in whole milliseconds.
    pub fn span(&mut self, low: Duration, high: Duration) -> Duration {
        let room = high.saturating_sub(low).as_millis();
        let room = u64::try_from(room).unwrap_or(u64::MAX - 1);
        low.saturating_add(Duration::from_millis(self.below(room.saturating_add(1))))
    }

    /// Whether something with this probability in per mille happens.
    pub fn happens(&mut self, permille: u32) -> bool {
        permille > 0 && self.below(1000) < u64::from(permille)
    }

    /// A number above 0 and below 1, in steps of 2⁻⁵².
    pub(super) fn unit(&mut self) -> f64 {
        let bits = self.bits();
        let (high, low) = (bits >> 32, (bits >> 12) & 0xf_ffff);
        let part = |bits| u32::try_from(bits).map_or(0.0, f64::from);
        // half a step up, so that it is never zero
        (part(high) * 1_048_576.0 + part(low) + 0.5) / 4_503_599_627_370_496.0
    }

    /// Another generator, independent of what this one yields later.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        Self::new(self.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers() {
        let (mut a, mut b) = (Rng::new(7), Rng::new(7));
        assert!((0..100).all(|_| a.bits() == b.bits()));
        assert_ne!(Rng::new(7).bits(), Rng::new(8).bits());
        // the published first output for seed 0
        assert_eq!(Rng::new(0).bits(), 0xe220_a839_7b1d_cdaf);
    }
}
