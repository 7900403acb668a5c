//! Which periods of a metric are evidence, and which have been judged.

use std::collections::VecDeque;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::grid::Grid;
use super::reading::KNOWN;
use super::reading::Reading;
use super::reading::Row;
use crate::model::Elapsed;
use crate::model::Span;
use crate::model::Timestamp;
use crate::ports::MetricWindow;

/// How far from our own clock AWS's may be before the first answer, and how far ahead is asked for.
const MARGIN: Duration = Duration::from_hours(1);

/// How far a metric has been judged. All times are AWS's.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Periods {
    /// The beginning of the next period to judge; none before the first answer.
    next: Option<Timestamp>,
    /// Where the stretch of judged periods begins that ends at `next`.
    run: Option<Timestamp>,
    /// The period in which AWS answered last.
    open: Timestamp,
    /// The last judged ones.
    known: VecDeque<Row>,
    /// How many were judged.
    judged: u32,
    /// How many had no evidence and were passed over.
    skipped: u32,
    /// How many got other values after they were judged.
    revised: u32,
}

/// What an answer adds.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Taken {
    /// Periods to judge now, once, oldest first.
    pub(super) fresh: Vec<Row>,
    /// Complete periods since the last judged one, without evidence so far.
    pub(super) waiting: u32,
}

impl Periods {
    /// What to ask for. Our own clock only widens it: whatever it does, no evidence is lost or invented.
    pub(super) fn window(&self, grid: Grid, wall: Timestamp) -> MetricWindow {
        let to = grid.floor(self.open.max(wall).after(MARGIN));
        // before the first answer nothing is judged, only AWS's time is wanted
        let next = self.next.unwrap_or_else(|| grid.floor(wall));
        let from = grid.back(next, KNOWN);
        MetricWindow { from: from.min(grid.back(to, 1)), to }
    }

    /// Begins with the first period that begins after this answer, unless it has begun.
    pub(super) fn begin(&mut self, grid: Grid, reading: &Reading) {
        self.begin_at(reading.open.after(grid.period));
    }

    /// Begins with the period that begins at `first`, unless it has begun.
    pub(super) fn begin_at(&mut self, first: Timestamp) {
        self.next.get_or_insert(first);
    }

    /// Whether there was an answer.
    pub(super) const fn has_begun(&self) -> bool {
        self.next.is_some()
    }

    /// Takes what is complete and has not been judged. Periods without evidence are waited for until a
    /// later one has some; then they are passed over, and what was judged before them is another stretch.
    pub(super) fn take(
        &mut self,
        grid: Grid,
        reading: &Reading,
        is_evidence: impl Fn(&Row) -> bool,
    ) -> Taken {
        self.open = self.open.max(reading.open);
        let Some(mut next) = self.next else { return Taken::default() };
        self.compare(&reading.rows);
        let oldest = grid.oldest(reading.closed);
        if next < oldest {
            self.pass_over(grid.between(next, oldest));
            next = oldest;
        }
        let mut fresh = Vec::new();
        for row in &reading.rows {
            let end = row.begin.after(grid.period);
            if row.begin < next || end > reading.closed || !is_evidence(row) {
                continue;
            }
            if row.begin > next {
                self.pass_over(grid.between(next, row.begin));
            }
            self.run.get_or_insert(row.begin);
            self.judged = self.judged.saturating_add(1);
            next = end;
            self.known.push_back(row.clone());
            fresh.push(row.clone());
        }
        while u32::try_from(self.known.len()).unwrap_or(u32::MAX) > KNOWN {
            self.known.pop_front();
        }
        self.next = Some(next);
        Taken { fresh, waiting: grid.between(next, reading.closed) }
    }

    /// Notices judged periods that have other values now, each change once.
    fn compare(&mut self, rows: &[Row]) {
        for known in &mut self.known {
            let now = rows.iter().find(|row| row.begin == known.begin);
            if let Some(now) = now.filter(|now| now.values != known.values) {
                known.values.clone_from(&now.values);
                self.revised = self.revised.saturating_add(1);
            }
        }
    }

    fn pass_over(&mut self, periods: u32) {
        self.skipped = self.skipped.saturating_add(periods);
        self.run = None;
    }

    /// The stretch of judged periods, without a hole, up to the last one.
    pub(super) fn covered(&self) -> Option<(Timestamp, Timestamp)> {
        self.run.zip(self.next)
    }

    /// The end of the last judged period; before the first, where judging begins.
    pub(super) const fn next(&self) -> Option<Timestamp> {
        self.next
    }

    /// How many were judged.
    pub(super) const fn judged(&self) -> u32 {
        self.judged
    }

    /// How many had no evidence and were passed over.
    pub(super) const fn skipped(&self) -> u32 {
        self.skipped
    }

    /// How many got other values after they were judged.
    pub(super) const fn revised(&self) -> u32 {
        self.revised
    }
}

/// A stretch of AWS's time as this process's own, where AWS answered `at` to what was asked at `asked`.
pub(super) fn own_time((from, to): (Timestamp, Timestamp), at: Timestamp, asked: Elapsed) -> Span {
    let own = |time: Timestamp| {
        let ago = at.as_millis().saturating_sub(time.as_millis());
        Elapsed::from_millis(asked.as_millis().saturating_sub(ago))
    };
    Span { from: own(from), to: own(to) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Finite;

    const GRID: Grid = Grid { period: Duration::from_mins(1), settle: Duration::from_mins(2) };

    fn minute(at: u64) -> Timestamp {
        Timestamp::from_millis(at * 60_000)
    }

    /// An answer given in the middle of a minute, with values for some minutes.
    fn reading(open: u64, values: &[(u64, u32)]) -> Reading {
        let row = |(at, value): &(u64, u32)| Row {
            begin: minute(*at),
            values: vec![Some(Finite::from(*value))],
        };
        let at = minute(open).after(Duration::from_secs(30));
        let closed = GRID.closed(at, minute(10_000));
        Reading { open: minute(open), closed, rows: values.iter().map(row).collect() }
    }

    fn take(periods: &mut Periods, reading: &Reading) -> (Vec<u64>, u32) {
        periods.begin(GRID, reading);
        let taken = periods.take(GRID, reading, |_| true);
        let begins = taken.fresh.iter().map(|row| row.begin.as_millis() / 60_000);
        (begins.collect(), taken.waiting)
    }

    #[test]
    fn only_complete_periods_that_began_after_the_first_answer_are_judged_each_once() {
        let mut periods = Periods::default();
        let all: Vec<(u64, u32)> = (90..120).map(|at| (at, 1)).collect();
        assert_eq!(take(&mut periods, &reading(100, &all)), (vec![], 0));
        // minute 101 ends at 102:00, and is complete from 104:00 on
        assert_eq!(take(&mut periods, &reading(103, &all)), (vec![], 0));
        assert_eq!(take(&mut periods, &reading(104, &all)), (vec![101], 0));
        assert_eq!(take(&mut periods, &reading(104, &all)), (vec![], 0));
        assert_eq!(take(&mut periods, &reading(106, &all)), (vec![102, 103], 0));
        // an older answer that comes late takes nothing back
        assert_eq!(take(&mut periods, &reading(105, &all)), (vec![], 0));
        assert_eq!(periods.covered(), Some((minute(101), minute(104))));
        assert_eq!((periods.judged(), periods.skipped(), periods.revised()), (3, 0, 0));
    }

    #[test]
    fn a_period_without_a_datum_is_waited_for_and_then_a_hole() {
        let mut periods = Periods::default();
        take(&mut periods, &reading(100, &[]));
        assert_eq!(take(&mut periods, &reading(104, &[(101, 1)])), (vec![101], 0));
        assert_eq!(take(&mut periods, &reading(106, &[(101, 1)])), (vec![], 2));
        // the first comes late, the second never
        let late = reading(107, &[(102, 1), (104, 1)]);
        assert_eq!(take(&mut periods, &late), (vec![102, 104], 0));
        assert_eq!(periods.covered(), Some((minute(104), minute(105))));
        // what fills the hole afterwards is not judged any more
        let filled = reading(108, &[(102, 1), (103, 1), (104, 1), (105, 1)]);
        assert_eq!(take(&mut periods, &filled), (vec![105], 0));
        assert_eq!((periods.judged(), periods.skipped()), (4, 1));
    }

    #[test]
    fn a_revised_datum_is_noticed_once_and_never_judged_again() {
        let mut periods = Periods::default();
        take(&mut periods, &reading(100, &[]));
        take(&mut periods, &reading(104, &[(101, 7)]));
        assert_eq!(take(&mut periods, &reading(104, &[(101, 9)])), (vec![], 0));
        assert_eq!(take(&mut periods, &reading(104, &[(101, 9)])), (vec![], 0));
        assert_eq!((periods.judged(), periods.revised()), (1, 1));
    }

    #[test]
    fn what_is_too_old_is_passed_over() {
        let mut periods = Periods::default();
        take(&mut periods, &reading(100, &[]));
        take(&mut periods, &reading(104, &[(101, 7)]));
        let (fresh, waiting) = take(&mut periods, &reading(1000, &[(102, 1), (990, 1)]));
        assert_eq!((fresh, waiting), (vec![990], 7));
        assert_eq!(periods.covered(), Some((minute(990), minute(991))));
    }

    #[test]
    fn whatever_our_clock_does_what_is_due_is_asked_for() {
        let mut periods = Periods::default();
        take(&mut periods, &reading(100, &[]));
        for wall in [0, 20, 100, 5_000] {
            let window = periods.window(GRID, minute(wall));
            assert_eq!(window.from, minute(96), "{wall}");
            assert!(window.to >= minute(160), "{wall}");
        }
        let first = Periods::default().window(GRID, minute(1_000).after(Duration::from_secs(7)));
        assert_eq!((first.from, first.to), (minute(995), minute(1_060)));
        // nothing beyond what was asked for is taken for missing
        assert_eq!(GRID.closed(minute(500), minute(160)), minute(160));
    }

    #[test]
    fn aws_time_is_told_in_our_own() {
        let at = minute(100);
        let span = own_time((minute(97), minute(98)), at, Elapsed::from_millis(200_000));
        let own = Elapsed::from_millis;
        assert_eq!(span, Span { from: own(20_000), to: own(80_000) });
        // what was before this process began is nothing of its time
        let before = own_time((minute(90), minute(91)), at, own(200_000));
        assert_eq!(before, Span { from: own(0), to: own(0) });
    }
}
