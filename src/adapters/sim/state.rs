//! What the API can show: everything a stale read may be stale about.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::ops::DerefMut;

use super::alarm::Alarm;
use super::behaviour::Behaviour;
use super::cluster::Cluster;
use super::definition::Definition;
use super::elb::Listener;
use super::elb::LoadBalancer;
use super::elb::Rule;
use super::elb::TargetGroup;
use super::scalable_target::RegisteredTarget;
use super::service::Service;
use super::task_set::TaskSet;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::Shared;

/// The services, their tasks, the load balancer and the alarms.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct State {
    /// The services: the scenario's home service first, then those made since.
    pub services: Vec<Shared<Service>>,
    /// The load balancers. A deleted one is none.
    pub balancers: Vec<Option<LoadBalancer>>,
    /// The listeners. A deleted one is none.
    pub listeners: Vec<Option<Listener>>,
    /// A family whose revisions all are there, registered or not: the scenario's.
    pub(super) family: Option<String>,
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The revisions of task definitions that were registered or seen.
    pub definitions: Vec<Definition>,
    /// What Application Auto Scaling scales.
    pub scalable_targets: Vec<RegisteredTarget>,
    /// The target groups: blue, green, then those of others. Empty without a load balancer.
    pub groups: Vec<TargetGroup>,
    /// The rules: the scenario's production rules in order, then its test rule and the default rule of
    /// its listener, then those made since. A deleted rule is none.
    pub rules: Vec<Option<Rule>>,
    /// The alarms.
    pub alarms: Vec<Alarm>,
    /// Every revision that was seen, with its behaviour.
    pub revisions: Vec<(Revision, Behaviour)>,
    /// Tags of whatever has any, by ARN.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// How many load balancers and what belongs to them were made.
    pub(super) resources_made: u64,
}

impl State {
    /// The scenario's own service, the first one.
    ///
    /// # Panics
    ///
    /// Where the scenario has none ([`Scenario::empty`](super::Scenario::empty)).
    #[expect(clippy::expect_used, reason = "whoever asks has made the scenario")]
    pub fn home(&self) -> &Service {
        self.services.first().expect("the scenario has a service")
    }

    /// The service with this name; none where it never was.
    pub fn service(&self, id: &ServiceId) -> Option<&Service> {
        self.shared_service(id).map(Deref::deref)
    }

    pub(super) fn shared_service(&self, id: &ServiceId) -> Option<&Shared<Service>> {
        self.services.iter().find(|service| service.id == *id)
    }

    /// The service that a task set belongs to.
    pub fn service_of(&self, set: u32) -> Option<&Service> {
        self.shared_service_of(set).map(Deref::deref)
    }

    pub(super) fn shared_service_of(&self, set: u32) -> Option<&Shared<Service>> {
        self.services.iter().find(|service| service.set(set).is_some())
    }

    /// Every service's task sets.
    pub fn sets(&self) -> impl Iterator<Item = &TaskSet> {
        self.services.iter().flat_map(|service| &service.sets)
    }

    /// The task set with this number, whatever service has it.
    pub fn set(&self, number: u32) -> Option<&TaskSet> {
        self.sets().find(|set| set.number == number)
    }

    /// The tags of the resource with this ARN.
    pub fn tags_of(&self, arn: &str) -> Vec<(String, String)> {
        self.tags.get(arn).cloned().unwrap_or_default().into_iter().collect()
    }

    /// The cluster with this name, unless it was deleted.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.active && cluster.name == name)
    }

    /// The definition of a revision that was registered or seen.
    pub fn definition(&self, revision: &Revision) -> Option<&Definition> {
        self.definitions.iter().find(|definition| definition.revision == *revision)
    }

    pub(super) fn service_mut(&mut self, id: &ServiceId) -> Option<&mut Service> {
        self.services.iter_mut().find(|service| service.id == *id).map(DerefMut::deref_mut)
    }

    pub(super) fn service_of_mut(&mut self, set: u32) -> Option<&mut Service> {
        let mut services = self.services.iter_mut();
        services.find(|service| service.set(set).is_some()).map(DerefMut::deref_mut)
    }

    pub(super) fn sets_mut(&mut self) -> impl Iterator<Item = &mut TaskSet> {
        self.services.iter_mut().flat_map(|service| &mut service.sets)
    }

    /// The healthy targets of a group (an index into `groups`).
    pub fn healthy_targets(&self, group: usize) -> u32 {
        let attached = self.sets().filter(|set| set.group == Some(group));
        attached.map(TaskSet::healthy).sum()
    }

    /// The production rules that are left and forward.
    pub fn production_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().flatten().filter(|rule| !rule.test && rule.forwards())
    }

    /// The test rule, if there is one.
    pub fn test_rule(&self) -> Option<&Rule> {
        self.rules.iter().flatten().find(|rule| rule.test)
    }
}
