//! The binomial distribution, and one whose probability is drawn too.

use super::gamma::Gamma;
use super::rng::Rng;

/// Below this many expected successes counting up from zero is quickest.
const FEW: f64 = 10.0;

/// How many of so many trials succeed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Binomial {
    /// The trials.
    pub(super) trials: u32,
    /// The probability of each to succeed, from 0 to 1.
    pub(super) probability: f64,
}

impl Binomial {
    /// One number. The same for the same generator on every platform.
    pub(super) fn draw(self, rng: &mut Rng) -> u32 {
        let Self { trials, probability } = self;
        if probability <= 0.0 || trials == 0 {
            return 0;
        }
        if probability >= 1.0 {
            return trials;
        }
        if probability > 0.5 {
            return trials - Self { trials, probability: 1.0 - probability }.draw(rng);
        }
        if f64::from(trials) * probability < FEW { self.count_up(rng) } else { self.reject(rng) }
    }

    /// The same where the trials depend on each other: the probability is itself drawn from a beta
    /// distribution with this intra-class correlation, from 0 to 1.
    pub(super) fn draw_correlated(self, rho: f64, rng: &mut Rng) -> u32 {
        let p = self.probability;
        if rho <= 0.0 || p <= 0.0 || p >= 1.0 {
            return self.draw(rng);
        }
        let weight = (1.0 - rho.min(1.0)) / rho.min(1.0);
        let yes = Gamma { shape: (p * weight).max(f64::MIN_POSITIVE) }.draw(rng);
        let no = Gamma { shape: ((1.0 - p) * weight).max(f64::MIN_POSITIVE) }.draw(rng);
        let sum = yes + no;
        // shapes so small that both vanish: all or nothing
        let probability = if sum > 0.0 { yes / sum } else { f64::from(u8::from(rng.unit() < p)) };
        Self { probability, ..self }.draw(rng)
    }

    /// Inversion, term by term.
    fn count_up(self, rng: &mut Rng) -> u32 {
        let (n, odds) = (f64::from(self.trials), self.probability / (1.0 - self.probability));
        let none = libm::exp(n * libm::log1p(-self.probability));
        loop {
            let (mut left, mut term, mut k) = (rng.unit(), none, 0.0);
            while left > term && k < n {
                left -= term;
                k += 1.0;
                term *= odds * (n - k + 1.0) / k;
            }
            // what rounding left over beyond the last term is drawn again
            if left <= term {
                return whole(k);
            }
        }
    }

    /// Hörmann's transformed rejection (1993), with the exact test.
    fn reject(self, rng: &mut Rng) -> u32 {
        let (n, p) = (f64::from(self.trials), self.probability);
        let deviation = libm::sqrt(n * p * (1.0 - p));
        let breadth = 1.15 + 2.53 * deviation;
        let slant = -0.0873 + 0.0248 * breadth + 0.01 * p;
        let centre = n * p + 0.5;
        let quick = 0.92 - 4.2 / breadth;
        let odds = p / (1.0 - p);
        let alpha = (2.83 + 5.1 / breadth) * deviation;
        let mode = libm::floor((n + 1.0) * p);
        loop {
            let (place, v) = (rng.unit() - 0.5, rng.unit());
            let edge = 0.5 - libm::fabs(place);
            let k = libm::floor((2.0 * slant / edge + breadth) * place + centre);
            if k < 0.0 || k > n {
                continue;
            }
            if edge >= 0.07 && v <= quick {
                return whole(k);
            }
            let height = libm::log(v * alpha / (slant / (edge * edge) + breadth));
            let bound = (mode + 0.5) * libm::log((mode + 1.0) / (odds * (n - mode + 1.0)))
                + (n + 1.0) * libm::log((n - mode + 1.0) / (n - k + 1.0))
                + (k + 0.5) * libm::log(odds * (n - k + 1.0) / (k + 1.0))
                + tail(mode)
                + tail(n - mode)
                - tail(k)
                - tail(n - k);
            if height <= bound {
                return whole(k);
            }
        }
    }
}

/// What Stirling's formula for the logarithm of (k + 1)! leaves over.
fn tail(k: f64) -> f64 {
    const FIRST: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_09,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    if k < 10.0 {
        return usize::try_from(whole(k)).ok().and_then(|k| FIRST.get(k)).copied().unwrap_or(0.0);
    }
    let next = k + 1.0;
    let square = next * next;
    (1.0 / 12.0 - (1.0 / 360.0 - 1.0 / 1260.0 / square) / square) / next
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number between zero and the trials"
)]
fn whole(k: f64) -> u32 {
    k as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often each number was drawn.
    fn histogram(times: u32, mut draw: impl FnMut() -> u32) -> Vec<f64> {
        let mut seen = Vec::new();
        for _ in 0..times {
            let k = usize::try_from(draw()).unwrap();
            if seen.len() <= k {
                seen.resize(k + 1, 0.0);
            }
            seen[k] += 1.0;
        }
        seen
    }

    fn ln_choose(n: f64, k: f64) -> f64 {
        libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
    }

    /// Pearson's statistic over the numbers that are expected often enough, and how many those are.
    fn misfit(seen: &[f64], times: u32, ln_chance: impl Fn(f64) -> f64) -> (f64, f64) {
        let (mut statistic, mut cells) = (0.0, 0.0);
        for (k, seen) in (0_u32..).zip(seen) {
            let expected = f64::from(times) * libm::exp(ln_chance(f64::from(k)));
            if expected >= 20.0 {
                statistic += (seen - expected) * (seen - expected) / expected;
                cells += 1.0;
            }
        }
        (statistic, cells)
    }

    /// Five standard deviations of a chi-square distribution.
    fn fits((statistic, cells): (f64, f64)) -> bool {
        cells >= 4.0 && statistic < cells + 5.0 * libm::sqrt(2.0 * cells)
    }

    #[test]
    fn numbers_are_drawn_as_often_as_they_should_be() {
        for (trials, probability) in
            [(50, 0.02), (1200, 0.001), (1200, 0.008), (400, 0.3), (12_000, 0.05), (30, 0.97)]
        {
            let (mut rng, n) = (Rng::new(3), f64::from(trials));
            let binomial = Binomial { trials, probability };
            let seen = histogram(60_000, || binomial.draw(&mut rng));
            let chance = |k: f64| {
                let (yes, no) = (libm::log(probability), libm::log1p(-probability));
                ln_choose(n, k) + k * yes + (n - k) * no
            };
            let misfit = misfit(&seen, 60_000, chance);
            assert!(fits(misfit), "{trials} at {probability}: {misfit:?}");
        }
    }

    #[test]
    fn correlated_trials_are_beta_binomial() {
        for (trials, p, rho) in [(1200, 0.001, 0.002), (12_000, 0.001, 0.002), (60, 0.2, 0.1)] {
            let (mut rng, n) = (Rng::new(5), f64::from(trials));
            let binomial = Binomial { trials, probability: p };
            let seen = histogram(60_000, || binomial.draw_correlated(rho, &mut rng));
            let (a, b) = (p * (1.0 - rho) / rho, (1.0 - p) * (1.0 - rho) / rho);
            let ln_beta = |a: f64, b: f64| libm::lgamma(a) + libm::lgamma(b) - libm::lgamma(a + b);
            let chance = |k: f64| ln_choose(n, k) + ln_beta(k + a, n - k + b) - ln_beta(a, b);
            let misfit = misfit(&seen, 60_000, chance);
            assert!(fits(misfit), "{trials} at {p}, {rho}: {misfit:?}");
        }
    }

    #[test]
    fn the_ends_need_no_luck() {
        let mut rng = Rng::new(1);
        let drawn = |trials, probability, rng: &mut Rng| {
            Binomial { trials, probability }.draw_correlated(0.01, rng)
        };
        assert_eq!((drawn(9, 0.0, &mut rng), drawn(9, 1.0, &mut rng)), (0, 9));
        assert_eq!(drawn(0, 0.5, &mut rng), 0);
    }
}
