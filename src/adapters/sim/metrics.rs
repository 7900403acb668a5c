//! Metrics by the minute.

use std::collections::VecDeque;
use std::time::Duration;

use super::alarm_spec::Colour;
use super::alarm_spec::Metric;
use super::exposure::MICRO;
use crate::model::Elapsed;

/// The length of a metric period.
pub(super) const MINUTE: Duration = Duration::from_mins(1);

/// Minutes that are kept.
const KEPT: usize = 24 * 60;

/// One group's requests and targets within one minute.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    micro: u64,
    failed_micro: u64,
    latency_ms: u32,
    /// Requests whose target refused the connection.
    refused_micro: u64,
    /// Healthy and unhealthy targets at the end of it; none while they are not checked.
    hosts: Option<(u32, u32)>,
    /// When it is published, if that is later than other data are.
    late: Option<Elapsed>,
    /// Until when it is shown with only so many per mille of its requests.
    revised: Option<(Elapsed, u32)>,
}

impl Sample {
    /// Requests that reached a target.
    pub(super) const fn requests(self) -> u64 {
        self.micro / MICRO
    }

    /// Those that it failed.
    pub(super) const fn failed(self) -> u64 {
        self.failed_micro / MICRO
    }

    /// Requests whose target refused the connection.
    pub(super) const fn refused(self) -> u64 {
        self.refused_micro / MICRO
    }

    /// The 99th percentile of response times in milliseconds.
    pub(super) const fn latency_ms(self) -> u32 {
        self.latency_ms
    }

    /// As it is shown at this time, if it is then.
    pub(super) fn shown(self, now: Elapsed) -> Option<Self> {
        if self.late.is_some_and(|late| now < late) {
            return None;
        }
        let Some((_, permille)) = self.revised.filter(|(complete, _)| now < *complete) else {
            return Some(self);
        };
        let part = |micro: u64| micro / MICRO * u64::from(permille) / 1000 * MICRO;
        let (micro, failed_micro) = (part(self.micro), part(self.failed_micro));
        Some(Self { micro, failed_micro, refused_micro: part(self.refused_micro), ..self })
    }

    /// Healthy and unhealthy targets; none while they are not checked.
    pub(super) const fn hosts(self) -> Option<(u32, u32)> {
        self.hosts
    }
}

/// One minute of every metric.
#[derive(Debug, Clone, Default)]
pub(super) struct Minute {
    groups: Vec<Sample>,
    /// Requests that a load balancer answered itself, with a 5xx.
    unserved_micro: Vec<u64>,
}

fn slot<T: Default + Clone>(list: &mut Vec<T>, index: usize) -> Option<&mut T> {
    if list.len() <= index && index < usize::MAX {
        list.resize(index + 1, T::default());
    }
    list.get_mut(index)
}

impl Minute {
    /// The metric's datum, if there is one.
    pub(super) fn datum(&self, metric: Metric) -> Option<u64> {
        let sample =
            |colour: Colour| self.sample(colour.index()).filter(|sample| sample.micro >= MICRO);
        match metric {
            Metric::Requests(colour) => sample(colour).map(Sample::requests),
            Metric::Errors(colour) => {
                sample(colour).map(Sample::failed).filter(|failed| *failed > 0)
            }
            Metric::ErrorPermille(colour) => {
                sample(colour).map(|sample| sample.failed_micro.saturating_mul(1000) / sample.micro)
            }
            Metric::LatencyMs(colour) => sample(colour).map(|sample| u64::from(sample.latency_ms)),
            Metric::Unserved => {
                Some(self.unserved_micro.iter().sum::<u64>() / MICRO).filter(|count| *count > 0)
            }
        }
    }

    /// A group's requests and targets.
    pub(super) fn sample(&self, group: usize) -> Option<Sample> {
        self.groups.get(group).copied()
    }

    /// Requests that a load balancer answered itself, with a 5xx.
    pub(super) fn unserved(&self, balancer: usize) -> u64 {
        self.unserved_micro.get(balancer).map_or(0, |micro| micro / MICRO)
    }

    /// The same as it is shown at this time.
    pub(super) fn shown(&self, now: Elapsed) -> Self {
        let mut shown = Self::default();
        shown.add(self, now);
        shown
    }

    /// Adds another minute as it is shown at this time.
    fn add(&mut self, other: &Self, now: Elapsed) {
        for (index, more) in other.groups.iter().enumerate() {
            if let Some(more) = more.shown(now)
                && let Some(own) = slot(&mut self.groups, index)
            {
                own.micro += more.micro;
                own.failed_micro += more.failed_micro;
                own.refused_micro += more.refused_micro;
                own.latency_ms = own.latency_ms.max(more.latency_ms);
                own.hosts = more.hosts.or(own.hosts);
            }
        }
        for (index, more) in other.unserved_micro.iter().enumerate() {
            if let Some(own) = slot(&mut self.unserved_micro, index) {
                *own += more;
            }
        }
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
        if let Some(sample) = slot(&mut self.current.groups, group) {
            sample.micro += micro;
            sample.failed_micro += failed_micro;
            sample.latency_ms = sample.latency_ms.max(latency_ms);
        }
    }

    /// Counts requests that a load balancer answers itself: there was no target, or the one of this
    /// group refused the connection.
    pub(super) fn count_unserved(&mut self, balancer: usize, group: Option<usize>, micro: u64) {
        if let Some(unserved) = slot(&mut self.current.unserved_micro, balancer) {
            *unserved += micro;
        }
        if let Some(sample) = group.and_then(|group| slot(&mut self.current.groups, group)) {
            sample.refused_micro += micro;
        }
    }

    /// Counts a group's healthy and unhealthy targets.
    pub(super) fn count_hosts(&mut self, group: usize, hosts: Option<(u32, u32)>) {
        if let Some(sample) = slot(&mut self.current.groups, group) {
            sample.hosts = hosts;
        }
    }

    /// A group's datum of this minute is published at this time only.
    pub(super) fn delay(&mut self, group: usize, until: Elapsed) {
        if let Some(sample) = slot(&mut self.current.groups, group) {
            sample.late = Some(until);
        }
    }

    /// A group's datum of this minute is shown in part until this time.
    pub(super) fn revise(&mut self, group: usize, complete: Elapsed, permille: u32) {
        if let Some(sample) = slot(&mut self.current.groups, group) {
            sample.revised = Some((complete, permille));
        }
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

    /// How many minutes are over.
    pub(super) const fn over(&self) -> u64 {
        self.over
    }

    /// The datum of the period of `minutes` that ends `back` periods before minute `end`, as it is shown
    /// at this time.
    pub(super) fn period(
        &self,
        metric: Metric,
        (end, back, minutes): (u64, u64, u64),
        now: Elapsed,
    ) -> Option<u64> {
        let last = end.checked_sub(back * minutes)?;
        let first = last.checked_sub(minutes)?;
        let mut sum = Minute::default();
        for minute in (first..last).filter_map(|number| self.minute(number)) {
            sum.add(minute, now);
        }
        sum.datum(metric)
    }
}
