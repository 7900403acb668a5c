//! From metric data to counts of both sides.

use super::placeholders::sided;
use super::reading::Row;
use crate::analysis::Counts;
use crate::analysis::InvalidCounts;
use crate::model::AnalysisMetric;
use crate::model::AnalysisRule;
use crate::model::AnalysisSource;
use crate::model::Finite;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricSource;

/// The queries of an analysis and where each metric's counts are in the answer.
#[derive(Debug)]
pub(super) struct Sides {
    queries: Vec<MetricQuery>,
    /// Of each metric: stable's and the candidate's.
    places: Vec<[Side; 2]>,
    /// Requests of stable's and the candidate's group, where the share is checked.
    share: Option<[usize; 2]>,
}

/// Where the counts of one side are.
#[derive(Debug, Clone, Copy)]
enum Side {
    /// Requests, 5xx and refused connections.
    Errors([usize; 3]),
    /// How many there were, and how many per hundred were quick enough.
    Slow([usize; 2]),
    /// All, and the bad ones.
    Counts([usize; 2]),
}

impl Sides {
    pub(super) fn new(rule: &AnalysisRule) -> Self {
        let mut sides = Self { queries: Vec::new(), places: Vec::new(), share: None };
        for metric in &rule.metrics {
            let places = ["stable", "candidate"].map(|side| sides.places_of(rule, metric, side));
            sides.places.push(places);
        }
        if rule.share_tolerance.is_some() {
            let requests = ["stable", "candidate"]
                .map(|side| sides.place(rule, of_group(side, "RequestCount", "Sum".to_owned())));
            sides.share = Some(requests);
        }
        sides
    }

    fn places_of(&mut self, rule: &AnalysisRule, metric: &AnalysisMetric, side: &str) -> Side {
        let mut place = |source| self.place(rule, source);
        let sum = |name| of_group(side, name, "Sum".to_owned());
        match &metric.source {
            AnalysisSource::Errors => {
                let names =
                    ["RequestCount", "HTTPCode_Target_5XX_Count", "TargetConnectionErrorCount"];
                Side::Errors(names.map(|name| place(sum(name))))
            }
            AnalysisSource::Slow { than } => {
                let (seconds, millis) = (than.as_secs(), than.subsec_millis());
                let rank = format!("PR(:{seconds}.{millis:03})");
                let statistics = ["SampleCount".to_owned(), rank];
                let of = |statistic| of_group(side, "TargetResponseTime", statistic);
                Side::Slow(statistics.map(|statistic| place(of(statistic))))
            }
            AnalysisSource::Counts { bad, all } => {
                Side::Counts([all, bad].map(|source| place(sided(source, side))))
            }
        }
    }

    /// The place of a query, which is asked once.
    fn place(&mut self, rule: &AnalysisRule, source: MetricSource) -> usize {
        if let Some(known) = self.queries.iter().position(|query| query.source == source) {
            return known;
        }
        let place = self.queries.len();
        let id = format!("q{place}");
        self.queries.push(MetricQuery { id, source, period: rule.period, returned: true });
        place
    }

    /// What to ask for.
    pub(super) fn queries(&self) -> &[MetricQuery] {
        &self.queries
    }

    /// What a period says of the metric with this place; none where a side has no requests, or is not
    /// known to have had any.
    pub(super) fn counts(&self, metric: usize, row: &Row) -> Option<Result<Counts, InvalidCounts>> {
        let [stable, candidate] = self.places.get(metric)?;
        let (stable, candidate) = (counted(*stable, row)?, counted(*candidate, row)?);
        if stable.is_ok_and(|(all, _)| all == 0) || candidate.is_ok_and(|(all, _)| all == 0) {
            return None;
        }
        Some(together(stable, candidate))
    }

    /// Requests of both groups, where the share is checked and both are known.
    pub(super) fn requests(&self, row: &Row) -> Option<Counts> {
        let [stable, candidate] = self.share?;
        let count = |place| Counts::count(row.value(place)?.get()).ok();
        let (stable_requests, candidate_requests) = (count(stable)?, count(candidate)?);
        Some(Counts { stable_requests, candidate_requests, ..Counts::default() })
    }
}

fn of_group(side: &str, name: &str, statistic: String) -> MetricSource {
    let group = format!("{{{side}.target_group}}");
    MetricSource::Statistic {
        metric: Metric::of_balancer(name, "{load_balancer}", Some(&group)),
        statistic,
    }
}

type Counted = Result<(u64, u64), InvalidCounts>;

/// All and the bad ones of one side.
fn counted(side: Side, row: &Row) -> Option<Counted> {
    let whole = |value: Finite| Counts::count(value.get());
    let none = Finite::ZERO;
    match side {
        Side::Errors([requests, failed, refused]) => {
            let [requests, failed, refused] = [requests, failed, refused].map(|at| row.value(at));
            // 5xx and refused connections have no datum where there were none, and a refused
            // connection may not be among the requests.
            requests.or(refused)?;
            let bad = failed.unwrap_or(none).get() + refused.unwrap_or(none).get();
            let all = requests.unwrap_or(none).get();
            Some(pair(Counts::count(if all < bad { bad } else { all }), Counts::count(bad)))
        }
        Side::Slow([all, quick]) => {
            let (all, quick) = (row.value(all)?, row.value(quick)?);
            let slow = libm::round(all.get() * (100.0 - quick.get()) / 100.0);
            Some(pair(whole(all), Counts::count(slow)))
        }
        Side::Counts([all, bad]) => {
            let all = row.value(all)?;
            Some(pair(whole(all), whole(row.value(bad).unwrap_or(none))))
        }
    }
}

fn pair(
    all: Result<u64, InvalidCounts>,
    bad: Result<u64, InvalidCounts>,
) -> Result<(u64, u64), InvalidCounts> {
    Ok((all?, bad?))
}

fn together(stable: Counted, candidate: Counted) -> Result<Counts, InvalidCounts> {
    let ((stable_requests, stable_bad), (candidate_requests, candidate_bad)) =
        (stable?, candidate?);
    let counts = Counts { stable_requests, stable_bad, candidate_requests, candidate_bad };
    counts.check().map(|()| counts)
}
