//! The samples of one metric in one period.

/// Values, each with how often it was seen.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Samples {
    values: Vec<(f64, f64)>,
}

impl Samples {
    /// Values, each with how often it was seen.
    pub(super) const fn new(values: Vec<(f64, f64)>) -> Self {
        Self { values }
    }

    /// Forgets them all, for those of another period.
    pub(super) fn clear(&mut self) {
        self.values.clear();
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Adds the value 1, seen so often; none where it was not seen.
    pub(super) fn add_ones(&mut self, count: u64) {
        if count > 0 {
            self.values.push((1.0, number(count)));
        }
    }

    /// Adds one value.
    pub(super) fn add_one(&mut self, value: f64) {
        self.values.push((value, 1.0));
    }

    /// Adds response times in seconds with this 99th percentile in milliseconds.
    pub(super) fn add_times(&mut self, count: u64, p99_ms: u32) {
        let (count, p99) = (number(count), f64::from(p99_ms) / 1000.0);
        let shape = [(0.15, 0.5), (0.5, 0.4), (0.65, 0.05), (1.0, 0.04), (1.5, 0.01)];
        self.values.extend(shape.map(|(of, share)| (p99 * of, count * share)));
    }

    /// More of them.
    pub(super) fn add(&mut self, other: &Self) {
        self.values.extend_from_slice(&other.values);
    }

    /// A statistic in CloudWatch's words; none for one that is not modelled, or without samples.
    pub(super) fn statistic(&self, name: &str) -> Option<f64> {
        let count: f64 = self.values.iter().map(|(_, count)| count).sum();
        if count <= 0.0 {
            return None;
        }
        let sum = || self.values.iter().map(|(value, count)| value * count).sum::<f64>();
        let values = || self.values.iter().map(|(value, _)| *value);
        match name {
            "SampleCount" => Some(count),
            "Sum" => Some(sum()),
            "Average" => Some(sum() / count),
            "Minimum" => values().reduce(f64::min),
            "Maximum" => values().reduce(f64::max),
            _ => match rank(name) {
                Some(bounds) => Some(self.between(bounds) / count * 100.0),
                None => self.percentile(percent(name)?, count),
            },
        }
    }

    /// How many are above the first and not above the second.
    fn between(&self, (low, high): (f64, f64)) -> f64 {
        let within = |value: f64| value > low && value <= high;
        self.values.iter().filter(|(value, _)| within(*value)).map(|(_, count)| count).sum()
    }

    fn percentile(&self, percent: f64, count: f64) -> Option<f64> {
        let mut sorted = self.values.clone();
        sorted.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let mut seen = 0.0;
        // rounding must not carry a percentile into the next value
        let wanted = (count * percent / 100.0).max(f64::MIN_POSITIVE) * (1.0 - 1e-9);
        for (value, count) in &sorted {
            seen += count;
            if seen >= wanted {
                return Some(*value);
            }
        }
        sorted.last().map(|(value, _)| *value)
    }
}

/// The percent of `p99` or `p99.9`.
fn percent(name: &str) -> Option<f64> {
    let percent: f64 = name.strip_prefix('p')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent)
}

/// The bounds of a percentile rank, `PR(:0.5)` or `PR(0.1:0.5)`.
fn rank(name: &str) -> Option<(f64, f64)> {
    let (low, high) = name.strip_prefix("PR(")?.strip_suffix(')')?.split_once(':')?;
    let bound = |text: &str, open: f64| match text {
        "" => Some(open),
        _ => text.parse().ok(),
    };
    Some((bound(low, f64::NEG_INFINITY)?, bound(high, f64::INFINITY)?))
}

/// Whether this statistic is modelled.
pub(super) fn is_statistic(name: &str) -> bool {
    matches!(name, "SampleCount" | "Sum" | "Average" | "Minimum" | "Maximum")
        || percent(name).is_some()
        || rank(name).is_some()
}

/// A count as CloudWatch has them.
pub(super) fn number(count: u64) -> f64 {
    // beyond 2^32 in a minute nobody counts
    u32::try_from(count).map_or_else(|_| f64::from(u32::MAX), f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_those_of_the_values() {
        let samples = Samples::new(vec![(10.0, 2.0), (1.0, 1.0), (4.0, 1.0)]);
        let of = |name: &str| samples.statistic(name).unwrap();
        assert_eq!((of("SampleCount"), of("Sum"), of("Average")), (4.0, 25.0, 6.25));
        assert_eq!((of("Minimum"), of("Maximum")), (1.0, 10.0));
        assert_eq!((of("p25"), of("p50"), of("p51"), of("p100")), (1.0, 4.0, 10.0, 10.0));
        assert_eq!((of("PR(:4)"), of("PR(1:)"), of("PR(1:4)")), (50.0, 75.0, 25.0));
        assert_eq!(samples.statistic("tm99"), None);
        assert_eq!(Samples::default().statistic("Sum"), None);
    }

    #[test]
    fn response_times_have_the_percentile_that_they_were_made_from() {
        for count in [1, 7, 100, 12_345] {
            let mut times = Samples::default();
            times.add_times(count, 400);
            assert_eq!(times.statistic("p99"), Some(0.4));
            assert_eq!(times.statistic("p50"), Some(0.06));
        }
    }
}
