//! The matrix of trouble and stages: how often each kind of trouble met each stage. A zero that nobody
//! has explained fails.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Mutex;

use crate::case::Case;
use crate::directed;
use crate::directed::Job;
use crate::harness::Report;
use crate::harness::run;
use crate::history::open;
use crate::shrink::explain;
use crate::swarm::hush;

/// Cells that stay empty: a part of the row's name, the column's name, and why.
const IMPOSSIBLE: &[(&str, &str, &str)] = &[
    (" of a write", "forward RECONCILE", LOOKS),
    (" of a write", "forward PRE_SCALE_UP", LOOKS),
    (" of a write", "forward POST_SCALE_UP", LOOKS),
    (" of a write", "forward POST_TEST_TRAFFIC_SHIFT", LOOKS),
    (" of a write", "forward PRE_PRODUCTION_TRAFFIC_SHIFT", LOOKS),
    (" of a write", "forward POST_PRODUCTION_TRAFFIC_SHIFT", LOOKS),
    (" of a write", "forward BAKE", LOOKS),
    (" of a write", "rollback POST_PRODUCTION_TRAFFIC_SHIFT", LOOKS),
    ("Partial of a write", "forward SCALE_UP", SINGLE),
    ("Partial of a write", "forward CLEAN_UP", SINGLE),
    ("Partial of a write", "rollback CLEAN_UP", SINGLE),
    (" a write's effect", "forward RECONCILE", LOOKS),
    (" a write's effect", "forward PRE_SCALE_UP", LOOKS),
    (" a write's effect", "forward POST_SCALE_UP", LOOKS),
    (" a write's effect", "forward POST_TEST_TRAFFIC_SHIFT", LOOKS),
    (" a write's effect", "forward PRE_PRODUCTION_TRAFFIC_SHIFT", LOOKS),
    (" a write's effect", "forward POST_PRODUCTION_TRAFFIC_SHIFT", LOOKS),
    (" a write's effect", "forward BAKE", LOOKS),
    (" a write's effect", "rollback POST_PRODUCTION_TRAFFIC_SHIFT", LOOKS),
];

const LOOKS: &str = "in this stage nothing is written: it only looks, waits or runs hooks";
const SINGLE: &str = "a write to a task set is one call: it cannot be done by half";

/// Counts by row and column.
#[derive(Debug, Default)]
struct Matrix {
    rows: Vec<String>,
    counts: BTreeMap<(String, String), u64>,
    runs: u32,
    broken: Vec<(String, Case)>,
    classes: BTreeMap<String, u32>,
}

impl Matrix {
    fn count(&mut self, row: &str, column: &str, by: u64) {
        if !self.rows.iter().any(|known| known == row) {
            self.rows.push(row.to_owned());
        }
        *self.counts.entry((row.to_owned(), column.to_owned())).or_default() += by;
    }

    fn take(&mut self, job: &Job, report: &Report) {
        self.runs += 1;
        match &job.stage {
            Some(stage) => self.count(&job.row, stage, 1),
            None => self.take_counted(job, report),
        }
        if let Some(violation) = &report.violation {
            let class = violation.class();
            if !self.classes.contains_key(&class) {
                self.broken.push((job.row.clone(), job.case.clone()));
            }
            *self.classes.entry(class).or_default() += 1;
        }
    }

    /// What the cloud or the store counted itself, or where a crash met it.
    fn take_counted(&mut self, job: &Job, report: &Report) {
        for ((fault, label), count) in &report.faults {
            let row = if job.row == "store" { fault.as_str() } else { job.row.as_str() };
            if job.row.starts_with(fault.as_str()) || job.row == "store" {
                self.count(row, label, *count);
            }
        }
        if job.row.starts_with("crash")
            && let Some(at) = report.crashed
        {
            let label = report.labels.iter().rev().find(|(since, _)| *since <= at);
            let label = label.map_or("nowhere", |(_, label)| label.as_str()).to_owned();
            self.count(&job.row, &label, 1);
        }
    }

    fn explained(row: &str, column: &str) -> Option<&'static str> {
        let fits = |(of_row, of_column, _): &&(&str, &str, &str)| {
            row.contains(of_row) && *of_column == column
        };
        IMPOSSIBLE.iter().find(fits).map(|(_, _, why)| *why)
    }

    /// Prints the matrix; answers the zeros that nobody has explained.
    fn print(&self, columns: &[String]) -> Vec<String> {
        for (index, column) in columns.iter().enumerate() {
            println!("{:>38} {index:>2} {column}", "");
        }
        let heads: Vec<String> = (0..columns.len()).map(|index| format!("{index:>5}")).collect();
        println!("{:<36}{}", "", heads.concat());
        let (mut open, mut why) = (Vec::new(), BTreeSet::new());
        for row in &self.rows {
            let mut cells = String::new();
            for column in columns {
                let count = self.counts.get(&(row.clone(), column.clone())).copied().unwrap_or(0);
                match (count, Self::explained(row, column)) {
                    (0, Some(reason)) => {
                        cells.push_str("    ·");
                        why.insert(reason);
                    }
                    (0, None) => {
                        cells.push_str("    ?");
                        open.push(format!("{row} in {column}"));
                    }
                    (count, _) => {
                        let _ = write!(cells, "{count:>5}");
                    }
                }
            }
            println!("{row:<36}{cells}");
        }
        for reason in why {
            println!("· {reason}");
        }
        open
    }
}

#[test]
fn every_trouble_in_every_stage() {
    hush();
    let (forward, back) = (directed::forward(), directed::back());
    let mut columns = directed::stages(&run(&forward));
    let ways_back = directed::stages(&run(&back));
    columns.extend(ways_back.into_iter().filter(|stage| stage.starts_with("rollback")));
    let mut jobs = Vec::new();
    for (case, only) in [(&forward, "forward"), (&back, "rollback")] {
        jobs.extend(directed::at_every_call(case, true));
        jobs.extend(directed::at_every_call(case, false));
        jobs.extend(directed::at_every_write(case));
        jobs.extend(directed::in_every_stage(case, only));
    }
    let matrix = Mutex::new(Matrix::default());
    directed::run_all(&jobs, |job, report| open(&matrix).take(job, &report));
    let matrix = open(&matrix);
    let unexplained = matrix.print(&columns);
    println!("{} runs", matrix.runs);
    for (class, count) in &matrix.classes {
        println!("{count:>6}  {class}");
    }
    for (row, case) in &matrix.broken {
        println!("\n{row}:");
        explain(case);
    }
    assert!(matrix.broken.is_empty(), "{:?}", matrix.classes);
    assert!(unexplained.is_empty(), "nothing says why these are empty: {unexplained:#?}");
}
