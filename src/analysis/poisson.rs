//! The Poisson law, and what a cap does to a period's evidence under it.

use super::real::LARGEST;
use super::real::nearest;
use super::real::real;

/// The part of a Poisson law that is not lost in rounding, with running sums.
#[derive(Debug, Clone)]
struct Poisson {
    first: u64,
    mean: f64,
    /// The probability of each count from `first` on.
    law: Vec<f64>,
    /// Sums of probability, of count × probability and of count² × probability up to and with each count.
    sums: Vec<[f64; 3]>,
}

impl Poisson {
    fn new(mean: f64) -> Self {
        let width = 9.0 * mean.sqrt() + 20.0;
        let first = nearest((mean - width).max(0.0)).unwrap_or(0);
        let last = nearest(mean + width).unwrap_or(first);
        let start = real(first);
        let log_first = start * libm::log(mean) - mean - libm::lgamma(start + 1.0);
        let mut probability = if mean > 0.0 { libm::exp(log_first) } else { 1.0 };
        let mut sum = [0.0; 3];
        let (mut law, mut sums) = (Vec::new(), Vec::new());
        for count in first..=last {
            let x = real(count);
            if count > first {
                probability *= mean / x;
            }
            sum = [sum[0] + probability, sum[1] + x * probability, sum[2] + x * x * probability];
            law.push(probability);
            sums.push(sum);
        }
        Self { first, mean, law, sums }
    }

    /// The sums up to a number that is not negative, infinity included.
    fn up_to(&self, most: f64) -> [f64; 3] {
        let most = nearest(libm::floor(most)).unwrap_or(LARGEST);
        let Some(most) = most.checked_sub(self.first) else { return [0.0; 3] };
        let at = usize::try_from(most).unwrap_or(usize::MAX);
        self.sums.get(at).or_else(|| self.sums.last()).copied().unwrap_or_default()
    }
}

/// Bad requests of both sides in one period: independent and Poisson.
#[derive(Debug, Clone)]
pub(super) struct BadRequests {
    candidate: Poisson,
    stable: Poisson,
}

impl BadRequests {
    /// With so many of each side expected.
    pub(super) fn expected(candidate: f64, stable: f64) -> Self {
        Self { candidate: Poisson::new(candidate), stable: Poisson::new(stable) }
    }

    /// Mean and variance of `min(gain · candidate − loss · stable, most)`, for a positive loss.
    pub(super) fn capped(&self, gain: f64, loss: f64, most: f64) -> (f64, f64) {
        let mean = gain * self.candidate.mean - loss * self.stable.mean;
        let free = gain * gain * self.candidate.mean + loss * loss * self.stable.mean;
        if most.is_infinite() {
            return (mean, free);
        }
        // what is beyond the cap and what is not are summed apart: the one may be a million times the other
        let [all, linear_all, square_all] = self.stable.up_to(f64::INFINITY);
        let (mut first, mut second, mut whole) = (0.0, 0.0, 0.0);
        for (at, probability) in (self.candidate.first..).zip(&self.candidate.law) {
            let gained = gain * real(at);
            let over = gained - most;
            let beyond = if over > 0.0 { self.stable.up_to(over / loss) } else { [0.0; 3] };
            let [capped, linear, square] = beyond;
            let (free, linear, square) = (all - capped, linear_all - linear, square_all - square);
            whole += probability * all;
            first += probability * (most * capped + gained * free - loss * linear);
            second += probability
                * (most * most * capped + gained * gained * free - 2.0 * gained * loss * linear
                    + loss * loss * square);
        }
        let (first, second) = (first / whole, second / whole);
        let variance = second - first * first;
        // what is left of a difference of equal numbers is nothing
        (first, if variance < 1e-9 * second { 0.0 } else { variance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_are_those_of_a_sum_over_every_case() {
        let (gain, loss, most) = (1.1, 0.2, 1.5);
        for (candidate, stable) in [(0.05, 0.9), (3.0, 10.0), (40.0, 25.0)] {
            let law = BadRequests::expected(candidate, stable);
            let (mut first, mut second) = (0.0, 0.0);
            for (x, p) in (law.candidate.first..).zip(&law.candidate.law) {
                for (y, q) in (law.stable.first..).zip(&law.stable.law) {
                    let earned = (gain * real(x) - loss * real(y)).min(most);
                    first += p * q * earned;
                    second += p * q * earned * earned;
                }
            }
            let (mean, variance) = law.capped(gain, loss, most);
            assert!((mean - first).abs() < 1e-9, "{mean} is not {first}");
            assert!((variance - (second - first * first)).abs() < 1e-8, "{variance}");
            let (mean, variance) = law.capped(gain, loss, f64::INFINITY);
            assert!((mean - (gain * candidate - loss * stable)).abs() < 1e-12);
            assert!(variance > 0.0);
        }
    }

    #[test]
    fn a_side_without_bad_requests_has_none() {
        let law = BadRequests::expected(0.0, 2.0);
        let (mean, _) = law.capped(1.0, 0.5, 1.0);
        assert!((mean + 1.0).abs() < 1e-12, "{mean}");
    }
}
