//! From counts to numbers, exactly.

/// The largest count for which every smaller one is a `f64` of its own.
pub(super) const LARGEST: u64 = 1 << 53;

/// The count as a number. Exact, because no count above [`LARGEST`] is accepted.
#[expect(clippy::cast_precision_loss, reason = "counts are checked to be at most 2^53")]
pub(super) const fn real(count: u64) -> f64 {
    count as f64
}

/// The nearest count to a sum, or nothing where it is no count: not finite, negative or above [`LARGEST`].
#[expect(clippy::cast_possible_truncation, reason = "its range is checked just before")]
#[expect(clippy::cast_sign_loss, reason = "its sign is checked just before")]
pub(super) fn nearest(sum: f64) -> Option<u64> {
    let whole = libm::rint(sum);
    (0.0..=real(LARGEST)).contains(&whole).then_some(whole as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_that_is_no_count_is_none() {
        for sum in [f64::NAN, f64::INFINITY, -1.0, 1e16] {
            assert_eq!(nearest(sum), None, "{sum}");
        }
        assert_eq!(nearest(2.6), Some(3));
        assert_eq!(nearest(9_007_199_254_740_992.0), Some(LARGEST));
    }
}
