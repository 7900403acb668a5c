//! A number that differs from run to run.

use serde::Serialize;

/// A number that differs from run to run: its mean and quantiles. All zero where it was never seen.
///
/// A quantile is a number that was seen: the smallest one that at least so large a share of the runs
/// does not exceed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Distribution {
    /// How many runs it was seen in.
    pub count: u64,
    /// The mean.
    pub mean: f64,
    /// The smallest.
    pub min: u64,
    /// One run in ten is at or below it.
    pub p10: u64,
    /// The median.
    pub p50: u64,
    /// Nine runs in ten are at or below it.
    pub p90: u64,
    /// 99 runs in a hundred are at or below it.
    pub p99: u64,
    /// The largest.
    pub max: u64,
}

impl Distribution {
    /// Of these numbers.
    pub(super) fn of(numbers: impl Iterator<Item = u64>) -> Self {
        let mut all: Vec<u64> = numbers.collect();
        all.sort_unstable();
        let quantile = |percent: usize| {
            let rank = (all.len() * percent).div_ceil(100).max(1);
            all.get(rank - 1).copied().unwrap_or_default()
        };
        let sum: u128 = all.iter().copied().map(u128::from).sum();
        let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
        Self {
            count,
            mean: mean(sum, count),
            min: quantile(0),
            p10: quantile(10),
            p50: quantile(50),
            p90: quantile(90),
            p99: quantile(99),
            max: quantile(100),
        }
    }
}

/// To a thousandth, so that it is the same number everywhere.
fn mean(sum: u128, count: u64) -> f64 {
    let thousandths = sum.saturating_mul(1000) / u128::from(count.max(1));
    let (whole, rest) = (thousandths / 1000, thousandths % 1000);
    let number = |part: u128| u32::try_from(part).map_or_else(|_| f64::from(u32::MAX), f64::from);
    let (high, low) = (whole >> 32, whole & 0xffff_ffff);
    number(high) * 4_294_967_296.0 + number(low) + number(rest) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_numbers_that_were_seen() {
        let of = Distribution::of((1..=1000).rev());
        assert_eq!((of.min, of.p10, of.p50, of.p90, of.p99, of.max), (1, 100, 500, 900, 990, 1000));
        assert_eq!((of.count, of.mean), (1000, 500.5));
        let one = Distribution::of([7].into_iter());
        assert_eq!((one.min, one.p50, one.p99, one.max, one.mean), (7, 7, 7, 7, 7.0));
        assert_eq!(Distribution::of([].into_iter()), Distribution::default());
        let large = Distribution::of([1 << 40, (1 << 40) + 1].into_iter());
        assert_eq!((large.mean, large.min), (1_099_511_627_776.5, 1 << 40));
    }
}
