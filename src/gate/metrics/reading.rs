//! Metric data as they are judged: a row for each period.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::grid::Grid;
use crate::model::Finite;
use crate::model::Timestamp;
use crate::ports::MetricData;
use crate::ports::MetricWindow;

/// Judged periods whose values are compared once more: `CloudWatch` may revise them.
pub(super) const KNOWN: u32 = 5;

/// One period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Row {
    /// Its beginning, by AWS's time.
    pub(super) begin: Timestamp,
    /// The value of each query, in their order; none where there is no datum.
    pub(super) values: Vec<Option<Finite>>,
}

/// One whole answer, without what changes from one look to the next in the same period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reading {
    /// The beginning of the period in which AWS answered.
    pub(super) open: Timestamp,
    /// The end of the last complete period that was asked for.
    pub(super) closed: Timestamp,
    /// Periods with a datum at least, oldest first; those after `closed` may still change.
    pub(super) rows: Vec<Row>,
}

impl Row {
    /// The value of the query with this place.
    pub(super) fn value(&self, place: usize) -> Option<Finite> {
        self.values.get(place).copied().flatten()
    }
}

impl Reading {
    /// What an answer says; an error where it is not all that there is, or no numbers.
    pub(super) fn of(data: &MetricData, window: MetricWindow, grid: Grid) -> Result<Self, String> {
        let open = grid.floor(data.at);
        let closed = grid.closed(data.at, window.to);
        // judged ones are compared once more
        let oldest = grid.back(grid.oldest(closed), KNOWN);
        let mut rows: BTreeMap<Timestamp, Row> = BTreeMap::new();
        for (place, series) in data.series.iter().enumerate() {
            let id = &series.id;
            if let Some(why) = &series.incomplete {
                return Err(format!("the data of `{id}` are incomplete: {why}"));
            }
            for (begin, value) in &series.points {
                // formulas may give values for periods that have not come
                if *begin < oldest || *begin > open {
                    continue;
                }
                if grid.floor(*begin) != *begin {
                    return Err(format!("`{id}` has a datum at {begin}, where no period begins"));
                }
                let Ok(value) = Finite::new(*value) else {
                    return Err(format!("`{id}` was {value} at {begin}, which is no number"));
                };
                let row = rows.entry(*begin).or_insert_with(|| Row {
                    begin: *begin,
                    values: vec![None; data.series.len()],
                });
                let slot = row.values.get_mut(place);
                if slot.is_some_and(|slot| slot.replace(value).is_some()) {
                    return Err(format!("`{id}` has two values at {begin}"));
                }
            }
        }
        Ok(Self { open, closed, rows: rows.into_values().collect() })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::ports::MetricSeries;

    const GRID: Grid = Grid { period: Duration::from_mins(1), settle: Duration::from_mins(2) };

    fn minute(at: u64) -> Timestamp {
        Timestamp::from_millis(at * 60_000)
    }

    fn read(series: &[(&str, &[(Timestamp, f64)])]) -> Result<Reading, String> {
        let of = |(id, points): &(&str, &[(Timestamp, f64)])| MetricSeries {
            id: (*id).to_owned(),
            incomplete: None,
            points: points.to_vec(),
        };
        let at = minute(100).after(Duration::from_secs(5));
        let data = MetricData { at, series: series.iter().map(of).collect() };
        Reading::of(&data, MetricWindow { from: minute(50), to: minute(200) }, GRID)
    }

    #[test]
    fn an_answer_is_a_row_for_each_period_with_a_datum() {
        let bad = [(minute(97), 2.0)];
        let all = [(minute(96), 10.0), (minute(97), 11.0), (minute(150), 0.0)];
        let reading = read(&[("bad", &bad), ("all", &all)]).unwrap();
        assert_eq!((reading.open, reading.closed), (minute(100), minute(98)));
        let begins: Vec<_> = reading.rows.iter().map(|row| row.begin).collect();
        assert_eq!(begins, [minute(96), minute(97)]);
        assert_eq!(
            (reading.rows[0].value(0), reading.rows[1].value(0)),
            (None, Finite::new(2.0).ok())
        );
        let text = serde_json::to_string(&reading).unwrap();
        assert_eq!(serde_json::from_str::<Reading>(&text).unwrap(), reading);
    }

    #[test]
    fn what_is_not_all_or_no_number_is_no_answer() {
        let error = |points: &[(Timestamp, f64)]| read(&[("m", points)]).unwrap_err();
        assert!(error(&[(minute(90), f64::NAN)]).contains("no number"));
        assert!(error(&[(minute(90), 1.0), (minute(90), 2.0)]).contains("two values"));
        let between = Timestamp::from_millis(90 * 60_000 + 1);
        assert!(error(&[(between, 1.0)]).contains("no period begins"));
        let incomplete = Some("PartialData".to_owned());
        let series = MetricSeries { id: "m".to_owned(), incomplete, points: Vec::new() };
        let data = MetricData { at: minute(100), series: vec![series] };
        let window = MetricWindow { from: minute(50), to: minute(200) };
        let said = Reading::of(&data, window, GRID).unwrap_err();
        assert_eq!(said, "the data of `m` are incomplete: PartialData");
    }
}
