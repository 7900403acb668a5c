//! Rule 3 (design, section 4; reliability S3, S4): a roll of ours keeps ECS's two bounds; every other
//! strategy keeps to the peak that its plan printed, twice the desired count.
//!
//! Checked as a counterfactual on what is sent: how many healthy tasks are left when the worst of them
//! are removed, and how many tasks there are if all of them come. Losses that others cause do not
//! count against us.

use cutover::adapters::sim::World;
use cutover::model::Intent;
use cutover::model::Role;

use crate::history::History;
use crate::history::Write;
use crate::truth::Sample;
use crate::truth::index;

use super::Invariant;

/// Neither too few healthy tasks nor too many in all by an action of ours.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    seen: usize,
}

impl Invariant for Bounds {
    fn rule(&self) -> &'static str {
        "rule 3: healthy in service and tasks in all stay within the bounds"
    }

    fn check(&mut self, _world: &World, history: &History) -> Result<(), String> {
        while let Some(write) = history.writes.get(self.seen) {
            self.seen += 1;
            let (role, tasks) = match write.intent {
                Intent::Launch { tasks } => (Role::Candidate, tasks),
                Intent::Scale { role, tasks } => (role, tasks),
                Intent::Retire { role } => (role, 0),
                _ => continue,
            };
            if history.terms.first {
                continue;
            }
            too_many(history, write, role, tasks)?;
            if history.terms.roll.is_some() && history.terms.router {
                too_few(history, write, role, tasks)?;
            }
        }
        Ok(())
    }
}

fn too_many(history: &History, write: &Write, role: Role, tasks: u32) -> Result<(), String> {
    let now = &history.samples[write.sample];
    if tasks <= now.role(role).target {
        return Ok(());
    }
    let basis = history.basis(write.sent);
    let desired = basis.iter().map(|sample| sample.desired).max().unwrap_or(0);
    let percent = history.terms.roll.map_or(200, |(_, maximum)| maximum);
    let most = u64::from(desired) * u64::from(percent) / 100;
    let total = u64::from(tasks) + u64::from(now.role(role.other()).target);
    if total <= most {
        return Ok(());
    }
    Err(format!(
        "process {} asks for {tasks} {role} tasks at {} ms beside {} others: {total}, and {most} are \
         the most at {desired} desired",
        write.process,
        write.sent,
        now.role(role.other()).target
    ))
}

fn too_few(history: &History, write: &Write, role: Role, tasks: u32) -> Result<(), String> {
    let Some((minimum, _)) = history.terms.roll else { return Ok(()) };
    let now = &history.samples[write.sample];
    if now.data(role) == 0 && now.control(role) == 0 {
        // not in service: nobody misses it
        return Ok(());
    }
    let basis = history.basis(write.sent);
    let desired = basis.iter().map(|sample| sample.desired).min().unwrap_or(0);
    let needed = (u64::from(desired) * u64::from(minimum)).div_ceil(100);
    let removed = now.role(role).live.saturating_sub(tasks);
    let left = |sample: &Sample| {
        let worst = removed.min(sample.roles[index(role)].healthy);
        (worst, u64::from(sample.healthy() - worst))
    };
    let harmless = basis.iter().any(|sample| {
        let (worst, left) = left(sample);
        worst == 0 || left >= needed
    });
    if harmless {
        return Ok(());
    }
    Err(format!(
        "process {} leaves {role} {tasks} tasks at {} ms: {} healthy ones remain at worst, and {needed} \
         are the fewest at {desired} desired",
        write.process,
        write.sent,
        left(now).1
    ))
}
