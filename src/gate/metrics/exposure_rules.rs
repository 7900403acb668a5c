//! When a candidate has served too much.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::super::judge::Judge;
use super::super::judge::Judgement;
use super::grid::Grid;
use super::look::Sight;
use super::metric_rules::told;
use super::periods::Periods;
use super::reading::Reading;
use super::reading::Row;
use crate::model::Bound;
use crate::model::ErrorBudget;
use crate::model::ExposureCap;
use crate::model::Finite;
use crate::model::Measure;
use crate::model::Metric;
use crate::model::MetricQuery;
use crate::model::MetricSource;
use crate::model::Verdict;
use crate::model::Weight;

/// Minutes.
const PERIOD: Duration = Duration::from_mins(1);

/// Places of the queries.
const REQUESTS: usize = 0;
const FAILED: usize = 1;
const REFUSED: usize = 2;
const BALANCER: usize = 3;

/// When a candidate has served too much.
#[derive(Debug)]
pub(crate) struct ExposureRules {
    cap: ExposureCap,
}

/// What is carried from one look to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(super) periods: Periods,
    /// Requests of the candidate in judged minutes.
    requests: Finite,
    /// Those that failed.
    failed: Finite,
}

/// Requests, and those of them that failed.
type Served = (Finite, Finite);

impl ExposureRules {
    pub(crate) const fn new(cap: ExposureCap) -> Self {
        Self { cap }
    }

    /// From this weight on nothing is capped.
    pub(super) const fn below(&self) -> Weight {
        self.cap.below
    }

    pub(super) const fn grid(&self) -> Grid {
        Grid { period: PERIOD, settle: self.cap.settle }
    }

    pub(super) fn queries() -> Vec<MetricQuery> {
        let query = |id: &str, name: &str, group| {
            let metric = Metric::of_balancer(name, "{load_balancer}", group);
            let source = MetricSource::Statistic { metric, statistic: "Sum".to_owned() };
            MetricQuery { id: id.to_owned(), source, period: PERIOD, returned: true }
        };
        let candidate = Some("{candidate.target_group}");
        vec![
            query("requests", "RequestCount", candidate),
            query("failed", "HTTPCode_Target_5XX_Count", candidate),
            query("refused", "TargetConnectionErrorCount", candidate),
            query("balancer", "RequestCount", None),
        ]
    }

    /// Adds complete minutes, and answers what is visible in all, and how many minutes are missing.
    fn take(&self, memory: &mut Memory, reading: &Reading) -> (Served, u32) {
        let grid = self.grid();
        // The weight was written before it was seen: the minute before counts too.
        memory.periods.begin_at(grid.back(reading.open, 1));
        let taken = memory.periods.take(grid, reading, is_evidence);
        for row in &taken.fresh {
            (memory.requests, memory.failed) = sum((memory.requests, memory.failed), served(row));
        }
        let next = memory.periods.next().unwrap_or_default();
        let open = reading.rows.iter().filter(|row| row.begin >= next).map(served);
        (open.fold((memory.requests, memory.failed), sum), taken.waiting)
    }

    /// Each cap: of what, how much is used, and the most.
    fn caps(&self, (requests, failed): Served) -> Vec<(String, Finite, u64)> {
        let ExposureCap { requests: most, failed: most_failed, budget, .. } = &self.cap;
        let requests =
            most.map(|most| ("requests served by the candidate".to_owned(), requests, most));
        let named = "failed requests of the candidate";
        let capped = most_failed.map(|most| (named.to_owned(), failed, most));
        let budget = budget.as_ref().map(|budget| {
            let ErrorBudget { objective, share, .. } = budget;
            let what = format!("{named}, {share} of what {objective} lets fail");
            (what, failed, budget.allowed())
        });
        [requests, capped, budget].into_iter().flatten().collect()
    }
}

/// Whether a minute says how much the candidate served: its group has a datum, or the load balancer has
/// one and the group had nothing to count.
fn is_evidence(row: &Row) -> bool {
    [REQUESTS, REFUSED, BALANCER].into_iter().any(|place| row.value(place).is_some())
}

/// Requests, and those of them that failed. A refused connection may not have been counted as a request.
fn served(row: &Row) -> Served {
    let value = |place| row.value(place).unwrap_or_default();
    let (_, failed) = sum((Finite::ZERO, value(FAILED)), (Finite::ZERO, value(REFUSED)));
    let requests = value(REQUESTS);
    (if requests < failed { failed } else { requests }, failed)
}

fn sum(one: Served, other: Served) -> Served {
    // counts do not come near to where the sum is no number
    let sum = |one: Finite, other: Finite| Finite::new(one.get() + other.get()).unwrap_or(one);
    (sum(one.0, other.0), sum(one.1, other.1))
}

/// A count that metrics can have: exact up to 2^53.
fn number(count: u64) -> Finite {
    let (high, low) = (count >> 32, count & 0xffff_ffff);
    let part = |part: u64| f64::from(u32::try_from(part).unwrap_or(u32::MAX));
    Finite::new(part(high) * 4_294_967_296.0 + part(low)).unwrap_or_default()
}

impl Judge for ExposureRules {
    type Input = Sight;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, sight: &Sight) -> Judgement {
        let so_far = (memory.requests, memory.failed);
        let (seen, waiting, unread) = match sight {
            Sight::Idle => (so_far, 0, None),
            Sight::Unread(why) => (so_far, 0, Some(why.clone())),
            Sight::Read(reading) => {
                let (seen, waiting) = self.take(memory, reading);
                (seen, waiting, None)
            }
        };
        let caps = self.caps(seen);
        let over = caps.iter().find(|(_, used, most)| *used > number(*most));
        let is_idle = *sight == Sight::Idle;
        let verdict = match (over, unread) {
            (Some((what, used, most)), _) if !is_idle => {
                Verdict::Fail(format!("{used} {what}, at most {most}"))
            }
            (_, Some(why)) => Verdict::Inconclusive(why),
            (_, None) if waiting > 0 => {
                let next = memory.periods.next().unwrap_or_default();
                Verdict::Inconclusive(format!(
                    "{waiting} complete minutes since {next} have no request count"
                ))
            }
            (_, None) => Verdict::Pass,
        };
        let measures = caps.into_iter().map(|(what, used, most)| {
            Measure::new(what, used).bounded(Bound::AtMost(number(most)))
        });
        let measures = measures.chain(told(&memory.periods, waiting)).collect::<Vec<_>>();
        let turns = match (&verdict, sight) {
            (Verdict::Pass, Sight::Idle) => {
                format!(
                    "counted while the candidate's weight is above 0 % and below {}",
                    self.cap.below
                )
            }
            (Verdict::Pass, _) => "more served than that".to_owned(),
            (Verdict::Fail(_), _) => "nothing: what was served stays served".to_owned(),
            (Verdict::Inconclusive(_), _) => "request counts of the missing minutes".to_owned(),
        };
        Judgement { verdict, proof: None, measures: measures.into(), turns: Some(turns) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Timestamp;

    fn minute(at: u64) -> Timestamp {
        Timestamp::from_millis(at * 60_000)
    }

    fn rules(requests: u64) -> ExposureRules {
        let cap = ExposureCap {
            requests: Some(requests),
            failed: None,
            budget: None,
            below: Weight::FULL,
            settle: Duration::from_mins(2),
        };
        ExposureRules::new(cap)
    }

    /// An answer in minute 104, about minutes 99 and so on: requests, refused, of the load balancer.
    fn answer(rows: &[[Option<u32>; 3]]) -> Sight {
        let row = |(at, values): (u64, &[Option<u32>; 3])| {
            let [requests, refused, balancer] = values.map(|value| value.map(Finite::from));
            Row { begin: minute(at), values: vec![requests, None, refused, balancer] }
        };
        let rows = (99..).zip(rows).map(row).collect();
        Sight::Read(Reading { open: minute(104), closed: minute(102), rows })
    }

    fn judge(rules: &ExposureRules, sight: &Sight) -> Judgement {
        let begun = Reading { open: minute(100), closed: minute(98), rows: Vec::new() };
        let mut memory = Memory::default();
        rules.judge(&mut memory, &Sight::Read(begun));
        let judgement = rules.judge(&mut memory, sight);
        assert_eq!(rules.judge(&mut memory, sight).measures, judgement.measures, "counted once");
        judgement
    }

    #[test]
    fn what_is_visible_counts_in_minutes_that_may_still_change_too() {
        let some = Some(10);
        let sight = answer(&[[some, None, some]; 5]);
        let judgement = judge(&rules(50), &sight);
        assert_eq!(judgement.verdict, Verdict::Pass);
        assert_eq!(judgement.measures[0].value, 50.into());
        assert!(matches!(judge(&rules(49), &sight).verdict, Verdict::Fail(why)
            if why == "50 requests served by the candidate, at most 49"));
    }

    #[test]
    fn a_silent_minute_is_zero_only_where_the_load_balancer_had_requests() {
        let served = [Some(10), None, Some(100)];
        let quiet = judge(&rules(50), &answer(&[served, [None, None, Some(100)], served]));
        assert_eq!((quiet.verdict, quiet.measures[0].value), (Verdict::Pass, 20.into()));
        let dark = judge(&rules(50), &answer(&[served, [None; 3], [None; 3]]));
        assert!(matches!(dark.verdict, Verdict::Inconclusive(why)
            if why.starts_with("2 complete minutes since")));
    }

    #[test]
    fn a_refused_connection_is_a_request_that_failed() {
        let refused =
            judge(&rules(50), &answer(&[[None, Some(30), None], [Some(5), Some(30), None]]));
        assert!(matches!(refused.verdict, Verdict::Fail(why) if why.starts_with("60 requests")));
    }
}
