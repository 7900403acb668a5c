//! What holds one role's tasks.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::running::RunningTask;
use super::stopped::kinds;
use super::tally::Tally;
use super::target::troubles;
use crate::model::Revision;
use crate::model::RoleObservation;
use crate::model::TaskSetId;

/// What holds one role's tasks: a task set, a service of a pair, or deployments of one service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// What it is called.
    pub(crate) id: TaskSetId,
    /// What its tasks run.
    pub(crate) revision: Revision,
    /// Whether its tasks are known by what they run rather than by who started them.
    pub(crate) by_revision: bool,
    /// The task sets or deployments that start its tasks.
    pub(crate) starters: Vec<String>,
    pub(crate) target: u32,
    pub(crate) pending: u32,
    pub(crate) running: u32,
    pub(crate) draining: bool,
    /// Failed tasks as ECS counts them.
    pub(crate) failed: u32,
    /// Its target group's ARN.
    pub(crate) group: Option<String>,
}

impl Holder {
    /// The role as it is counted in this tally.
    pub(crate) fn role(&self, tally: &Tally) -> RoleObservation {
        let own = || tally.running.iter().filter(|task| self.owns(task));
        let targets = self
            .group
            .as_ref()
            .map(|group| tally.targets.get(group).map(Vec::as_slice).unwrap_or_default());
        let healthy: u32 = own().filter(|task| task.serves(targets)).map(|_| 1).sum();
        let mut zones: BTreeMap<Cow<'static, str>, u32> = BTreeMap::new();
        for task in own() {
            let Some(zone) = &task.zone else { continue };
            let healthy = zones.entry(zone.clone().into()).or_default();
            *healthy = healthy.saturating_add(u32::from(task.serves(targets)));
        }
        let own_targets = targets.into_iter().flatten();
        let own_targets = own_targets.filter(|target| own().any(|task| task.is(target)));
        let failed =
            || tally.failed.values().filter(|task| self.starters.contains(&task.started_by));
        let seen: u32 = failed().map(|_| 1).sum();
        RoleObservation {
            task_set: self.id.clone(),
            revision: self.revision.clone(),
            target: self.target,
            pending: self.pending,
            running: self.running,
            // tasks are read after the counts and may have come up in between
            healthy: healthy.min(self.running),
            draining: self.draining,
            failed: seen.max(self.failed),
            failures: kinds(failed()),
            zones,
            troubles: troubles(own_targets),
        }
    }

    /// Whether this task is one of its own.
    pub(super) fn owns(&self, task: &RunningTask) -> bool {
        if self.by_revision {
            task.task_definition == self.revision.task_definition().as_str()
        } else {
            self.starters.contains(&task.started_by)
        }
    }

    /// What is compared with the last look to know whether anything changed.
    pub(super) fn counters(&self) -> (TaskSetId, [u32; 4]) {
        (self.id.clone(), [self.target, self.pending, self.running, self.failed])
    }
}
