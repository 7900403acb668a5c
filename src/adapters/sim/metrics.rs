//! Metrics by the minute.

use std::collections::VecDeque;
use std::time::Duration;

use super::alarm_spec::Colour;
use super::alarm_spec::Metric;
use super::exposure::MICRO;

/// The length of a metric period.
pub(super) const MINUTE: Duration = Duration::from_mins(1);

/// Minutes that are kept.
const KEPT: usize = 24 * 60;

/// One group's requests within one minute.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    micro: u64,
    failed_micro: u64,
    latency_ms: u32,
}

/// One minute of every metric.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Minute {
    groups: [Sample; 2],
    unserved_micro: u64,
}

impl Minute {
    /// The metric's datum, if there is one.
    pub(super) fn datum(&self, metric: Metric) -> Option<u64> {
        let sample = |colour: Colour| {
            self.groups.get(colour.index()).copied().filter(|sample| sample.micro >= MICRO)
        };
        match metric {
            Metric::Requests(colour) => sample(colour).map(|sample| sample.micro / MICRO),
            Metric::Errors(colour) => sample(colour)
                .map(|sample| sample.failed_micro / MICRO)
                .filter(|failed| *failed > 0),
            Metric::ErrorPermille(colour) => {
                sample(colour).map(|sample| sample.failed_micro.saturating_mul(1000) / sample.micro)
            }
            Metric::LatencyMs(colour) => sample(colour).map(|sample| u64::from(sample.latency_ms)),
            Metric::Unserved => Some(self.unserved_micro / MICRO).filter(|count| *count > 0),
        }
    }

    fn add(&mut self, other: &Self) {
        for (own, more) in self.groups.iter_mut().zip(&other.groups) {
            own.micro += more.micro;
            own.failed_micro += more.failed_micro;
            own.latency_ms = own.latency_ms.max(more.latency_ms);
        }
        self.unserved_micro += other.unserved_micro;
    }
}

/// Metrics by the minute.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    current: Minute,
    /// Complete minutes, oldest first.
    past: VecDeque<Minute>,
    /// How many minutes are over.
    over: u64,
}

impl Metrics {
    /// Counts requests of a group.
    pub(super) fn count(&mut self, group: usize, micro: u64, failed_micro: u64, latency_ms: u32) {
        if let Some(sample) = self.current.groups.get_mut(group) {
            sample.micro += micro;
            sample.failed_micro += failed_micro;
            sample.latency_ms = sample.latency_ms.max(latency_ms);
        }
    }

    /// Counts requests that found no target.
    pub(super) const fn count_unserved(&mut self, micro: u64) {
        self.current.unserved_micro += micro;
    }

    /// The minute is over.
    pub(super) fn close(&mut self) {
        self.past.push_back(std::mem::take(&mut self.current));
        self.over += 1;
        if self.past.len() > KEPT {
            self.past.pop_front();
        }
    }

    /// The minute with this number, counted from the beginning.
    pub(super) fn minute(&self, number: u64) -> Option<&Minute> {
        let kept = u64::try_from(self.past.len()).unwrap_or(u64::MAX);
        let index = number.checked_sub(self.over - kept.min(self.over))?;
        self.past.get(usize::try_from(index).ok()?)
    }

    /// The datum of the period of `minutes` that ends `back` periods before minute `end`.
    pub(super) fn period(&self, metric: Metric, end: u64, back: u64, minutes: u64) -> Option<u64> {
        let last = end.checked_sub(back * minutes)?;
        let first = last.checked_sub(minutes)?;
        let mut sum = Minute::default();
        for minute in (first..last).filter_map(|number| self.minute(number)) {
            sum.add(minute);
        }
        sum.datum(metric)
    }
}
