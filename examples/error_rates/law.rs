//! Laws of counts, sampled exactly.

use cutover::adapters::sim::Rng;

/// How many of `n` requests go badly: its distribution function from 0 up to where the rest is lost in
/// rounding. Drawing is one search; the numbers are the same on every platform.
#[derive(Debug, Clone)]
pub(crate) struct Law {
    cumulative: Vec<f64>,
}

impl Law {
    /// Each request goes badly with probability `rate`, independently of the others.
    pub(crate) fn binomial(n: u32, rate: f64) -> Self {
        let all = f64::from(n);
        let none = libm::exp(all * libm::log1p(-rate));
        let odds = rate / (1.0 - rate);
        Self::from_ratios(n, none, |x| (all - x) / (x + 1.0) * odds)
    }

    /// The rate itself is drawn anew for each period from a beta law with this mean, so that two requests of
    /// a period are correlated by `rho`: errors come in bursts.
    pub(crate) fn beta_binomial(n: u32, rate: f64, rho: f64) -> Self {
        let all = f64::from(n);
        let sum = 1.0 / rho - 1.0;
        let (a, b) = (rate * sum, (1.0 - rate) * sum);
        let log_none =
            libm::lgamma(b + all) - libm::lgamma(b) - libm::lgamma(sum + all) + libm::lgamma(sum);
        let ratio = |x: f64| (all - x) * (x + a) / ((x + 1.0) * (b + all - x - 1.0));
        Self::from_ratios(n, libm::exp(log_none), ratio)
    }

    /// From the probability of nothing, and of one more over that of `x`.
    fn from_ratios(n: u32, none: f64, ratio: impl Fn(f64) -> f64) -> Self {
        let (mut probability, mut sum) = (none, none);
        let mut cumulative = vec![none];
        for x in 0..n {
            probability *= ratio(f64::from(x));
            sum += probability;
            cumulative.push(sum);
            if sum > 0.5 && probability < 1e-17 {
                break;
            }
        }
        Self { cumulative }
    }

    /// Draws a count.
    pub(crate) fn draw(&self, rng: &mut Rng) -> u64 {
        let point = uniform(rng);
        let at = self.cumulative.partition_point(|sum| *sum <= point);
        u64::try_from(at.min(self.cumulative.len() - 1)).unwrap_or(u64::MAX)
    }
}

/// A number from 0 up to 1.
pub(crate) fn uniform(rng: &mut Rng) -> f64 {
    // 53 bits, so that every one is exact
    let (high, low) = (rng.bits() >> 32, rng.bits() >> 43);
    let part = |bits: u64| f64::from(u32::try_from(bits).unwrap_or(u32::MAX));
    (part(high) * 2_097_152.0 + part(low)) / 9_007_199_254_740_992.0
}
