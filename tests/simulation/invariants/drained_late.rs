//! Rule 4 (design, section 4; reliability S3, S5, F-25, F-26, F-27): stable is not retired before the
//! commit, and no role is drained while traffic may reach it: weight 0 in all rules for at least the
//! propagation time, and no request in whole minutes; where metrics cannot say so, for the stickiness
//! and the deregistration delay too.
//!
//! Without a load balancer, at a first deployment and for a roll whose minimum is 0 % nothing keeps
//! traffic away; with no tasks there is nothing to drain.

use cutover::adapters::sim::World;
use cutover::model::Intent;
use cutover::model::Role;

use crate::history::History;
use crate::history::Millis;
use crate::history::Write;
use crate::recorded::recorded;

use super::Invariant;
use super::unreached::unreached;

/// Nobody is drained while traffic may reach them, and stable not before the commit.
#[derive(Debug, Default)]
pub(crate) struct DrainedLate {
    seen: usize,
    others: usize,
    /// When someone else last wrote a rule.
    foreign: Option<Millis>,
}

impl Invariant for DrainedLate {
    fn rule(&self) -> &'static str {
        "rule 4: nothing is drained that traffic may reach, and stable not before the commit"
    }

    fn check(&mut self, world: &World, history: &History) -> Result<(), String> {
        for entry in world.ledger().iter().skip(self.others) {
            self.others += 1;
            if !entry.actor.is_ours() {
                self.foreign = Some(entry.sent_at.as_millis());
            }
        }
        while let Some(write) = history.writes.get(self.seen) {
            self.seen += 1;
            let (role, tasks) = match write.intent {
                Intent::Scale { role, tasks } => (role, tasks),
                Intent::Retire { role } => (role, 0),
                _ => continue,
            };
            if role == Role::Stable {
                before_commit(history, write, tasks)?;
            }
            if tasks == 0 {
                self.reachable(history, write, role)?;
            }
        }
        Ok(())
    }
}

fn before_commit(history: &History, write: &Write, tasks: u32) -> Result<(), String> {
    let retired = matches!(write.intent, Intent::Retire { .. });
    let now = &history.samples[write.sample];
    let reduced = tasks < now.role(Role::Stable).target && tasks < now.desired;
    let forbidden = retired || (history.terms.roll.is_none() && reduced);
    if !forbidden || history.terms.first {
        return Ok(());
    }
    if recorded(&history.body).is_some_and(|seen| seen.committed) {
        return Ok(());
    }
    // autoscaling lowered the desired count: what is read may still be the old one
    let lowest = history.basis(write.sent).iter().map(|sample| sample.desired).min();
    if !retired && lowest.is_some_and(|lowest| tasks >= lowest) {
        return Ok(());
    }
    Err(format!(
        "process {} sends {:?} at {} ms before the commit is durable",
        write.process, write.intent, write.sent
    ))
}

impl DrainedLate {
    fn reachable(&self, history: &History, write: &Write, role: Role) -> Result<(), String> {
        let terms = &history.terms;
        let now = &history.samples[write.sample];
        let excepted =
            !terms.router || history.is_first() || terms.roll.is_some_and(|(m, _)| m == 0);
        if excepted || now.role(role).live == 0 || now.rules().count() == 0 {
            return Ok(());
        }
        let recent = |at: Millis| at + terms.blind + terms.drain >= write.sent;
        if self.foreign.is_some_and(recent) {
            return Ok(());
        }
        if now.data(role) > 0 {
            return Err(format!(
                "process {} drains {role} at {} ms while {} per mille of the traffic still go there",
                write.process,
                write.sent,
                now.data(role)
            ));
        }
        let carried = history.samples[..=write.sample].iter().rposition(|s| s.control(role) > 0);
        let since = match carried {
            None => 0,
            Some(last) => history.samples.get(last + 1).map_or(write.sent, |next| next.at),
        };
        if carried.is_none() { Ok(()) } else { unreached(history, write, role, since) }
    }
}
