//! How far ECS's own rolling update is, and how it ended.

use aws_sdk_ecs::types::Deployment;
use aws_sdk_ecs::types::DeploymentRolloutState;
use aws_sdk_ecs::types::Service;

use super::super::service::ServiceDeployment;
use super::super::service::count;
use super::super::service::primary;
use super::super::service::revision;
use super::super::service::set_id;
use crate::model::Delegated;
use crate::model::DelegatedState;
use crate::model::Revision;
use crate::model::Subject;
use crate::model::TaskSetId;
use crate::ports::CallError;

/// How far ECS's own rolling update is, and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SingleVerdict {
    /// What `deployments[]` (and the history, where it was read) says.
    Known {
        /// What was handed over, if anything was.
        delegated: Option<Delegated>,
        /// Someone else's deployment that took its place.
        foreign: Option<TaskSetId>,
    },
    /// `deployments[]` does not decide it: ECS's own records do.
    Ask,
}

/// What is judged: a service as it was seen, for a deployment.
struct Case<'a> {
    service: &'a Service,
    subject: &'a Subject,
    delegation: Option<&'a TaskSetId>,
    /// ECS's own records, where they were read.
    history: Option<&'a [ServiceDeployment]>,
    primary: &'a Deployment,
    /// What the primary deployment runs.
    revision: Revision,
}

/// Whether a deployment was there before this one began.
pub(super) fn was_there(deployment: &Deployment, subject: &Subject) -> bool {
    let baseline = &subject.baseline;
    let mut known = baseline.stable.iter().chain(&baseline.others);
    known.any(|known| deployment.id() == Some(known.as_str()))
}

/// Judges what was handed over. `delegation` is what ECS called it; without it, it is known by its
/// revision.
pub(super) fn judge(
    service: &Service,
    subject: &Subject,
    delegation: Option<&TaskSetId>,
    history: Option<&[ServiceDeployment]>,
) -> Result<SingleVerdict, CallError> {
    let Some(primary) = primary(service) else {
        // half an answer: nothing is known but what was recorded
        return Ok(known(delegation.map(|_| going(&subject.candidate))));
    };
    let revision = revision(primary.task_definition())?;
    Case { service, subject, delegation, history, primary, revision }.judge()
}

fn known(delegated: Option<Delegated>) -> SingleVerdict {
    SingleVerdict::Known { delegated, foreign: None }
}

fn going(revision: &Revision) -> Delegated {
    Delegated { revision: revision.clone(), state: DelegatedState::InProgress }
}

impl Case<'_> {
    fn judge(self) -> Result<SingleVerdict, CallError> {
        let id = self.primary.id();
        let is_new = !was_there(self.primary, self.subject);
        let is_delegated = self.delegation.is_some_and(|known| id == Some(known.as_str()));
        let by_revision =
            self.delegation.is_none() && is_new && self.revision == self.subject.candidate;
        if is_delegated || by_revision {
            return Ok(self.ours());
        }
        if !is_new {
            // as before: nothing was handed over, or this read is too old to show it
            return Ok(known(self.delegation.map(|_| going(&self.subject.candidate))));
        }
        if Some(&self.revision) != self.subject.baseline.stable_revision.as_ref() {
            return self.superseded();
        }
        self.back_on_stable()
    }

    /// The primary deployment is what was handed over.
    fn ours(&self) -> SingleVerdict {
        let state = match self.primary.rollout_state() {
            Some(DeploymentRolloutState::Failed) => {
                if self.breaker_goes_back() && self.history.is_none() {
                    return SingleVerdict::Ask;
                }
                if self.record().is_some_and(ServiceDeployment::went_back) {
                    return known(Some(going(&self.revision)));
                }
                DelegatedState::Failed { reason: self.said(self.primary) }
            }
            Some(DeploymentRolloutState::Completed) if self.is_alone() => DelegatedState::Completed,
            // without this field (classic load balancers) the counts say it
            None if self.is_alone() && self.is_full() => DelegatedState::Completed,
            _ => DelegatedState::InProgress,
        };
        known(Some(Delegated { revision: self.revision.clone(), state }))
    }

    /// The primary deployment runs something that is neither stable's revision nor handed over.
    fn superseded(&self) -> Result<SingleVerdict, CallError> {
        let handed_over = self.delegation.is_some() || self.own().is_some();
        Ok(SingleVerdict::Known {
            delegated: handed_over.then(|| going(&self.revision)),
            foreign: Some(set_id(self.primary.id())?),
        })
    }

    /// A new deployment runs the old revision: ECS went back by itself, or someone else went back.
    fn back_on_stable(&self) -> Result<SingleVerdict, CallError> {
        let failed =
            self.own().filter(|own| own.rollout_state() == Some(&DeploymentRolloutState::Failed));
        let said = self.primary.rollout_state_reason().unwrap_or_default();
        let by_breaker = said.contains("circuit breaker") || said.contains("rolling back");
        let why = match (failed, self.history) {
            (Some(failed), _) => Some(self.said(failed)),
            (None, _) if by_breaker => Some(said.to_owned()),
            (None, None) => return Ok(SingleVerdict::Ask),
            (None, Some(_)) => {
                let record = self.record().filter(|record| record.went_back());
                record.map(|record| record.reason.clone())
            }
        };
        let at_rest = self.is_alone()
            && self.primary.rollout_state() == Some(&DeploymentRolloutState::Completed);
        let Some(reason) = why else {
            let state =
                if at_rest { DelegatedState::Completed } else { DelegatedState::InProgress };
            let handed_over = self.delegation.is_some() || self.record().is_some();
            return Ok(SingleVerdict::Known {
                delegated: handed_over
                    .then(|| Delegated { revision: self.revision.clone(), state }),
                foreign: Some(set_id(self.primary.id())?),
            });
        };
        let state = match self.primary.rollout_state() {
            _ if at_rest => DelegatedState::RolledBack { reason },
            Some(DeploymentRolloutState::Failed) => {
                let reason = format!("{reason}; and then: {}", self.said(self.primary));
                DelegatedState::RolledBack { reason }
            }
            _ => DelegatedState::InProgress,
        };
        Ok(known(Some(Delegated { revision: self.revision.clone(), state })))
    }

    /// What was handed over, where ECS still shows it.
    fn own(&self) -> Option<&Deployment> {
        let deployments = self.service.deployments();
        match self.delegation {
            Some(id) => deployments.iter().find(|one| one.id() == Some(id.as_str())),
            None => deployments.iter().find(|one| {
                let candidate = self.subject.candidate.task_definition().as_str();
                one.task_definition() == Some(candidate) && !was_there(one, self.subject)
            }),
        }
    }

    fn own_revision(&self) -> Revision {
        let shown = self.own().and_then(|own| revision(own.task_definition()).ok());
        shown.unwrap_or_else(|| self.subject.candidate.clone())
    }

    /// ECS's own record of what was handed over.
    fn record(&self) -> Option<&ServiceDeployment> {
        let history = self.history.unwrap_or_default();
        ServiceDeployment::find(history, self.delegation, &self.own_revision())
    }

    fn is_alone(&self) -> bool {
        self.service.deployments().len() == 1
    }

    fn is_full(&self) -> bool {
        let primary = self.primary;
        primary.running_count() == primary.desired_count() && primary.pending_count() == 0
    }

    fn breaker_goes_back(&self) -> bool {
        let configuration = self.service.deployment_configuration();
        let breaker = configuration.and_then(|one| one.deployment_circuit_breaker());
        let by_alarm = configuration.and_then(|one| one.alarms());
        breaker.is_some_and(|breaker| breaker.enable() && breaker.rollback())
            || by_alarm.is_some_and(|alarms| alarms.enable() && alarms.rollback())
    }

    fn said(&self, deployment: &Deployment) -> String {
        match deployment.rollout_state_reason() {
            Some(reason) if !reason.is_empty() => reason.to_owned(),
            _ => {
                let (id, failed) = (deployment.id(), count(deployment.failed_tasks()));
                let tasks = format!("{failed} failed tasks of {}", self.service.desired_count());
                format!("ECS deployment {} failed: {tasks}", id.unwrap_or("without an id"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::DeploymentCircuitBreaker;
    use aws_sdk_ecs::types::DeploymentConfiguration;
    use aws_sdk_ecs::types::ServiceDeploymentStatus;
    use aws_sdk_ecs::types::builders::DeploymentBuilder;

    use super::super::super::fixtures::definition;
    use super::super::super::fixtures::revision;
    use super::super::super::fixtures::subject;
    use super::*;

    const COMPLETED: DeploymentRolloutState = DeploymentRolloutState::Completed;
    const FAILED: DeploymentRolloutState = DeploymentRolloutState::Failed;
    const IN_PROGRESS: DeploymentRolloutState = DeploymentRolloutState::InProgress;

    /// `ecs-svc/<number>` moves to revision `number % 10`.
    fn deployment(number: u32, status: &str, state: DeploymentRolloutState) -> DeploymentBuilder {
        let task_definition = definition(number % 10);
        let deployment = Deployment::builder().id(format!("ecs-svc/{number}")).status(status);
        deployment.task_definition(task_definition).rollout_state(state)
    }

    fn service(deployments: impl IntoIterator<Item = DeploymentBuilder>) -> Service {
        let deployments = deployments.into_iter().map(DeploymentBuilder::build).collect();
        let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(true).build();
        let configuration = DeploymentConfiguration::builder().deployment_circuit_breaker(breaker);
        let service = Service::builder().deployment_configuration(configuration.build());
        service.set_deployments(Some(deployments)).build()
    }

    fn id(number: u32) -> TaskSetId {
        TaskSetId::new(format!("ecs-svc/{number}")).unwrap()
    }

    fn record(number: u32, status: ServiceDeploymentStatus) -> ServiceDeployment {
        let reason = "because".to_owned();
        let revision = Some(revision(number % 10));
        ServiceDeployment { number: number.to_string(), revision, status, reason }
    }

    fn judged(service: &Service, ours: Option<u32>) -> SingleVerdict {
        judge(service, &subject(2), ours.map(id).as_ref(), None).unwrap()
    }

    fn informed(
        service: &Service,
        ours: Option<u32>,
        history: &[ServiceDeployment],
    ) -> SingleVerdict {
        assert_eq!(judged(service, ours), SingleVerdict::Ask);
        judge(service, &subject(2), ours.map(id).as_ref(), Some(history)).unwrap()
    }

    fn is(number: u32, state: DelegatedState) -> SingleVerdict {
        known(Some(Delegated { revision: revision(number), state }))
    }

    fn rolled_back(reason: &str) -> DelegatedState {
        DelegatedState::RolledBack { reason: reason.to_owned() }
    }

    #[test]
    fn nothing_was_handed_over_while_the_old_deployment_is_primary() {
        let world = service([deployment(1, "PRIMARY", COMPLETED)]);
        assert_eq!(judged(&world, None), known(None));
        // acknowledged, and not seen yet
        assert_eq!(judged(&world, Some(2)), is(2, DelegatedState::InProgress));
    }

    #[test]
    fn it_is_in_progress_until_ecs_says_that_it_is_completed_and_it_is_alone() {
        let old = || deployment(1, "ACTIVE", COMPLETED);
        let world = service([deployment(2, "PRIMARY", IN_PROGRESS), old()]);
        assert_eq!(judged(&world, Some(2)), is(2, DelegatedState::InProgress));
        let world = service([deployment(2, "PRIMARY", COMPLETED), old()]);
        assert_eq!(judged(&world, Some(2)), is(2, DelegatedState::InProgress));
        let world = service([deployment(2, "PRIMARY", COMPLETED)]);
        assert_eq!(judged(&world, Some(2)), is(2, DelegatedState::Completed));
    }

    #[test]
    fn what_a_dead_process_handed_over_is_known_by_its_revision() {
        let world = service([deployment(2, "PRIMARY", COMPLETED)]);
        assert_eq!(judged(&world, None), is(2, DelegatedState::Completed));
    }

    #[test]
    fn the_breaker_s_way_back_is_no_success_while_it_goes_nor_when_it_has_ended() {
        let failed = deployment(2, "ACTIVE", FAILED)
            .rollout_state_reason("ECS deployment circuit breaker: tasks failed to start.");
        let world = service([deployment(11, "PRIMARY", IN_PROGRESS), failed]);
        assert_eq!(judged(&world, Some(2)), is(1, DelegatedState::InProgress));
        let why = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1.";
        let world = service([deployment(11, "PRIMARY", COMPLETED).rollout_state_reason(why)]);
        assert_eq!(judged(&world, Some(2)), is(1, rolled_back(why)));
        assert_eq!(judged(&world, None), is(1, rolled_back(why)));
    }

    #[test]
    fn a_way_back_that_deployments_do_not_explain_is_looked_up() {
        let world = service([deployment(11, "PRIMARY", COMPLETED)]);
        let history = [record(2, ServiceDeploymentStatus::RollbackSuccessful)];
        assert_eq!(informed(&world, Some(2), &history), is(1, rolled_back("because")));
        assert_eq!(informed(&world, None, &history), is(1, rolled_back("because")));
    }

    #[test]
    fn an_old_revision_that_someone_else_deployed_is_not_the_breaker_s() {
        let world = service([deployment(11, "PRIMARY", COMPLETED)]);
        let history = [
            record(11, ServiceDeploymentStatus::Successful),
            record(2, ServiceDeploymentStatus::Stopped),
        ];
        let delegated = Some(Delegated { revision: revision(1), state: DelegatedState::Completed });
        let theirs = SingleVerdict::Known { delegated, foreign: Some(id(11)) };
        assert_eq!(informed(&world, Some(2), &history), theirs);
        let nobody = SingleVerdict::Known { delegated: None, foreign: Some(id(11)) };
        assert_eq!(informed(&world, None, &history[..1]), nobody);
    }

    #[test]
    fn a_failed_deployment_that_nobody_takes_back_is_failed() {
        let failed = || {
            let why = "ECS deployment circuit breaker: tasks failed to start.";
            deployment(2, "PRIMARY", FAILED).rollout_state_reason(why)
        };
        let mut world = service([failed(), deployment(1, "ACTIVE", COMPLETED)]);
        let reason = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        let gave_up = is(2, DelegatedState::Failed { reason });
        let history = [record(2, ServiceDeploymentStatus::Stopped)];
        assert_eq!(informed(&world, Some(2), &history), gave_up);
        let going_back = [record(2, ServiceDeploymentStatus::RollbackRequested)];
        assert_eq!(informed(&world, Some(2), &going_back), is(2, DelegatedState::InProgress));
        // without a breaker that goes back there is nothing to look up
        world.deployment_configuration = None;
        assert_eq!(judged(&world, Some(2)), gave_up);
    }

    #[test]
    fn someone_else_s_newer_deployment_is_named_and_the_breaker_is_not_blamed() {
        let theirs = |mine: DeploymentBuilder| {
            judged(&service([deployment(3, "PRIMARY", IN_PROGRESS), mine]), Some(2))
        };
        let superseded =
            SingleVerdict::Known { delegated: Some(going(&revision(3))), foreign: Some(id(3)) };
        assert_eq!(theirs(deployment(2, "ACTIVE", IN_PROGRESS)), superseded);
        assert_eq!(theirs(deployment(2, "ACTIVE", FAILED)), superseded);
        let alone = service([deployment(3, "PRIMARY", COMPLETED)]);
        assert_eq!(judged(&alone, Some(2)), superseded);
        let before = SingleVerdict::Known { delegated: None, foreign: Some(id(3)) };
        assert_eq!(judged(&alone, None), before);
        // the same revision, deployed anew by someone else
        let forced = service([deployment(12, "PRIMARY", COMPLETED)]);
        assert!(matches!(judged(&forced, Some(2)), SingleVerdict::Known { foreign: Some(_), .. }));
    }

    #[test]
    fn our_own_way_back_is_judged_like_the_way_there() {
        let mine = deployment(2, "ACTIVE", FAILED);
        let world = service([deployment(21, "PRIMARY", IN_PROGRESS), mine]);
        assert_eq!(judged(&world, Some(21)), is(1, DelegatedState::InProgress));
        let world = service([deployment(21, "PRIMARY", COMPLETED)]);
        assert_eq!(judged(&world, Some(21)), is(1, DelegatedState::Completed));
        // back before anything had happened: ECS answers the deployment that was there
        let world = service([deployment(1, "PRIMARY", COMPLETED)]);
        assert_eq!(judged(&world, Some(1)), is(1, DelegatedState::Completed));
    }

    #[test]
    fn half_an_answer_ends_nothing() {
        let world = service([]);
        assert_eq!(judged(&world, Some(2)), is(2, DelegatedState::InProgress));
        assert_eq!(judged(&world, None), known(None));
    }
}
