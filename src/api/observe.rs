//! What a service served, read before a deployment.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::deployer::Deployer;
use super::error::Error;
use super::observed_traffic::Minutes;
use super::observed_traffic::ObservedTraffic;
use super::planned::Planned;
use crate::driver::in_time;
use crate::model::Baseline;
use crate::model::ListenerRuleArn;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricRule;
use crate::model::MetricSource;
use crate::model::Timestamp;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::MetricData;
use crate::ports::MetricWindow;

const PERIOD: Duration = Duration::from_mins(1);

/// Minutes of one call.
const BATCH: Duration = Duration::from_hours(6);

/// The shortest and the longest stretch: `CloudWatch` keeps minutes for fifteen days.
const SHORTEST: Duration = Duration::from_hours(1);
const LONGEST: Duration = Duration::from_hours(15 * 24);

/// What each query counts, in the order in which a load balancer's are asked for.
#[derive(Debug, Clone, Copy)]
enum Counted {
    Requests,
    OfOther,
    Failed,
}

impl Deployer {
    /// What the service of a plan served in the last `span` of complete minutes, 1 hour to 15 days, from
    /// `CloudWatch`: requests of both its target groups, which take turns, and responses with a 5xx and refused
    /// connections of stable's. Reads only, six hours a call. A call that fails or is not all that there is is left
    /// out and told.
    ///
    /// # Errors
    ///
    /// [`Error::NoTraffic`] where there is nothing to read or nothing was counted, [`Error::Unreadable`] where no
    /// call was answered.
    pub async fn observe(
        &self,
        planned: &Planned,
        span: Duration,
    ) -> Result<ObservedTraffic, Error> {
        let service = &planned.shape.service;
        let refused = |why: String| Error::NoTraffic { service: service.clone(), why };
        if !(SHORTEST..=LONGEST).contains(&span) {
            return Err(refused(format!("a span of {} s; give 1h to 15d", span.as_secs())));
        }
        let (queries, counted) = queries(&planned.baseline).map_err(refused)?;
        let settled = |at| floor(before(at, MetricRule::SETTLE));
        let wall = self.ports.clock.wall();
        // our own clock says what to ask for, AWS's which minutes are complete
        let (mut last, mut first, mut end) = (floor(wall), before(settled(wall), span), None);
        let (mut minutes, mut trouble) = (Minutes::default(), None);
        while last > first {
            let window = MetricWindow { from: before(last, BATCH), to: last };
            let monitor = Arc::clone(&self.ports.monitor);
            let read = monitor.metrics(&queries, window);
            match in_time(&*self.ports.clock, "metrics", read).await.and_then(whole) {
                Ok(data) => {
                    let end = *end.get_or_insert_with(|| settled(data.at).min(floor(wall)));
                    first = before(end, span);
                    add(&mut minutes, &data, &counted);
                }
                Err(error) => {
                    minutes.miss(window.from, window.to, error.to_string());
                    trouble = Some(error);
                }
            }
            last = window.from;
        }
        let end = match (end, trouble) {
            (None, Some(source)) => return Err(Error::Unreadable { what: "its traffic", source }),
            (end, _) => end.unwrap_or(last),
        };
        let hours = span.as_secs() / 3600;
        let nothing = || refused(format!("CloudWatch has no request of it in the last {hours} h"));
        let summed = minutes.sum((first, end)).ok_or_else(nothing)?;
        summed.map_err(|error| refused(error.to_string()))
    }
}

/// What to ask for, and what each of it counts. An error says why there is nothing to ask for.
fn queries(baseline: &Baseline) -> Result<(Vec<MetricQuery>, Vec<Counted>), String> {
    let stable = baseline.stable_group.as_ref().ok_or("it has no target group")?;
    let balancers: BTreeSet<&str> =
        baseline.rules.iter().map(ListenerRuleArn::balancer_dimension).collect();
    if balancers.is_empty() {
        return Err("no rule leads to it, so its load balancer is not known".to_owned());
    }
    let other = baseline.candidate_group.as_ref();
    let (mut queries, mut counted) = (Vec::new(), Vec::new());
    let asked = [
        ("RequestCount", Some(stable), Counted::Requests),
        ("HTTPCode_Target_5XX_Count", Some(stable), Counted::Failed),
        ("TargetConnectionErrorCount", Some(stable), Counted::Failed),
        ("RequestCount", other, Counted::OfOther),
    ];
    for balancer in balancers {
        for (name, group, counts) in asked {
            let Some(group) = group else { continue };
            let metric = Metric::of_balancer(name, balancer, Some(group.dimension()));
            let source = MetricSource::Statistic { metric, statistic: "Sum".to_owned() };
            let id = format!("q{}", queries.len());
            queries.push(MetricQuery { id, source, period: PERIOD, returned: true });
            counted.push(counts);
        }
    }
    Ok((queries, counted))
}

/// An answer that is all that there is, in numbers that counts can be.
fn whole(data: MetricData) -> Result<MetricData, CallError> {
    let why = data.series.iter().find_map(|series| {
        let id = &series.id;
        let incomplete = series.incomplete.as_ref();
        let incomplete = incomplete.map(|why| format!("the data of `{id}` are incomplete: {why}"));
        incomplete.or_else(|| {
            let (at, odd) = series.points.iter().find(|(_, value)| !(0.0..1e15).contains(value))?;
            Some(format!("`{id}` was {odd} at {at}, which is no count"))
        })
    });
    why.map_or(Ok(data), |why| Err(CallError::new("metrics", ErrorClass::Ambiguous, why)))
}

fn add(minutes: &mut Minutes, data: &MetricData, counted: &[Counted]) {
    for (series, counts) in data.series.iter().zip(counted) {
        for (begin, value) in &series.points {
            let minute = minutes.minute(floor(*begin));
            let [stable, other] = &mut minute.requests;
            match counts {
                Counted::Requests => *stable += value,
                Counted::OfOther => *other += value,
                Counted::Failed => minute.failed += value,
            }
        }
    }
}

fn before(at: Timestamp, span: Duration) -> Timestamp {
    let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    Timestamp::from_millis(at.as_millis().saturating_sub(span))
}

/// The beginning of the minute in which `at` lies.
const fn floor(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis() / 60_000 * 60_000)
}
