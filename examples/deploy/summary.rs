//! How a deployment ended, why, and what it cost its users.

use std::io;
use std::io::Write;
use std::iter;
use std::time::Duration;

use cutover::model::Ending;
use cutover::model::Progress;
use cutover::model::RoleProgress;
use cutover::model::RollbackCause;

use crate::paint::Paint;
use crate::paint::count;
use crate::paint::percent;
use crate::paint::span;
use crate::words;

/// Requests, by who served them, while the deployment ran.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Exposure {
    /// Served by the candidate.
    pub(crate) candidate: u64,
    /// Of those, failed.
    pub(crate) candidate_failed: u64,
    /// Served by stable.
    pub(crate) stable: u64,
    /// Of those, failed.
    pub(crate) stable_failed: u64,
    /// Served by nobody.
    pub(crate) unserved: u64,
}

/// What is known at the end.
#[derive(Debug)]
pub(crate) struct Summary {
    /// `web:7 → web:8`.
    pub(crate) change: String,
    /// How it ended.
    pub(crate) ending: Ending,
    /// Why it turned back, if it did.
    pub(crate) cause: Option<RollbackCause>,
    /// How long it took.
    pub(crate) took: Duration,
    /// The last that was seen.
    pub(crate) last: Progress,
    /// What users met, where the cloud is one that can tell.
    pub(crate) exposure: Option<Exposure>,
}

impl Summary {
    /// Writes it, aligned.
    pub(crate) fn print(&self, paint: Paint) -> io::Result<()> {
        let mut out = io::stdout().lock();
        let head = format!("{}  {}  after {}", self.ending.status(), self.change, span(self.took));
        let head = match &self.ending {
            Ending::Successful { .. } => paint.green(&paint.bold(&head)),
            Ending::RollbackSuccessful { .. } => paint.yellow(&paint.bold(&head)),
            _ => paint.red(&paint.bold(&head)),
        };
        writeln!(out, "\n{head}")?;
        for (name, value) in self.rows() {
            writeln!(out, "{name:>10}  {value}")?;
        }
        writeln!(out)
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let mut rows = vec![("why", self.why())];
        let names = iter::once("exposed").chain(iter::repeat(""));
        rows.extend(names.zip(self.exposure.map(met).unwrap_or_default()));
        rows.push(("now", self.now()));
        match &self.ending {
            Ending::Successful { leftovers } | Ending::RollbackSuccessful { leftovers } => {
                rows.extend(leftovers.iter().map(|leftover| ("left", leftover.to_string())));
            }
            Ending::RollbackFailed { remaining } => {
                rows.extend(remaining.iter().map(|step| ("to do", step.clone())));
            }
            Ending::Stopped { world, .. } => {
                rows.extend(world.iter().map(|fact| ("world", fact.clone())));
            }
            _ => {}
        }
        rows
    }

    fn why(&self) -> String {
        let cause = self.cause.as_ref().map(ToString::to_string);
        match (&self.ending, cause) {
            (Ending::Successful { .. }, _) => {
                "every step was taken and every gate passed to the end".to_owned()
            }
            (Ending::Stopped { reason, .. }, _) => reason.to_string(),
            (_, Some(cause)) => cause,
            (_, None) => "it turned back".to_owned(),
        }
    }

    fn now(&self) -> String {
        if words::unseen(&self.last) {
            return "unknown: the world could not be read".to_owned();
        }
        let weight = self.last.weight.map(|weight| format!("candidate {weight} of traffic, "));
        let role = |name: &str, role: RoleProgress| match role.target {
            0 => format!("{name} has no tasks"),
            target => format!("{name} {} of {target} healthy", role.healthy),
        };
        let (stable, candidate) = (self.last.stable, self.last.candidate);
        let tasks = format!("{}, {}", role("stable", stable), role("candidate", candidate));
        weight.unwrap_or_default() + &tasks
    }
}

fn met(met: Exposure) -> Vec<String> {
    let all = met.candidate + met.stable + met.unserved;
    let served = |name: &str, served: u64, failed: u64| {
        let share = percent(served, all);
        let rate = percent(failed, served);
        format!(
            "{name} {:>9} requests ({share:>7}), {:>6} failed ({rate})",
            count(served),
            count(failed)
        )
    };
    let mut lines = vec![
        served("candidate", met.candidate, met.candidate_failed),
        served("stable   ", met.stable, met.stable_failed),
    ];
    if met.unserved > 0 {
        lines.push(format!("nobody    {:>9} requests", count(met.unserved)));
    }
    lines
}
