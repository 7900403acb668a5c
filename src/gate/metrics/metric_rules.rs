//! When a metric passes and fails.

use std::collections::VecDeque;

use serde::Deserialize;
use serde::Serialize;

use super::super::judge::Judge;
use super::super::judge::Judgement;
use super::grid::Grid;
use super::look::Sight;
use super::periods::Periods;
use super::reading::Reading;
use super::reading::Row;
use crate::model::Bound;
use crate::model::Finite;
use crate::model::Measure;
use crate::model::MetricQuery;
use crate::model::MetricRule;
use crate::model::MinimumSample;
use crate::model::Timestamp;
use crate::model::Verdict;

/// When a metric passes and fails.
#[derive(Debug)]
pub(crate) struct MetricRules {
    rule: MetricRule,
}

/// What is carried from one look to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    pub(super) periods: Periods,
    /// Whether each of the last periods missed the bound.
    missed: VecDeque<bool>,
    /// How many have missed it in all.
    in_all: u32,
    /// The beginning and the value of the last judged period.
    last: Option<(Timestamp, Finite)>,
}

impl MetricRules {
    pub(crate) const fn new(rule: MetricRule) -> Self {
        Self { rule }
    }

    pub(super) fn grid(&self) -> Grid {
        Grid { period: self.rule.period(), settle: self.rule.settle }
    }

    /// The queries; only the data that are looked at are answered.
    pub(super) fn queries(&self) -> Vec<MetricQuery> {
        let sample = self.rule.sample.as_ref().map(|sample| &sample.query);
        let answered = |id: &String| *id == self.rule.watched || Some(id) == sample;
        let queries = self.rule.queries.iter().cloned();
        queries.map(|query| MetricQuery { returned: answered(&query.id), ..query }).collect()
    }

    /// Where an answer has the values of a query.
    fn place(&self, id: &str) -> usize {
        let queries = self.queries();
        let mut answered = queries.iter().filter(|query| query.returned);
        answered.position(|query| query.id == id).unwrap_or(usize::MAX)
    }

    /// The stretch that may count for a bake.
    pub(super) fn covered(&self, memory: &Memory) -> Option<(Timestamp, Timestamp)> {
        memory.periods.covered().filter(|_| memory.periods.judged() >= self.rule.count)
    }

    fn take(&self, memory: &mut Memory, reading: &Reading) -> u32 {
        memory.periods.begin(self.grid(), reading);
        let watched = self.place(&self.rule.watched);
        let sample = self.rule.sample.as_ref().map(|sample| (self.place(&sample.query), sample));
        let is_enough = |row: &Row| match sample {
            Some((place, sample)) => row.value(place).is_some_and(|seen| seen >= sample.at_least),
            None => true,
        };
        let is_evidence = |row: &Row| row.value(watched).is_some() && is_enough(row);
        let taken = memory.periods.take(self.grid(), reading, is_evidence);
        for row in taken.fresh {
            let Some(value) = row.value(watched) else { continue };
            let missed = !self.rule.bound.holds(value);
            memory.missed.push_back(missed);
            memory.in_all = memory.in_all.saturating_add(missed.into());
            memory.last = Some((row.begin, value));
        }
        while count(memory.missed.len()) > self.rule.of {
            memory.missed.pop_front();
        }
        taken.waiting
    }

    fn verdict(&self, memory: &Memory, waiting: u32) -> Verdict {
        let MetricRule { watched, bound, misses, of, .. } = &self.rule;
        let was = |(begin, value)| format!("`{watched}` was {value} at {begin}, not {bound}");
        let last = || memory.last.map(was).unwrap_or_default();
        let missed = missed(memory);
        if missed >= *misses {
            return Verdict::Fail(format!("{}: {missed} misses in the last {of} periods", last()));
        }
        if let Some(most) = self.rule.misses_in_all.filter(|most| memory.in_all > *most) {
            let in_all = memory.in_all;
            return Verdict::Fail(format!("{}: {in_all} misses in all, {most} allowed", last()));
        }
        if waiting <= self.rule.missing {
            return Verdict::Pass;
        }
        let next = memory.periods.next().unwrap_or_default();
        Verdict::Inconclusive(match &self.rule.sample {
            Some(MinimumSample { query, at_least }) => format!(
                "{waiting} complete periods since {next} have no `{watched}` or less than {at_least} \
                 `{query}`"
            ),
            None => format!("{waiting} complete periods since {next} have no `{watched}`"),
        })
    }

    fn measures(&self, memory: &Memory, waiting: u32) -> Vec<Measure> {
        let MetricRule { watched, bound, misses, of, misses_in_all, count, .. } = &self.rule;
        let periods = &memory.periods;
        let value = memory.last.map(|(_, value)| Measure::new(watched.clone(), value));
        let mut measures: Vec<Measure> =
            value.map(|value| value.bounded(*bound)).into_iter().collect();
        let lately =
            Measure::new(format!("misses in the last {of} periods"), missed(memory).into());
        measures.push(lately.bounded(Bound::Below((*misses).into())));
        if let Some(most) = misses_in_all {
            let in_all = Measure::new("misses in all", memory.in_all.into());
            measures.push(in_all.bounded(Bound::AtMost((*most).into())));
        }
        let judged = Measure::new("judged periods", periods.judged().into());
        measures.push(judged.bounded(Bound::AtLeast((*count).into())));
        measures.extend(told(periods, waiting));
        measures
    }
}

/// What is worth telling of periods that are no evidence, or were.
pub(super) fn told(periods: &Periods, waiting: u32) -> impl Iterator<Item = Measure> + use<> {
    let counts = [
        ("complete periods without evidence", waiting),
        ("periods passed over for want of evidence", periods.skipped()),
        ("periods revised after they were judged", periods.revised()),
    ];
    let some = counts.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(what, count)| Measure::new(what, count.into()))
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn missed(memory: &Memory) -> u32 {
    count(memory.missed.iter().filter(|missed| **missed).count())
}

impl Judge for MetricRules {
    type Input = Sight;
    type Memory = Memory;

    fn judge(&self, memory: &mut Memory, sight: &Sight) -> Judgement {
        let watched = &self.rule.watched;
        let (verdict, waiting, turns) = match sight {
            Sight::Unread(why) => (Verdict::Inconclusive(why.clone()), 0, None),
            Sight::Idle => {
                let turns = format!("`{watched}` is judged once the candidate has traffic");
                (Verdict::Pass, 0, Some(turns))
            }
            Sight::Read(reading) => {
                let waiting = self.take(memory, reading);
                let verdict = self.verdict(memory, waiting);
                let left = self.rule.misses.saturating_sub(missed(memory));
                let turns = match &verdict {
                    Verdict::Pass => format!(
                        "{left} more periods in which `{watched}` is not {}",
                        self.rule.bound
                    ),
                    Verdict::Fail(_) => {
                        format!("enough periods in which `{watched}` is {}", self.rule.bound)
                    }
                    Verdict::Inconclusive(_) => "a complete period with enough data".to_owned(),
                };
                (verdict, waiting, Some(turns))
            }
        };
        Judgement { verdict, proof: None, measures: self.measures(memory, waiting).into(), turns }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::Metric;
    use crate::model::MetricSource;

    fn rule() -> MetricRule {
        let query = |id: &str| MetricQuery {
            id: id.to_owned(),
            source: MetricSource::Statistic {
                metric: Metric::of_balancer(id, "app/web/1", None),
                statistic: "Sum".to_owned(),
            },
            period: Duration::from_mins(1),
            returned: true,
        };
        MetricRule {
            queries: vec![query("other"), query("bad"), query("all")],
            watched: "bad".to_owned(),
            bound: Bound::Below(5.into()),
            misses: 2,
            of: 3,
            misses_in_all: Some(3),
            count: 2,
            sample: Some(MinimumSample { query: "all".to_owned(), at_least: 10.into() }),
            missing: 0,
            settle: Duration::from_mins(2),
        }
    }

    fn minute(at: u64) -> Timestamp {
        Timestamp::from_millis(at * 60_000)
    }

    /// What is judged when minutes 101, 102 … have these values of `bad` and `all`.
    fn judged(rules: &MetricRules, rows: &[(u32, u32)]) -> (Judgement, Memory) {
        let begun = Reading { open: minute(100), closed: minute(98), rows: Vec::new() };
        let mut memory = Memory::default();
        rules.judge(&mut memory, &Sight::Read(begun));
        let row = |(at, (bad, all)): (u64, &(u32, u32))| Row {
            begin: minute(at),
            values: vec![Some(Finite::from(*bad)), Some(Finite::from(*all))],
        };
        let rows: Vec<Row> = (101..).zip(rows).map(row).collect();
        let closed = rows.last();
        let closed =
            closed.map_or_else(|| minute(101), |row| row.begin.after(Duration::from_mins(1)));
        let sight = Sight::Read(Reading { open: closed.after(rules.rule.settle), closed, rows });
        let judgement = rules.judge(&mut memory, &sight);
        // the same once more judges nothing twice
        let again = rules.judge(&mut memory, &sight);
        assert_eq!((&again.verdict, &again.measures), (&judgement.verdict, &judgement.measures));
        (judgement, memory)
    }

    fn verdict(rows: &[(u32, u32)]) -> Verdict {
        judged(&MetricRules::new(rule()), rows).0.verdict
    }

    #[test]
    fn so_many_misses_of_the_last_periods_fail() {
        assert_eq!(verdict(&[(1, 20), (9, 20), (1, 20)]), Verdict::Pass);
        assert!(matches!(verdict(&[(9, 20), (1, 20), (9, 20)]), Verdict::Fail(why)
            if why.ends_with("2 misses in the last 3 periods")));
        assert_eq!(verdict(&[(9, 20), (1, 20), (1, 20), (9, 20)]), Verdict::Pass);
    }

    #[test]
    fn so_many_misses_in_all_fail_however_far_apart() {
        let apart = [(9, 20), (1, 20), (1, 20)].repeat(3);
        assert_eq!(verdict(&apart), Verdict::Pass);
        let more = [apart, vec![(9, 20)]].concat();
        assert!(matches!(verdict(&more), Verdict::Fail(why)
            if why.ends_with("4 misses in all, 3 allowed")));
    }

    #[test]
    fn a_period_with_too_little_in_it_is_not_judged() {
        assert!(matches!(verdict(&[(9, 9), (9, 9)]), Verdict::Inconclusive(why)
            if why.contains("2 complete periods") && why.contains("less than 10 `all`")));
        let rules = MetricRules::new(MetricRule { missing: 2, ..rule() });
        let (judgement, memory) = judged(&rules, &[(9, 9), (9, 9)]);
        assert_eq!(judgement.verdict, Verdict::Pass);
        assert_eq!(rules.covered(&memory), None);
    }

    #[test]
    fn no_bake_is_spoken_for_before_so_many_periods() {
        let rules = MetricRules::new(rule());
        assert_eq!(rules.covered(&judged(&rules, &[(1, 20)]).1), None);
        let (_, memory) = judged(&rules, &[(1, 20), (1, 20)]);
        assert_eq!(rules.covered(&memory), Some((minute(101), minute(103))));
    }
}
