//! The metrics that there are, and their samples.

use std::collections::BTreeMap;

use super::super::elb::BalancerKind;
use super::super::elb::TargetGroup;
use super::super::metrics::Sample;
use super::super::state::State;
use super::super::world::World;
use super::samples::Samples;
use super::samples::number;
use crate::model::Metric;

/// Metrics of a target group behind its load balancer.
const OF_GROUPS: [&str; 8] = [
    "RequestCount",
    "RequestCountPerTarget",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_5XX_Count",
    "TargetResponseTime",
    "TargetConnectionErrorCount",
    "HealthyHostCount",
    "UnHealthyHostCount",
];

/// Those that are also there for the load balancer as a whole.
const OF_BALANCERS: [&str; 6] = [
    "RequestCount",
    "HTTPCode_Target_2XX_Count",
    "HTTPCode_Target_5XX_Count",
    "TargetResponseTime",
    "TargetConnectionErrorCount",
    "HTTPCode_ELB_5XX_Count",
];

/// Where the samples of a metric are.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// Among what callers measured, by minute since 1970.
    Put(&'a BTreeMap<u64, Samples>),
    /// Requests that this load balancer answered itself.
    Unserved(usize),
    /// A metric of this target group.
    Group(&'a str, usize),
    /// A metric of all target groups of this load balancer together.
    Groups(&'a str, usize),
}

/// Milliseconds of a minute.
pub(super) const MINUTE_MS: u64 = 60_000;

impl World {
    /// The number of the minute, counted since 1970, in which the simulation begins.
    pub(crate) const fn first_minute() -> u64 {
        Self::BEGINS.as_millis() / MINUTE_MS
    }

    /// Where the samples of a metric are; none where there is no such metric.
    pub(super) fn source<'a>(&'a self, metric: &'a Metric) -> Option<Source<'a>> {
        if !metric.namespace.starts_with("AWS/") {
            return self.put_data.get(metric).map(Source::Put);
        }
        let state = &self.state;
        let balancer = metric.dimensions.get("LoadBalancer")?;
        let balancer = state
            .balancers
            .iter()
            .position(|of| of.as_ref().is_some_and(|of| of.has_dimension(balancer)))?;
        if metric.name == "HTTPCode_ELB_5XX_Count" {
            return (metric.dimensions.len() == 1).then_some(Source::Unserved(balancer));
        }
        let group = metric.dimensions.get("TargetGroup");
        let known = if group.is_some() { &OF_GROUPS[..] } else { &OF_BALANCERS[..] };
        let dimensions = 1 + usize::from(group.is_some());
        if !known.contains(&metric.name.as_str()) || metric.dimensions.len() != dimensions {
            return None;
        }
        let Some(group) = group else { return Some(Source::Groups(&metric.name, balancer)) };
        let is_it = |of: &TargetGroup| of.balancer == Some(balancer) && of.has_dimension(group);
        Some(Source::Group(&metric.name, state.groups.iter().position(is_it)?))
    }

    /// The minutes of these, counted since 1970, in which there may be samples.
    pub(super) fn within(&self, source: &Source<'_>, (from, to): (u64, u64)) -> (u64, u64) {
        match source {
            Source::Put(_) => (from, to),
            Source::Unserved(_) | Source::Group(..) | Source::Groups(..) => {
                let first = Self::first_minute();
                (from.max(first), to.min(first + self.minutes_published()))
            }
        }
    }

    /// Adds the samples of one minute, counted since 1970: none where there is nothing to count, or nothing
    /// is published yet.
    pub(super) fn add_samples(&self, source: &Source<'_>, minute: u64, all: &mut Samples) {
        let published = || {
            let number = minute.checked_sub(Self::first_minute())?;
            (number < self.minutes_published()).then(|| self.metrics.minute(number))?
        };
        match source {
            Source::Put(data) => {
                if let Some(more) = data.get(&minute) {
                    all.add(more);
                }
            }
            Source::Unserved(balancer) => {
                all.add_ones(published().map_or(0, |minute| minute.unserved(*balancer)));
            }
            Source::Group(name, slot) => {
                let shown = published().and_then(|minute| minute.sample(*slot)?.shown(self.now()));
                if let Some(of) = shown {
                    add_samples_of(name, of, all);
                }
            }
            Source::Groups(name, balancer) => {
                let Some(minute) = published() else { return };
                for (slot, group) in self.state.groups.iter().enumerate() {
                    let sample = minute.sample(slot).filter(|_| group.balancer == Some(*balancer));
                    if let Some(of) = sample.and_then(|of| of.shown(self.now())) {
                        add_samples_of(name, of, all);
                    }
                }
            }
        }
    }

    /// Every metric that has had a datum.
    pub(super) fn metrics_there(&self, state: &State) -> Vec<Metric> {
        let mut all: Vec<Metric> = self.put_data.keys().cloned().collect();
        let mut candidates = Vec::new();
        for (slot, balancer) in state.balancers.iter().enumerate() {
            let Some(balancer) = balancer else { continue };
            if balancer.kind != BalancerKind::Application {
                continue;
            }
            let named = |name: &str, group: Option<&str>| {
                Metric::of_balancer(name, balancer.dimension(), group)
            };
            candidates.extend(OF_BALANCERS.iter().map(|name| named(name, None)));
            for group in state.groups.iter().filter(|group| group.balancer == Some(slot)) {
                candidates
                    .extend(OF_GROUPS.iter().map(|name| named(name, Some(group.dimension()))));
            }
        }
        let published = self.minutes_published();
        // a metric is listed while it had a datum within the last hours
        let recent = || published.saturating_sub(180)..published;
        candidates.retain(|metric| {
            self.source(metric).is_some_and(|source| {
                let mut samples = Samples::default();
                recent().any(|number| {
                    self.add_samples(&source, Self::first_minute() + number, &mut samples);
                    !samples.is_empty()
                })
            })
        });
        all.extend(candidates);
        all.sort();
        all
    }
}

/// Adds the samples of one metric of a group in one minute.
fn add_samples_of(name: &str, of: Sample, all: &mut Samples) {
    match name {
        "RequestCount" => all.add_ones(of.requests()),
        "RequestCountPerTarget" => {
            let (healthy, unhealthy) = of.hosts().unwrap_or_default();
            let targets = if healthy > 0 { healthy } else { unhealthy };
            if of.requests() > 0 && targets > 0 {
                all.add_one(number(of.requests()) / f64::from(targets));
            }
        }
        "HTTPCode_Target_2XX_Count" => all.add_ones(of.requests().saturating_sub(of.failed())),
        "HTTPCode_Target_5XX_Count" => all.add_ones(of.failed()),
        "TargetResponseTime" if of.requests() > 0 => {
            all.add_times(of.requests(), of.latency_ms());
        }
        "TargetConnectionErrorCount" => all.add_ones(of.refused()),
        "HealthyHostCount" | "UnHealthyHostCount" => {
            let Some((healthy, unhealthy)) = of.hosts() else { return };
            all.add_one(f64::from(if name == "HealthyHostCount" { healthy } else { unhealthy }));
        }
        _ => {}
    }
}
