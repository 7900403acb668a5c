//! When a sum of many small gains first reaches a barrier.

use std::f64::consts::FRAC_1_SQRT_2;

/// A sum that gains so much on average in each period, with such a variance, and the barrier it is to reach.
/// In the limit of many small gains the time it takes is inverse Gaussian.
#[derive(Debug, Clone, Copy)]
pub(super) struct FirstPassage {
    pub(super) drift: f64,
    pub(super) variance: f64,
    pub(super) barrier: f64,
}

/// `exp(x²) · erfc(x)` for `x ≥ 0`, without overflow.
fn scaled_erfc(x: f64) -> f64 {
    if x < 5.0 {
        return libm::exp(x * x) * libm::erfc(x);
    }
    // the asymptotic series; from 5 on its next term is below 1e-5 of the whole
    let square = 2.0 * x * x;
    let series = 1.0 - 1.0 / square + 3.0 / (square * square) - 15.0 / (square * square * square);
    series / (x * std::f64::consts::PI.sqrt())
}

impl FirstPassage {
    /// The probability that the barrier has been reached after so many periods:
    /// `Φ((μt − B)/σ√t) + exp(2μB/σ²) Φ(−(μt + B)/σ√t)`.
    pub(super) fn by(&self, periods: f64) -> f64 {
        if periods <= 0.0 || self.variance <= 0.0 {
            let there = periods > 0.0 && self.drift * periods >= self.barrier;
            return if there { 1.0 } else { 0.0 };
        }
        let width = (self.variance * periods).sqrt();
        let near = (self.drift * periods - self.barrier) / width * FRAC_1_SQRT_2;
        let far = (self.drift * periods + self.barrier) / width * FRAC_1_SQRT_2;
        // both factors of the second term may be out of range, their product is not
        let second = if far > 0.0 {
            libm::exp(-near * near) * scaled_erfc(far)
        } else {
            libm::exp(2.0 * self.drift * self.barrier / self.variance) * libm::erfc(far)
        };
        (0.5 * (libm::erfc(-near) + second)).clamp(0.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_probabilities_are_those_of_the_inverse_gaussian_law() {
        // mean 2 and shape 3, values from an integral of the density
        let passage = FirstPassage { drift: 1.0, variance: 4.0 / 3.0, barrier: 2.0 };
        for (periods, probability) in
            [(0.5, 0.055_186_836), (1.0, 0.287_386_744), (2.0, 0.643_670_625), (5.0, 0.944_710_515)]
        {
            assert!((passage.by(periods) - probability).abs() < 1e-9, "{}", passage.by(periods));
        }
    }

    #[test]
    fn it_neither_overflows_nor_leaves_its_range() {
        for (drift, barrier) in [(1.0, 1000.0), (5.0, 1e5), (-1.0, 3.0), (-50.0, 1e4), (0.0, 2.0)] {
            let passage = FirstPassage { drift, variance: 0.5, barrier };
            let mut before = 0.0;
            for at in 1..2000 {
                let now = passage.by(f64::from(at));
                assert!((0.0..=1.0).contains(&now) && now >= before - 1e-9, "{passage:?} at {at}");
                before = now;
            }
        }
        let sure = FirstPassage { drift: 1.0, variance: 0.0, barrier: 3.0 };
        assert!(sure.by(2.0) < 0.5 && sure.by(3.0) > 0.5);
    }
}
