//! Tasks and targets, counted by role.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::answer::ServiceDescription;
use super::answer::StoppedTally;
use super::answer::TargetDescription;
use super::answer::TaskDescription;
use super::answer::TaskSetDescription;
use super::rolling::RollingState;
use super::task::TargetHealth;
use super::task::TaskState;
use super::task::ZONES;
use super::task::zone_name;
use crate::model::Delegated;
use crate::model::DelegatedState;
use crate::model::RoleObservation;
use crate::model::TargetTrouble;
use crate::model::TaskFailure;

/// Kinds of failures that are told apart.
const KINDS: usize = 8;

/// Tasks and targets of a service, as several reads showed them.
#[derive(Debug, Default)]
pub(super) struct Census {
    /// Tasks that have not stopped.
    pub(super) tasks: Vec<TaskDescription>,
    /// Tasks that have.
    pub(super) stopped: Vec<StoppedTally>,
    /// The targets of the roles' groups.
    pub(super) targets: Vec<TargetDescription>,
}

impl Census {
    /// One role's tasks. Health is counted per target and mapped to its task.
    pub(super) fn role(&self, set: &TaskSetDescription) -> RoleObservation {
        let (mut healthy, mut unhealthy) = (0, 0);
        let mut by_zone = ZONES.map(|_| None);
        for task in self.tasks.iter().filter(|task| task.task_set == set.number) {
            let target = self.targets.iter().find(|target| target.task == task.task);
            let target = target.map(|target| target.health);
            let is_healthy = if set.target_group.is_some() {
                target == Some(TargetHealth::Healthy)
            } else {
                task.state == TaskState::Running && task.container_healthy
            };
            healthy += u32::from(is_healthy);
            unhealthy += u32::from(target == Some(TargetHealth::Unhealthy));
            if let Some(count) = by_zone.get_mut(usize::from(task.zone)) {
                *count.get_or_insert(0) += u32::from(is_healthy);
            }
        }
        let mut zones: BTreeMap<Cow<'static, str>, u32> = BTreeMap::new();
        for (zone, count) in ZONES.into_iter().zip(by_zone) {
            zones.extend(count.map(|count| (zone_name(zone).into(), count)));
        }
        let trouble =
            || TargetTrouble { reason: "Target.ResponseCodeMismatch".to_owned(), count: unhealthy };
        let failed = self.stopped.iter().filter(|tally| tally.task_set == set.number);
        let mut failures: Vec<TaskFailure> = failed
            .filter(|tally| tally.cause.is_failure())
            .map(|tally| TaskFailure {
                code: tally.cause.code().to_owned(),
                reason: tally.cause.reason().to_owned(),
                count: tally.count,
                exit_code: tally.cause.exit_code().filter(|code| *code != 0),
            })
            .collect();
        failures.sort_by_key(|failure| Reverse(failure.count));
        RoleObservation {
            task_set: set.id.clone(),
            revision: set.revision.clone(),
            target: set.computed,
            pending: set.pending,
            running: set.running,
            healthy,
            draining: set.draining,
            failed: failures.iter().map(|failure| failure.count).sum(),
            failures: failures.into_iter().take(KINDS).collect(),
            zones,
            troubles: (unhealthy > 0).then(trouble).into_iter().collect(),
        }
    }

    /// What ECS says about its own rolling update, if it made one.
    pub(super) fn delegated(service: &ServiceDescription) -> Option<Delegated> {
        let (set, rolling_state) = service
            .task_sets
            .iter()
            .find_map(|set| set.rolling_state.map(|rolling_state| (set, rolling_state)))?;
        let state = match rolling_state {
            RollingState::RolledBack => {
                DelegatedState::RolledBack { reason: "ECS deployment circuit breaker".to_owned() }
            }
            RollingState::Failed => {
                DelegatedState::Failed { reason: "tasks failed to start".to_owned() }
            }
            RollingState::InProgress => DelegatedState::InProgress,
            RollingState::Completed => DelegatedState::Completed,
        };
        Some(Delegated { revision: set.revision.clone(), state })
    }
}
