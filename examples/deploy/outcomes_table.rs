//! What came of many runs, on paper.

use std::fmt;
use std::fmt::Write;
use std::time::Duration;

use cutover::simulate::Distribution;
use cutover::simulate::Ending;
use cutover::simulate::Hope;
use cutover::simulate::NamedWorld;
use cutover::simulate::Outcomes;

use crate::paint::Paint;
use crate::paint::count;
use crate::paint::percent;
use crate::paint::span;

/// What is told of runs, and how a number of it is written.
type Row = (&'static str, fn(&Outcomes) -> Distribution, fn(u64) -> String);

const ROWS: [Row; 6] = [
    ("requests to the candidate", |of| of.requests, count),
    ("of those failed", |of| of.failed, count),
    ("requests to nobody", |of| of.unserved, count),
    ("turned back after", |of| of.decided_ms, time),
    ("took", |of| of.took_ms, time),
    ("calls to AWS", |of| of.calls, count),
];

fn time(millis: u64) -> String {
    span(Duration::from_millis(millis))
}

/// Texts in columns of this width, to the right.
fn columns(texts: impl IntoIterator<Item = String>, width: usize) -> String {
    texts.into_iter().fold(String::new(), |line, text| line + &format!("{text:>width$}"))
}

/// Whether a row has anything to say.
fn is_told(of: Distribution, row: &Row) -> bool {
    of.count > 0 && (of.max > 0 || row.0 != "requests to nobody")
}

fn hoped_for(world: NamedWorld) -> &'static str {
    match world.hope() {
        Hope::Success => "should succeed",
        Hope::Rollback => "should roll back",
        _ => "may succeed or roll back",
    }
}

/// One spec in one world: how the runs ended, and what they cost.
pub(crate) fn one_world(
    out: &mut String,
    outcomes: &Outcomes,
    replay: impl Fn(NamedWorld, u64) -> String,
    paint: Paint,
) -> fmt::Result {
    let world = outcomes.world;
    writeln!(out, "{}  {}", paint.bold(&world.to_string()), paint.dim(hoped_for(world)))?;
    let hope = world.hope();
    for share in &outcomes.endings {
        let odd = !share.ending.is_as_hoped(hope);
        let part = percent(u64::from(share.runs), u64::from(outcomes.runs));
        let text = format!("{part:>9}  {}", share.ending);
        let text = match share.ending {
            _ if odd => paint.red(&text),
            Ending::Succeeded => paint.green(&text),
            _ => paint.yellow(&text),
        };
        writeln!(out, "{}{text}", if odd { '!' } else { ' ' })?;
        if odd {
            writeln!(out, "{:12}{}", "", paint.dim(&replay(world, share.seed)))?;
        }
    }
    writeln!(out, "{:>34}{}", "", paint.dim("      10 %    median      90 %      99 %"))?;
    for row in &ROWS {
        let (name, which, write) = row;
        let of = which(outcomes);
        if is_told(of, row) {
            let numbers = [of.p10, of.p50, of.p90, of.p99].map(write);
            writeln!(out, "{name:>34}{}", columns(numbers, 10))?;
        }
    }
    writeln!(out)
}

/// Several specs in the same world: a column each.
pub(crate) fn beside(out: &mut String, all: &[&Outcomes], paint: Paint) -> fmt::Result {
    let Some(first) = all.first() else { return Ok(()) };
    let world = first.world;
    writeln!(out, "{}  {}", paint.bold(&world.to_string()), paint.dim(hoped_for(world)))?;
    let heads = columns((1..=all.len()).map(|nth| format!("({nth})")), 14);
    writeln!(out, "{:>34}{}", "", paint.dim(&heads))?;
    let mut line = |name: &str, cell: &dyn Fn(&Outcomes) -> String| {
        writeln!(out, "{name:>34}{}", columns(all.iter().map(|of| cell(of)), 14))
    };
    let share = |of: &Outcomes, runs: u32| percent(u64::from(runs), u64::from(of.runs));
    line("succeeded", &|of| share(of, of.succeeded()))?;
    line("rolled back", &|of| share(of, of.rolled_back()))?;
    line("anything else", &|of| share(of, of.runs - of.succeeded() - of.rolled_back()))?;
    for row in &ROWS {
        let (name, which, write) = row;
        if !all.iter().any(|of| is_told(which(of), row)) {
            continue;
        }
        let cell = |of: &Outcomes, quantile: fn(Distribution) -> u64| {
            let of = which(of);
            if of.count == 0 { "–".to_owned() } else { write(quantile(of)) }
        };
        line(&format!("{name}, median"), &|of| cell(of, |of| of.p50))?;
        if row.0 != "calls to AWS" {
            line("90 %", &|of| cell(of, |of| of.p90))?;
        }
    }
    writeln!(out)
}
