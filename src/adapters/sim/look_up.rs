//! Reads of those who look into an account.

use super::answer::Answer;
use super::api_error::ApiError;
use super::definition::Definition;
use super::ecs_answer::EcsAnswer;
use super::ecs_answer::TaskDetail;
use super::ecs_call::EcsCall;
use super::scenario::Controller;
use super::service::Service;
use super::service_deployment::ServiceDeployment;
use super::service_deployment::ServiceDeploymentDescription;
use super::service_deployment::ServiceRevision;
use super::service_deployment::ServiceRevisionDescription;
use super::state::State;
use super::stopped_task::StoppedTask;
use super::task::Task;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ServiceState;
use crate::model::Shared;
use crate::model::TaskDefinitionArn;
use crate::model::Timestamp;

impl State {
    /// Answers a read of ECS. Not a read: `None`.
    pub(super) fn look_up(&self, call: &EcsCall, now: Elapsed) -> Option<Result<Answer, ApiError>> {
        let answer = match call {
            EcsCall::DescribeTaskDefinition { definition } => {
                return Some(self.describe_definition(definition));
            }
            EcsCall::ListTasks { .. } => return Some(self.list_tasks(call, now)),
            EcsCall::DescribeClusters { names } => EcsAnswer::Clusters(
                names.iter().filter_map(|name| self.describe_cluster(name)).collect(),
            ),
            EcsCall::ListClusters => {
                let there = self.clusters.iter().filter(|cluster| cluster.active);
                EcsAnswer::Names(there.map(super::cluster::Cluster::arn).collect())
            }
            EcsCall::ListTaskDefinitions { family, active, descending } => {
                EcsAnswer::Names(self.list_definitions(family.as_deref(), *active, *descending))
            }
            EcsCall::ListTaskDefinitionFamilies { prefix, active } => {
                EcsAnswer::Names(self.list_families(prefix.as_deref().unwrap_or(""), *active))
            }
            EcsCall::ListServices { cluster, launch_type } => {
                if self.cluster(cluster).is_none() {
                    return Some(Err(no_cluster()));
                }
                EcsAnswer::Names(self.list_services(cluster, launch_type.as_deref()))
            }
            EcsCall::DescribeTasks { cluster, tasks } => {
                if self.cluster(cluster).is_none() {
                    return Some(Err(no_cluster()));
                }
                EcsAnswer::Tasks(self.describe_those(cluster, tasks, now))
            }
            EcsCall::ListServiceDeployments { service, .. } => {
                let Some(service) = self.service(service) else {
                    return Some(Err(ApiError::gone(
                        "ServiceNotFoundException",
                        "Service not found.",
                    )));
                };
                EcsAnswer::ServiceDeployments(list_deployments(service, call))
            }
            EcsCall::DescribeServiceDeployments { arns } => {
                EcsAnswer::ServiceDeployments(self.deployments_named(arns))
            }
            EcsCall::DescribeServiceRevisions { arns } => {
                EcsAnswer::ServiceRevisions(self.revisions_named(arns))
            }
            EcsCall::ListTagsForResource { arn } => {
                if !self.knows(arn) {
                    let missing = "The specified resource is not found.";
                    return Some(Err(ApiError::invalid(missing)));
                }
                EcsAnswer::Tags(self.tags_of(arn))
            }
            _ => return None,
        };
        Some(Ok(Answer::Ecs(answer)))
    }

    fn list_definitions(
        &self,
        family: Option<&str>,
        active: bool,
        descending: bool,
    ) -> Vec<String> {
        let of_family = |definition: &&Definition| {
            let own = definition.revision.task_definition().family();
            definition.active == active && family.is_none_or(|family| family == own)
        };
        let mut found: Vec<_> = self
            .definitions
            .iter()
            .filter(of_family)
            .map(|definition| definition.revision.task_definition())
            .collect();
        found.sort_by_key(|arn| (arn.family(), arn.revision_number()));
        if descending {
            found.reverse();
        }
        found.into_iter().map(ToString::to_string).collect()
    }

    fn list_families(&self, prefix: &str, active: Option<bool>) -> Vec<String> {
        let arns = self.definitions.iter().map(|definition| definition.revision.task_definition());
        let mut families: Vec<&str> = arns.map(TaskDefinitionArn::family).collect();
        families.sort_unstable();
        families.dedup();
        let lives = |family: &str| self.definitions_of(family).any(|definition| definition.active);
        let wanted = |family: &&str| {
            family.starts_with(prefix) && active.is_none_or(|active| lives(family) == active)
        };
        families.into_iter().filter(wanted).map(str::to_owned).collect()
    }

    fn list_services(&self, cluster: &str, launch_type: Option<&str>) -> Vec<String> {
        let wanted = |service: &&Shared<Service>| {
            let own = service.settings.text("launchType");
            *service.id.cluster == *cluster
                && service.status != ServiceState::Gone
                && launch_type.is_none_or(|wanted| own == Some(wanted))
        };
        self.services.iter().filter(wanted).map(|service| service.arn()).collect()
    }

    fn list_tasks(&self, call: &EcsCall, now: Elapsed) -> Result<Answer, ApiError> {
        let EcsCall::ListTasks { cluster, service, family, started_by, stopped } = call else {
            return Err(ApiError::invalid("not ListTasks"));
        };
        if self.cluster(cluster).is_none() {
            return Err(no_cluster());
        }
        let of_cluster = || self.services.iter().filter(|it| *it.id.cluster == *cluster);
        if let Some(name) = service
            && !of_cluster().any(|it| *it.id.service == *name)
        {
            return Err(ApiError::gone("ServiceNotFoundException", "Service not found."));
        }
        let wanted = |id: &str, revision: &Revision| {
            started_by.as_ref().is_none_or(|by| by == id)
                && family.as_ref().is_none_or(|of| of == revision.task_definition().family())
        };
        let mut found = Vec::new();
        for it in of_cluster().filter(|it| service.as_ref().is_none_or(|of| *of == *it.id.service))
        {
            let meant = it.tasks().filter(|(set, task)| {
                task.is_live() != *stopped && wanted(set.id.as_str(), &set.revision)
            });
            found.extend(meant.map(|(_, task)| (task.number, task.arn(cluster))));
            if *stopped {
                let kept = kept(it, now).filter(|old| wanted(old.set.as_str(), &old.revision));
                found.extend(kept.map(|old| (old.task.number, old.task.arn(cluster))));
            }
        }
        found.sort();
        let arns = found.into_iter().map(|(_, arn)| arn).collect();
        Ok(Answer::Ecs(EcsAnswer::Names(arns)))
    }

    pub(super) fn describe_those(
        &self,
        cluster: &str,
        wanted: &[String],
        now: Elapsed,
    ) -> Vec<TaskDetail> {
        let named = |task: &Task| {
            let arn = task.arn(cluster);
            let id = arn.rsplit('/').next().unwrap_or_default();
            wanted.iter().position(|it| *it == arn || it == id)
        };
        let mut found = Vec::new();
        for service in self.services.iter().filter(|service| *service.id.cluster == *cluster) {
            for (set, task) in service.tasks() {
                found.extend(named(task).map(|at| (at, self.task_detail(service, set, task))));
            }
            for old in kept(service, now) {
                found.extend(named(&old.task).map(|at| (at, self.stopped_detail(service, old))));
            }
        }
        found.sort_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, task)| task).collect()
    }

    fn task_detail(&self, service: &Service, set: &TaskSet, task: &Task) -> TaskDetail {
        let definition = self.definition_or_made(&set.revision);
        TaskDetail {
            task: task.clone(),
            stopped: None,
            service: service.id.clone(),
            set: set.id.clone(),
            checked: is_checked(&definition),
            definition,
            settings: set.settings.clone(),
            tags: self.tags_of_task(service, &set.revision, task),
        }
    }

    fn stopped_detail(&self, service: &Service, old: &StoppedTask) -> TaskDetail {
        let definition = self.definition_or_made(&old.revision);
        TaskDetail {
            task: old.task.clone(),
            stopped: Some(old.clone()),
            service: service.id.clone(),
            set: old.set.clone(),
            checked: is_checked(&definition),
            definition,
            settings: old.settings.clone(),
            tags: self.tags_of_task(service, &old.revision, &old.task),
        }
    }

    /// A task's own tags and those that are propagated to it.
    fn tags_of_task(
        &self,
        service: &Service,
        revision: &Revision,
        task: &Task,
    ) -> Vec<(String, String)> {
        let from = match service.settings.text("propagateTags") {
            Some("SERVICE") if service.controller == Controller::Ecs => Some(service.arn()),
            Some("TASK_DEFINITION") => Some(revision.task_definition().to_string()),
            _ => None,
        };
        let mut tags = self.tags_of(&task.arn(&service.id.cluster));
        let more = from.map(|arn| self.tags_of(&arn)).unwrap_or_default();
        let new = more.into_iter().filter(|(key, _)| !tags.iter().any(|(own, _)| own == key));
        let new: Vec<_> = new.collect();
        tags.extend(new);
        tags
    }

    fn definition_or_made(&self, revision: &Revision) -> Definition {
        let known = self.definition(revision).cloned();
        known.unwrap_or_else(|| Definition::of_scenario(revision))
    }

    fn deployments_named(&self, arns: &[String]) -> Vec<ServiceDeploymentDescription> {
        let find = |arn: &String| {
            self.services.iter().find_map(|service| {
                let has = |it: &&ServiceDeployment| it.arn(&service.id) == *arn;
                let deployment = service.deployments.iter().find(has)?;
                Some(describe_deployment(service, deployment))
            })
        };
        arns.iter().filter_map(find).collect()
    }

    fn revisions_named(&self, arns: &[String]) -> Vec<ServiceRevisionDescription> {
        let find = |arn: &String| {
            self.services.iter().find_map(|service| {
                let is_it =
                    |it: &&ServiceRevision| ServiceRevision::arn(&service.id, it.number) == *arn;
                let revision = service.revisions.iter().find(is_it)?;
                let definition = self.definition_or_made(&revision.revision);
                let text = |value: &serde_json::Value, name| {
                    let text = value.get(name).and_then(serde_json::Value::as_str);
                    text.unwrap_or_default().to_owned()
                };
                let images = definition.containers();
                let images = images.map(|it| (text(it, "name"), text(it, "image"))).collect();
                let revision = revision.clone();
                Some(ServiceRevisionDescription { service: service.id.clone(), revision, images })
            })
        };
        arns.iter().filter_map(find).collect()
    }
}

fn no_cluster() -> ApiError {
    ApiError::gone("ClusterNotFoundException", "Cluster not found.")
}

fn is_checked(definition: &Definition) -> bool {
    definition.containers().any(|container| container.get("healthCheck").is_some())
}

/// A service's stopped tasks that are still shown.
fn kept(service: &Service, now: Elapsed) -> impl Iterator<Item = &StoppedTask> {
    let old = move |task: &&StoppedTask| now.since(task.at) <= StoppedTask::KEPT;
    service.stopped.iter().map(AsRef::as_ref).filter(old)
}

fn list_deployments(service: &Service, call: &EcsCall) -> Vec<ServiceDeploymentDescription> {
    let EcsCall::ListServiceDeployments { statuses, after, before, .. } = call else {
        return Vec::new();
    };
    let at = |deployment: &ServiceDeployment| {
        let since = World::BEGINS.as_millis().saturating_add(deployment.created_at.as_millis());
        Timestamp::from_millis(since)
    };
    let wanted = |deployment: &&ServiceDeployment| {
        let status = deployment.status.name();
        (statuses.is_empty() || statuses.iter().any(|it| it == status))
            && after.is_none_or(|after| at(deployment) > after)
            && before.is_none_or(|before| at(deployment) < before)
    };
    let newest_first = service.deployments.iter().rev().filter(wanted);
    newest_first.map(|deployment| describe_deployment(service, deployment)).collect()
}

fn describe_deployment(
    service: &Service,
    deployment: &ServiceDeployment,
) -> ServiceDeploymentDescription {
    let mut deployment = deployment.clone();
    if deployment.status.is_running() && !deployment.failed {
        let set = service.set(deployment.set);
        deployment.failures = set.map_or(0, TaskSet::failed_in_a_row);
    }
    let counts = |revision: u32| {
        let sets = || service.sets.iter().filter(move |set| set.service_revision == revision);
        let sum = |count: fn(&TaskSet) -> u32| sets().map(count).sum::<u32>();
        (revision, [sum(|set| set.computed), sum(TaskSet::running), sum(TaskSet::pending)])
    };
    let ids = deployment.sources.iter().copied().chain([deployment.target]);
    let counts = ids.map(counts).collect();
    ServiceDeploymentDescription { service: service.id.clone(), deployment, counts }
}
