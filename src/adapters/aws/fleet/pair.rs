//! Two services that take turns.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use aws_sdk_ecs::operation::update_service::UpdateServiceInput;
use aws_sdk_ecs::types::DeploymentConfiguration;
use aws_sdk_ecs::types::Service;

use super::super::service::Ecs;
use super::super::service::amount;
use super::super::service::configuration;
use super::super::service::gone;
use super::super::service::primary;
use super::super::service::refused;
use super::super::tasks::Counting;
use super::pair_services::Pair;
use crate::model::Baseline;
use crate::model::DeploymentId;
use crate::model::FleetObservation;
use crate::model::Role;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// Two existing services with the `ECS` controller, one per target group, that take turns.
#[derive(Debug)]
pub(super) struct PairFleet {
    ecs: Ecs,
    counting: Arc<Counting>,
    /// ECS keeps no note of which service of a pair is primary. This one is only about when stable
    /// may go for good, so whoever resumes a deployment makes it again.
    promoted: Mutex<BTreeSet<DeploymentId>>,
}

/// The name of the service that holds a role.
fn name(subject: &Subject, role: Role) -> &str {
    let baseline = &subject.baseline;
    let held = match role {
        Role::Stable => baseline.stable.as_ref(),
        Role::Candidate => baseline.candidate.as_ref(),
    };
    held.map_or(&subject.service.service, |name| name.as_str())
}

/// The service's own configuration, with ECS's own ways back switched off: this crate takes back what
/// it did, and by the weights.
fn without_way_back(service: &Service) -> Option<DeploymentConfiguration> {
    let mut configuration = configuration(service)?;
    let breaker = configuration.deployment_circuit_breaker.as_mut().map(|it| &mut it.rollback);
    let alarms = configuration.alarms.as_mut().map(|it| &mut it.rollback);
    for rollback in breaker.into_iter().chain(alarms) {
        *rollback = false;
    }
    Some(configuration)
}

impl PairFleet {
    pub(crate) fn new(ecs: Ecs, counting: Arc<Counting>) -> Self {
        Self { ecs, counting, promoted: Mutex::default() }
    }

    /// The pair before a deployment.
    pub(crate) async fn baseline(
        &self,
        service: &ServiceId,
        other: &str,
    ) -> Result<Baseline, CallError> {
        if *service.service == *other {
            let why = "a service cannot be the pair of itself; give the other one as `pair`";
            return Err(refused(ErrorClass::Invalid, why));
        }
        let mut pair = service.clone();
        other.clone_into(&mut pair.service);
        let [asked, found] = self.ecs.look().services([service, &pair]).await?;
        let asked = asked.ok_or_else(|| gone(format!("there is no service {service}")))?;
        let found = found.ok_or_else(|| gone(format!("there is no service {pair}")))?;
        Pair::find(asked, found)?.baseline()
    }

    async fn pair(ecs: &Ecs, subject: &Subject) -> Result<Option<Pair>, CallError> {
        let [stable, candidate] =
            [Role::Stable, Role::Candidate].map(|role| Self::id(subject, role));
        Ok(match ecs.services([&stable, &candidate]).await? {
            [Some(stable), Some(candidate)] => Some(Pair { stable, candidate }),
            _ => None,
        })
    }

    pub(crate) async fn observe(&self, subject: &Subject) -> Result<FleetObservation, CallError> {
        let ecs = self.ecs.look();
        let Some(pair) = Self::pair(&ecs, subject).await? else {
            return Ok(FleetObservation::gone());
        };
        let promoted = self.is_promoted(subject);
        let mut seen = pair.view(subject, promoted)?;
        for role in [Role::Stable, Role::Candidate] {
            let Some(holder) = pair.holder(subject, role, promoted)? else { continue };
            let service = Self::id(subject, role);
            let holders = std::slice::from_ref(&holder);
            let tally = self.counting.look(&ecs, &service, holders).await?;
            let counted = Some(holder.role(&tally));
            match role {
                Role::Stable => seen.stable = counted,
                Role::Candidate => seen.candidate = counted,
            }
        }
        Ok(seen)
    }

    fn id(subject: &Subject, role: Role) -> ServiceId {
        let mut id = subject.service.clone();
        name(subject, role).clone_into(&mut id.service);
        id
    }

    fn is_promoted(&self, subject: &Subject) -> bool {
        let promoted = self.promoted.lock().unwrap_or_else(PoisonError::into_inner);
        promoted.contains(&subject.deployment)
    }

    pub(super) async fn launch(&self, subject: &Subject, tasks: u32) -> Result<(), WriteError> {
        let ecs = self.ecs.change();
        let pair = Self::pair(&ecs, subject).await.map_err(WriteError::Rejected)?;
        let pair = pair.ok_or_else(|| WriteError::Rejected(gone("the pair is not complete")))?;
        let foreign = pair.view(subject, false).map_err(WriteError::Rejected)?.foreign;
        if let Some(theirs) = foreign.first() {
            let why = format!("someone else deploys the pair: {theirs}; it is not written over");
            return Err(WriteError::Rejected(refused(ErrorClass::Conflict, why)));
        }
        let service = Self::id(subject, Role::Candidate);
        let runs = primary(&pair.candidate).and_then(|one| one.task_definition());
        let candidate = subject.candidate.task_definition().as_str();
        if runs == Some(candidate) && pair.candidate.running_count() == 0 {
            // ECS starts no new deployment then, and counts on where an earlier try has ended
            let forgiven = self.counting.forgive(&ecs, &service).await;
            forgiven.map_err(WriteError::Rejected)?;
        }
        let input = UpdateServiceInput::builder()
            .cluster(&service.cluster)
            .service(&service.service)
            .task_definition(candidate)
            .desired_count(amount(tasks))
            .set_deployment_configuration(without_way_back(&pair.candidate));
        ecs.update_service(input).await?;
        Ok(())
    }

    pub(crate) async fn scale(
        &self,
        subject: &Subject,
        role: Role,
        tasks: u32,
    ) -> Result<(), WriteError> {
        let service = Self::id(subject, role);
        let input = UpdateServiceInput::builder()
            .cluster(&service.cluster)
            .service(&service.service)
            .desired_count(amount(tasks));
        self.ecs.change().update_service(input).await?;
        Ok(())
    }

    /// Writes nothing: the weights say who serves.
    pub(super) fn promote(&self, subject: &Subject) {
        let mut promoted = self.promoted.lock().unwrap_or_else(PoisonError::into_inner);
        promoted.insert(subject.deployment.clone());
    }

    pub(super) async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        match self.scale(subject, role, 0).await {
            Err(WriteError::Rejected(error)) if error.class == ErrorClass::Gone => Ok(()),
            done => done,
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::DeploymentAlarms;
    use aws_sdk_ecs::types::DeploymentCircuitBreaker;

    use super::super::super::fixtures::subject;
    use super::*;

    #[test]
    fn ecs_s_own_ways_back_are_switched_off_and_nothing_else_changes() {
        let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(true).build();
        let alarms = DeploymentAlarms::builder().alarm_names("5xx").enable(true).rollback(true);
        let given = DeploymentConfiguration::builder()
            .minimum_healthy_percent(50)
            .deployment_circuit_breaker(breaker)
            .alarms(alarms.build().unwrap());
        let service = Service::builder().deployment_configuration(given.build()).build();
        let sent = without_way_back(&service).unwrap();
        let breaker = sent.deployment_circuit_breaker().unwrap();
        assert_eq!((breaker.enable(), breaker.rollback()), (true, false));
        let alarms = sent.alarms().unwrap();
        assert_eq!((alarms.enable(), alarms.rollback()), (true, false));
        assert_eq!(sent.minimum_healthy_percent(), Some(50));
        assert!(without_way_back(&Service::builder().build()).is_none());
    }

    #[test]
    fn roles_are_named_by_the_baseline_whichever_service_was_asked_for() {
        let mut subject = subject(2);
        subject.baseline.stable = Some("web-green".parse().unwrap());
        subject.baseline.candidate = Some("web".parse().unwrap());
        assert_eq!(*PairFleet::id(&subject, Role::Stable).service, "web-green");
        assert_eq!(*PairFleet::id(&subject, Role::Candidate).service, "web");
    }
}
