//! Rule 2 (design, section 4; reliability S2): a role gets weight w only with at least
//! ceil(w × desired × m) healthy targets, from a fresh read before each increase. m is 1, and for
//! rolling the minimum healthy percentage.
//!
//! Exception, documented: going back, when the candidate has no healthy target at all and stable has
//! one, stable may take everything.

use cutover::adapters::sim::World;
use cutover::model::Intent;
use cutover::model::Role;

use crate::history::Answer;
use crate::history::History;
use crate::history::Read;
use crate::history::Write;
use crate::truth::index;

use super::Invariant;

/// No weight without healthy targets.
#[derive(Debug, Default)]
pub(crate) struct HealthyTargets {
    seen: usize,
}

/// The longest that the read of a cycle and what follows it take before a write is sent.
const CYCLE: u64 = 25_000;

impl Invariant for HealthyTargets {
    fn rule(&self) -> &'static str {
        "rule 2: a role gets weight only with healthy targets, from a fresh read"
    }

    fn check(&mut self, _world: &World, history: &History) -> Result<(), String> {
        while let Some(write) = history.writes.get(self.seen) {
            self.seen += 1;
            if let Intent::Shift { weight } = &write.intent {
                let candidate = weight.as_permille();
                let now = &history.samples[write.sample];
                let raised = |role| {
                    let wanted = if role == Role::Candidate { candidate } else { 1000 - candidate };
                    let lowest = now.rules().map(|rule| rule.control[index(role)]).min();
                    lowest.is_some_and(|lowest| wanted > lowest).then_some(wanted)
                };
                for role in [Role::Stable, Role::Candidate] {
                    if let Some(wanted) = raised(role) {
                        in_truth(history, write, role, wanted)?;
                        as_read(history, write, role, wanted)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The exception: nothing else can serve.
fn nothing_else(role: Role, healthy: [u32; 2]) -> bool {
    role == Role::Stable && healthy[1] == 0 && healthy[0] > 0
}

/// At some moment that the write may have rested on, the role was healthy enough.
fn in_truth(history: &History, write: &Write, role: Role, wanted: u16) -> Result<(), String> {
    let terms = &history.terms;
    let basis = history.basis(write.sent);
    let desired = basis.iter().map(|sample| sample.desired).min().unwrap_or(0);
    let needed = terms.needed(wanted.into(), desired);
    let enough = basis.iter().any(|sample| {
        let healthy = [sample.roles[0].healthy, sample.roles[1].healthy];
        healthy[index(role)] >= needed || nothing_else(role, healthy)
    });
    if enough {
        return Ok(());
    }
    let best = basis.iter().map(|sample| sample.role(role).healthy).max().unwrap_or(0);
    Err(format!(
        "process {} gives {role} {wanted} per mille at {} ms, which needs {needed} healthy targets of \
         {desired} desired; there were {best} at most",
        write.process, write.sent
    ))
}

/// The newest read of the same process says so too, and it is fresh.
fn as_read(history: &History, write: &Write, role: Role, wanted: u16) -> Result<(), String> {
    let of_fleet = |read: &&Read| {
        read.process == write.process
            && read.began <= write.sent
            && matches!(read.answer, Answer::Fleet { .. })
    };
    // a look that is still under way has not been seen as a whole, so the one before it counts too
    let looks: Vec<&Read> = history.reads.iter().rev().filter(of_fleet).take(2).collect();
    let Some(newest) = looks.first() else {
        return Err(format!("process {} gives {role} weight without a read", write.process));
    };
    let allows = |read: &&&Read| {
        let Answer::Fleet { desired, healthy } = read.answer else { return false };
        let needed = history.terms.needed(wanted.into(), desired);
        healthy[index(role)] >= needed || nothing_else(role, healthy)
    };
    let Some(read) = looks.iter().find(allows) else {
        return Err(format!(
            "process {} gives {role} {wanted} per mille at {} ms; its own newest read, of {} ms, says \
             {:?}",
            write.process, write.sent, newest.began, newest.answer
        ));
    };
    let age = write.sent - read.began;
    if age > history.terms.freshness + CYCLE {
        return Err(format!(
            "the read behind a raise of {role} at {} ms is {age} ms old",
            write.sent
        ));
    }
    Ok(())
}
