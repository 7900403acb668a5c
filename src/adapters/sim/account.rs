//! Clusters and tags.

use super::answer::Answer;
use super::api_error::ApiError;
use super::cluster::Cluster;
use super::cluster::ClusterDescription;
use super::ecs_answer::EcsAnswer;
use super::settings::Settings;
use super::state::State;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::ServiceState;

/// Members of a cluster that are kept.
const MEMBERS: &[&str] = &[
    "settings",
    "configuration",
    "capacityProviders",
    "defaultCapacityProviderStrategy",
    "serviceConnectDefaults",
];

impl State {
    /// A cluster with what is in it.
    pub(super) fn describe_cluster(&self, name: &str) -> Option<ClusterDescription> {
        let cluster = self.clusters.iter().rfind(|cluster| cluster.name == name)?;
        let services = || self.services.iter().filter(|service| *service.id.cluster == *name);
        let sum = |count: fn(&TaskSet) -> u32| {
            services().flat_map(|service| &service.sets).map(count).sum::<u32>()
        };
        Some(ClusterDescription {
            cluster: cluster.clone(),
            running: sum(TaskSet::running),
            pending: sum(TaskSet::pending),
            services: services()
                .filter(|service| service.status == ServiceState::Active)
                .map(|_| 1)
                .sum(),
            tags: self.tags_of(&cluster.arn()),
        })
    }

    /// Whether something has this ARN.
    pub(super) fn knows(&self, arn: &str) -> bool {
        let in_services = || {
            self.services.iter().any(|service| {
                service.arn() == arn
                    || service.sets.iter().any(|set| set.arn(&service.id) == arn)
                    || service.tasks().any(|(_, task)| task.arn(&service.id.cluster) == arn)
            })
        };
        self.clusters.iter().any(|cluster| cluster.active && cluster.arn() == arn)
            || in_services()
            || self.named_definition(arn).is_some()
    }
}

impl World {
    pub(super) fn create_cluster(&mut self, name: &str, settings: &Settings) -> Answer {
        if self.state.cluster(name).is_none() {
            self.state.clusters.retain(|cluster| cluster.name != name);
            let cluster = Cluster {
                name: name.to_owned(),
                active: true,
                settings: settings.only(MEMBERS),
                created_at: self.now,
            };
            let arn = cluster.arn();
            self.state.clusters.push(cluster);
            self.put_tags(&arn, &settings.tags());
        }
        self.answer_cluster(name)
    }

    pub(super) fn delete_cluster(&mut self, name: &str) -> Result<Answer, ApiError> {
        self.check_cluster(name)?;
        let holds = |wanted: fn(ServiceState) -> bool| {
            let mut services = self.state.services.iter();
            services.any(|service| *service.id.cluster == *name && wanted(service.status))
        };
        if holds(|status| status == ServiceState::Active) {
            return Err(ApiError::refused(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            ));
        }
        if holds(|status| status == ServiceState::Draining) {
            return Err(ApiError::refused(
                "ClusterContainsTasksException",
                "The Cluster cannot be deleted while Tasks are active.",
            ));
        }
        for cluster in self.state.clusters.iter_mut().filter(|cluster| cluster.name == name) {
            cluster.active = false;
        }
        Ok(self.answer_cluster(name))
    }

    fn answer_cluster(&self, name: &str) -> Answer {
        let described = self.state.describe_cluster(name);
        Answer::Ecs(EcsAnswer::Clusters(described.into_iter().collect()))
    }

    /// Refuses what names a cluster that is not there.
    pub(super) fn check_cluster(&self, name: &str) -> Result<(), ApiError> {
        let there = self.state.cluster(name).is_some();
        let missing = || ApiError::gone("ClusterNotFoundException", "Cluster not found.");
        there.then_some(()).ok_or_else(missing)
    }

    pub(super) fn tag(&mut self, arn: &str, tags: &[(String, String)]) -> Result<Answer, ApiError> {
        if !self.state.knows(arn) {
            return Err(ApiError::invalid("The specified resource is not found."));
        }
        self.put_tags(arn, tags);
        Ok(Answer::Done)
    }

    pub(super) fn untag(&mut self, arn: &str, keys: &[String]) -> Result<Answer, ApiError> {
        if !self.state.knows(arn) {
            return Err(ApiError::invalid("The specified resource is not found."));
        }
        if let Some(tags) = self.state.tags.get_mut(arn) {
            tags.retain(|key, _| !keys.contains(key));
        }
        Ok(Answer::Done)
    }

    /// Gives a resource these tags beside those with other keys.
    pub(super) fn put_tags(&mut self, arn: &str, tags: &[(String, String)]) {
        if tags.is_empty() {
            return;
        }
        let kept = self.state.tags.entry(arn.to_owned()).or_default();
        kept.extend(tags.iter().cloned());
    }
}
