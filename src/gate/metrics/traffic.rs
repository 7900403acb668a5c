//! Whether the candidate's requests are counted: then what its load balancer does not count did not happen.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::super::contract::GateContext;
use super::super::load::load;
use super::grid::Grid;
use super::placeholders::balancer;
use super::reading::Reading;
use crate::model::Bound;
use crate::model::Finite;
use crate::model::Measure;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricSource;
use crate::model::Timestamp;
use crate::model::Weight;
use crate::ports::MetricWindow;
use crate::ports::Monitor;

/// Minutes, and how late an Application Load Balancer publishes them.
const GRID: Grid = Grid { period: Duration::from_mins(1), settle: Duration::from_mins(2) };

/// So many complete minutes, one after the other up to the last one, prove it.
const MINUTES: u32 = 3;

/// How far from our own clock AWS's may be.
const MARGIN: Duration = Duration::from_hours(1);

/// What is known of the candidate's requests. Where it has some in every one of the last complete minutes,
/// the metrics of its load balancer come, and one that has no datum had nothing to count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Traffic {
    /// The candidate has no weight yet: there is nothing of it that an alarm could see.
    Idle {
        /// The dimension of the load balancer.
        balancer: String,
    },
    /// They are not known, and why.
    Unread(String),
    /// They were counted.
    Counted {
        /// The dimension of the load balancer.
        balancer: String,
        /// The end of the last complete minute, by AWS's time.
        until: Timestamp,
        /// The requests in each of the last complete minutes, oldest first; none where there is no datum.
        minutes: Vec<Option<Finite>>,
    },
}

impl Traffic {
    /// Counts them. Asks for nothing where they cannot be counted.
    pub(in super::super) async fn look(monitor: &dyn Monitor, context: &GateContext<'_>) -> Self {
        let counted = Self::counted(monitor, context).await;
        counted.unwrap_or_else(Self::Unread)
    }

    async fn counted(monitor: &dyn Monitor, context: &GateContext<'_>) -> Result<Self, String> {
        let baseline = &context.subject.baseline;
        let none = "it has no target group of its own";
        let group = baseline.candidate_group.as_ref().ok_or(none)?.dimension();
        let balancer = balancer(&baseline.rules)?.to_owned();
        let world = context.observation.ok_or("the world cannot be read")?;
        if load(world) == Weight::ZERO {
            return Ok(Self::Idle { balancer });
        }
        let metric = Metric::of_balancer("RequestCount", &balancer, Some(group));
        let source = MetricSource::Statistic { metric, statistic: "Sum".to_owned() };
        let id = "requests".to_owned();
        let queries = [MetricQuery { id, source, period: GRID.period, returned: true }];
        let window = window(context.now.wall);
        let data = monitor.metrics(&queries, window).await.map_err(|error| error.to_string())?;
        let reading = Reading::of(&data, window, GRID)?;
        let of = |back| {
            let begin = GRID.back(reading.closed, back);
            reading.rows.iter().find(|row| row.begin == begin)?.value(0)
        };
        let minutes = (1..=MINUTES).rev().map(of).collect();
        Ok(Self::Counted { balancer, until: reading.closed, minutes })
    }

    /// Whether an alarm on this load balancer alone would have had something to count, had it happened;
    /// true as well while there is nothing that could. An error says what is missing.
    pub(in super::super) fn proves(&self, balancers: &[String]) -> Result<(), String> {
        let balancer = match self {
            Self::Unread(why) => {
                return Err(format!("the candidate's requests are not known: {why}"));
            }
            Self::Idle { balancer } | Self::Counted { balancer, .. } => balancer,
        };
        if balancers.is_empty() || balancers.iter().any(|watched| watched != balancer) {
            return Err(format!("it watches something else than `{balancer}`"));
        }
        match self {
            Self::Counted { .. } if self.busy() < MINUTES => Err(format!(
                "not every one of the last {MINUTES} complete minutes has requests of the candidate"
            )),
            Self::Counted { .. } | Self::Idle { .. } | Self::Unread(_) => Ok(()),
        }
    }

    /// Whether the candidate has traffic.
    pub(in super::super) const fn is_idle(&self) -> bool {
        matches!(self, Self::Idle { .. })
    }

    /// The numbers of it.
    pub(in super::super) fn measures(&self) -> Vec<Measure> {
        let Self::Counted { minutes, .. } = self else { return Vec::new() };
        let what = "last complete minutes with requests of the candidate";
        let busy = Measure::new(what, self.busy().into()).bounded(Bound::AtLeast(MINUTES.into()));
        let last = minutes.last().copied().flatten().unwrap_or_default();
        vec![busy, Measure::new("requests in the last of them", last)]
    }

    /// How many of the last complete minutes have requests.
    fn busy(&self) -> u32 {
        let Self::Counted { minutes, .. } = self else { return 0 };
        let busy = minutes.iter().flatten().filter(|requests| **requests > Finite::ZERO);
        u32::try_from(busy.count()).unwrap_or(u32::MAX)
    }
}

/// What to ask for, whatever our clock says.
fn window(wall: Timestamp) -> MetricWindow {
    let before = |at: Timestamp, span: Duration| {
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        Timestamp::from_millis(at.as_millis().saturating_sub(span))
    };
    let oldest = before(before(wall, MARGIN), GRID.settle);
    let from = GRID.back(GRID.floor(oldest), MINUTES);
    MetricWindow { from, to: GRID.floor(wall.after(MARGIN)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALANCER: &str = "app/web/1";

    fn counted(minutes: [Option<u32>; 3]) -> Traffic {
        let minutes = minutes.map(|requests| requests.map(Finite::from)).to_vec();
        let until = Timestamp::from_millis(600_000);
        Traffic::Counted { balancer: BALANCER.to_owned(), until, minutes }
    }

    fn proves(traffic: &Traffic, balancers: &[&str]) -> Result<(), String> {
        let balancers: Vec<String> = balancers.iter().map(|it| (*it).to_owned()).collect();
        traffic.proves(&balancers)
    }

    #[test]
    fn every_one_of_the_last_complete_minutes_must_have_requests() {
        assert_eq!(proves(&counted([Some(1), Some(2), Some(3)]), &[BALANCER]), Ok(()));
        for minutes in
            [[None, Some(2), Some(3)], [Some(1), Some(0), Some(3)], [Some(1), Some(2), None]]
        {
            let why = proves(&counted(minutes), &[BALANCER]).unwrap_err();
            assert!(why.starts_with("not every one of the last 3 complete minutes"), "{why}");
        }
        let measures = counted([Some(1), Some(0), Some(3)]).measures();
        assert_eq!((measures[0].value, measures[1].value), (2.into(), 3.into()));
    }

    #[test]
    fn only_metrics_of_the_same_load_balancer_are_proved_to_come() {
        for traffic in [counted([Some(1); 3]), Traffic::Idle { balancer: BALANCER.to_owned() }] {
            assert_eq!(proves(&traffic, &[BALANCER]), Ok(()));
            for watched in [&[][..], &["app/web/2"], &[BALANCER, "app/web/2"]] {
                let why = proves(&traffic, watched).unwrap_err();
                assert_eq!(why, "it watches something else than `app/web/1`", "{watched:?}");
            }
        }
        let unread = Traffic::Unread("throttled".to_owned());
        let why = proves(&unread, &[BALANCER]).unwrap_err();
        assert_eq!(why, "the candidate's requests are not known: throttled");
    }

    #[test]
    fn what_counts_is_asked_for_whatever_our_clock_says() {
        let aws = 500 * 60_000;
        for ours in [aws - 3_500_000, aws, aws + 3_500_000] {
            let window = window(Timestamp::from_millis(ours));
            let closed = GRID.closed(Timestamp::from_millis(aws), window.to);
            assert_eq!(closed, Timestamp::from_millis(aws - 120_000), "{ours}");
            assert!(window.from <= GRID.back(closed, MINUTES), "{ours}");
        }
    }
}
