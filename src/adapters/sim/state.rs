//! What the API can show: everything a stale read may be stale about.

use super::alarm::Alarm;
use super::behaviour::Behaviour;
use super::rule::Rule;
use super::rule::TargetGroup;
use super::scenario::Controller;
use super::task_set::TaskSet;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::ServiceState;

/// The service, its tasks, the load balancer and the alarms.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct State {
    /// The service.
    pub service: ServiceId,
    /// Its controller.
    pub controller: Controller,
    /// Its status.
    pub status: ServiceState,
    /// Its desired count.
    pub desired: u32,
    /// Its primary task set's number.
    pub primary: Option<u32>,
    /// Its task sets, oldest first.
    pub sets: Vec<TaskSet>,
    /// The target groups: blue, green, then those of others. Empty without a load balancer.
    pub groups: Vec<TargetGroup>,
    /// The rules: production rules in order, then the test rule. A deleted rule is none.
    pub rules: Vec<Option<Rule>>,
    /// The alarms.
    pub alarms: Vec<Alarm>,
    /// Every revision that was seen, with its behaviour.
    pub revisions: Vec<(Revision, Behaviour)>,
    /// What the `ECS` controller is at; none while it is at rest, or with `EXTERNAL`.
    pub rolling: Option<super::rolling::Rolling>,
}

impl State {
    /// The task set with this number.
    pub fn set(&self, number: u32) -> Option<&TaskSet> {
        self.sets.iter().find(|set| set.number == number)
    }

    /// The task set that carries this external id.
    pub fn set_of(&self, external_id: &str) -> Option<&TaskSet> {
        self.sets.iter().find(|set| set.external_id.as_deref() == Some(external_id))
    }

    /// The healthy targets of a group (an index into `groups`).
    pub fn healthy_targets(&self, group: usize) -> u32 {
        let attached = self.sets.iter().filter(|set| set.group == Some(group));
        attached.map(TaskSet::healthy).sum()
    }

    /// The production rules that are left.
    pub fn production_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().flatten().filter(|rule| !rule.test)
    }

    /// The test rule, if there is one.
    pub fn test_rule(&self) -> Option<&Rule> {
        self.rules.iter().flatten().find(|rule| rule.test)
    }
}
