//! What ECS writes down about the deployments of a service.

use super::answer::Answer;
use super::api_error::ApiError;
use super::rolling::RollingState;
use super::scenario::Controller;
use super::service::Service;
use super::service_deployment::DeploymentStatus;
use super::service_deployment::ServiceDeployment;
use super::service_deployment::ServiceRevision;
use super::service_deployment::WayBack;
use super::settings::Settings;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::CrashLoop;
use crate::model::ServiceId;
use crate::ports::ErrorClass;

impl World {
    /// Writes down what a scenario begins with: a deployment that succeeded before.
    pub(super) fn record_first(&mut self, id: &ServiceId, set: u32) {
        let service = self.state.service(id);
        if service.is_some_and(|service| service.controller == Controller::Ecs) {
            self.record_begin(id, set);
            self.end(id, set, DeploymentStatus::Successful, "");
        }
    }

    /// A deployment begins; one that was under way is superseded.
    pub(super) fn record_begin(&mut self, id: &ServiceId, number: u32) {
        let now = self.now;
        let Some(service) = self.state.service_mut(id) else { return };
        for older in service.deployments.iter_mut().filter(|older| older.status.is_running()) {
            older.status = DeploymentStatus::Stopped;
            "Service deployment was stopped by a newer service deployment."
                .clone_into(&mut older.reason);
            older.updated_at = now;
            older.finished_at = Some(now);
        }
        let Some(revision) = service.set(number).map(|set| set.revision.clone()) else { return };
        let others = service.sets.iter().filter(|set| set.number != number && !set.draining);
        let sources = others.map(|set| set.service_revision).collect();
        let configuration = service.settings.get("deploymentConfiguration");
        let configuration = configuration.map(Settings::new).unwrap_or_default();
        let settings = service.settings.clone();
        service.revisions.push(ServiceRevision { number, revision, settings, created_at: now });
        service.deployments.push(ServiceDeployment {
            set: number,
            status: DeploymentStatus::InProgress,
            reason: String::new(),
            failed: false,
            target: number,
            sources,
            configuration,
            failures: 0,
            threshold: CrashLoop::default().threshold(service.desired),
            created_at: now,
            updated_at: now,
            finished_at: None,
            way_back: None,
        });
    }

    /// The deployment failed, and nothing goes back.
    pub(super) fn record_failure(&mut self, id: &ServiceId, set: u32) {
        let reason =
            "Service deployment stopped because the circuit breaker threshold was exceeded.";
        self.fail(id, set);
        self.end(id, set, DeploymentStatus::Stopped, reason);
    }

    /// The deployment failed, and another goes back.
    pub(super) fn record_way_back(
        &mut self,
        id: &ServiceId,
        failed: u32,
        set: u32,
        revision: u32,
        reason: &str,
    ) {
        let now = self.now;
        self.fail(id, failed);
        if let Some(deployment) = self.deployment_mut(id, failed) {
            deployment.status = DeploymentStatus::RollbackInProgress;
            reason.clone_into(&mut deployment.reason);
            let reason = reason.to_owned();
            deployment.way_back = Some(WayBack { set, revision, reason, started_at: now });
            deployment.updated_at = now;
        }
        let back = self.state.set(set).map(|set| set.id.to_string()).unwrap_or_default();
        self.say(id, &format!("rolling back to deployment {back}."));
    }

    /// All tasks are those of this deployment.
    pub(super) fn record_completion(&mut self, id: &ServiceId, set: u32) {
        let service = self.state.service(id);
        let running = service.and_then(|service| service.deployment_of(set));
        let back = running.is_some_and(|deployment| deployment.way_back.is_some());
        if back {
            let reason = running.map(|deployment| deployment.reason.clone()).unwrap_or_default();
            self.end(id, set, DeploymentStatus::RollbackSuccessful, &reason);
        } else {
            self.end(id, set, DeploymentStatus::Successful, "");
        }
        let name = self.state.set(set).map(|set| set.id.to_string()).unwrap_or_default();
        self.say(id, &format!("(deployment {name}) deployment completed."));
    }

    fn fail(&mut self, id: &ServiceId, set: u32) {
        let failures = self.state.set(set).map_or(0, TaskSet::failed_in_a_row);
        let name = self.state.set(set).map(|set| set.id.to_string()).unwrap_or_default();
        if let Some(deployment) = self.deployment_mut(id, set) {
            deployment.failed = true;
            deployment.failures = failures;
        }
        self.say(id, &format!("(deployment {name}) deployment failed: tasks failed to start."));
    }

    fn end(&mut self, id: &ServiceId, set: u32, status: DeploymentStatus, reason: &str) {
        let now = self.now;
        if let Some(deployment) = self.deployment_mut(id, set) {
            deployment.status = status;
            reason.clone_into(&mut deployment.reason);
            deployment.updated_at = now;
            deployment.finished_at = Some(now);
        }
    }

    fn deployment_mut(&mut self, id: &ServiceId, set: u32) -> Option<&mut ServiceDeployment> {
        let service = self.state.service_mut(id)?;
        let first = service.deployment_of(set)?.set;
        service.deployments.iter_mut().find(|deployment| deployment.set == first)
    }

    /// Stops a service deployment by going back.
    pub(super) fn stop_service_deployment(&mut self, arn: &str) -> Result<Answer, ApiError> {
        let found = self.state.services.iter().find_map(|service| {
            let has = |deployment: &&ServiceDeployment| deployment.arn(&service.id) == arn;
            service.deployments.iter().find(has).map(|deployment| (service, deployment))
        });
        let Some((service, deployment)) = found else {
            return Err(ApiError::gone(
                "ServiceDeploymentNotFoundException",
                "Service deployment not found.",
            ));
        };
        let (id, set) = (service.id.clone(), deployment.set);
        match deployment.status {
            DeploymentStatus::InProgress => {}
            DeploymentStatus::RollbackInProgress => return Ok(Answer::Done),
            status => {
                return Err(ApiError::new(
                    "ConflictException",
                    format!("The service deployment is {} and cannot be stopped.", status.name()),
                    ErrorClass::Conflict,
                ));
            }
        }
        if has_origin(service) {
            self.go_back(&id, "Service deployment rolled back because a user stopped it.");
        } else {
            if let Some(rolling) = self.state.service_mut(&id).and_then(|it| it.rolling.as_mut()) {
                rolling.state = RollingState::Failed;
            }
            self.fail(&id, set);
            let reason = "Service deployment stopped by a user; there is nothing to go back to.";
            self.end(&id, set, DeploymentStatus::Stopped, reason);
        }
        self.roll_service(&id);
        Ok(Answer::Done)
    }
}

fn has_origin(service: &Service) -> bool {
    let origin = service.rolling.as_ref().and_then(|rolling| rolling.origin);
    origin.is_some_and(|origin| service.set(origin).is_some())
}
