//! Task sets of a service with the `EXTERNAL` controller.

use std::sync::Arc;

use aws_sdk_ecs::types::Scale;
use aws_sdk_ecs::types::ScaleUnit;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::TaskSet;

use super::super::sdk::Operation;
use super::super::service::Ecs;
use super::super::service::count;
use super::super::service::gone;
use super::super::service::revision;
use super::super::service::scheduling;
use super::super::service::set_id;
use super::super::service::state;
use super::super::tasks::Counting;
use super::super::tasks::Holder;
use super::task_set_rules::already;
use super::task_set_rules::find;
use super::task_set_rules::is_draining;
use super::task_set_rules::no_room;
use super::task_set_settings::Settings;
use super::task_set_settings::told;
use crate::model::Baseline;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Primary;
use crate::model::Role;
use crate::model::ScalePercent;
use crate::model::Subject;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::WriteError;

/// Task sets of a service with the `EXTERNAL` controller.
#[derive(Debug)]
pub(super) struct TaskSetFleet {
    ecs: Ecs,
    counting: Arc<Counting>,
}

fn holder(set: &TaskSet) -> Result<Holder, CallError> {
    let group = set.load_balancers().iter().find_map(|one| one.target_group_arn());
    Ok(Holder {
        id: set_id(set.id())?,
        revision: revision(set.task_definition())?,
        by_revision: false,
        starters: set.id().map(str::to_owned).into_iter().collect(),
        target: count(set.computed_desired_count()),
        pending: count(set.pending_count()),
        running: count(set.running_count()),
        draining: is_draining(set),
        failed: 0,
        group: group.map(str::to_owned),
    })
}

fn is_primary(set: &TaskSet) -> bool {
    set.status() == Some("PRIMARY")
}

/// The service as it is before the deployment.
pub(crate) fn baseline(service: &Service, topology: &Topology) -> Result<Baseline, CallError> {
    let sets = service.task_sets();
    if let Some(full) = no_room(sets) {
        return Err(full);
    }
    let primary = sets.iter().find(|set| is_primary(set));
    let first = topology.first_task_set.clone().filter(|_| primary.is_none());
    let balanced = topology.target_groups.is_some() || !topology.rules.is_empty();
    if primary.is_none() && balanced {
        told(service, first.as_ref())?;
    }
    let others = sets.iter().filter(|set| !is_primary(set));
    let stable = primary.map(holder).transpose()?;
    let group = stable.as_ref().and_then(|stable| stable.group.as_ref());
    Ok(Baseline {
        two_roles: true,
        stable_revision: stable.as_ref().map(|stable| stable.revision.clone()),
        stable_group: group.and_then(|group| group.parse().ok()),
        stable: stable.map(|stable| stable.id),
        others: others.map(|set| set_id(set.id())).collect::<Result<_, _>>()?,
        first,
        ..Baseline::new(count(service.desired_count()), scheduling(service))
    })
}

/// What is seen but for the roles' tasks.
fn view(service: &Service, subject: &Subject) -> Result<FleetObservation, CallError> {
    let sets = service.task_sets();
    let is =
        |set: &TaskSet, role| find(sets, subject, role).is_some_and(|found| found.id() == set.id());
    let known = |set: &TaskSet| {
        let other = |other: &crate::model::TaskSetId| set.id() == Some(other.as_str());
        is(set, Role::Stable)
            || is(set, Role::Candidate)
            || subject.baseline.others.iter().any(other)
    };
    let foreign = sets.iter().filter(|set| !known(set)).map(|set| set_id(set.id()));
    Ok(FleetObservation {
        service: state(service),
        desired: count(service.desired_count()),
        stable: None,
        candidate: None,
        primary: match sets.iter().find(|set| is_primary(set)) {
            None => Primary::None,
            Some(set) if is(set, Role::Stable) => Primary::Role(Role::Stable),
            Some(set) if is(set, Role::Candidate) => Primary::Role(Role::Candidate),
            Some(_) => Primary::Foreign,
        },
        foreign: foreign.collect::<Result<_, _>>()?,
        delegated: None,
    })
}

fn scale_of(operation: Operation, tasks: u32, service: &Service) -> Result<Scale, WriteError> {
    let desired = count(service.desired_count());
    let scale = ScalePercent::of(tasks, desired).ok_or_else(|| {
        let what = format!("{tasks} tasks are more than the {desired} that the service desires");
        // the desired count has fallen since it was read: another look mends it
        WriteError::Rejected(CallError::new(operation.name(), ErrorClass::Conflict, what))
    })?;
    let millionths = u32::try_from(scale.as_millionths()).unwrap_or(u32::MAX);
    let value = f64::from(millionths) / 1_000_000.0;
    Ok(Scale::builder().value(value).unit(ScaleUnit::Percent).build())
}

impl TaskSetFleet {
    pub(crate) const fn new(ecs: Ecs, counting: Arc<Counting>) -> Self {
        Self { ecs, counting }
    }

    pub(crate) async fn observe(&self, subject: &Subject) -> Result<FleetObservation, CallError> {
        let ecs = self.ecs.look();
        let Some(service) = ecs.service(&subject.service).await? else {
            return Ok(FleetObservation::gone());
        };
        let mut seen = view(&service, subject)?;
        let [stable, candidate] = [Role::Stable, Role::Candidate]
            .map(|role| find(service.task_sets(), subject, role).map(holder).transpose());
        let (stable, candidate) = (stable?, candidate?);
        let holders: Vec<Holder> = stable.iter().chain(&candidate).cloned().collect();
        if !holders.is_empty() {
            let tally = self.counting.look(&ecs, &subject.service, &holders).await?;
            seen.stable = stable.map(|holder| holder.role(&tally));
            seen.candidate = candidate.map(|holder| holder.role(&tally));
        }
        Ok(seen)
    }

    /// The read before a write. If it fails, nothing was written.
    async fn before_write(&self, ecs: &Ecs, subject: &Subject) -> Result<Service, WriteError> {
        ecs.existing(&subject.service).await.map_err(WriteError::Rejected)
    }

    pub(super) async fn launch(
        &self,
        subject: &Subject,
        tasks: u32,
        token: &CallToken,
    ) -> Result<(), WriteError> {
        let ecs = self.ecs.change();
        let service = self.before_write(&ecs, subject).await?;
        if already(service.task_sets(), subject) {
            return Ok(());
        }
        if let Some(full) = no_room(service.task_sets()) {
            return Err(WriteError::Rejected(full));
        }
        let stable = find(service.task_sets(), subject, Role::Stable);
        let mut settings = match stable {
            Some(stable) => Settings::of_set(stable),
            None => Settings::of_service(&service, subject.baseline.first.as_ref()),
        };
        if let Some(stable) = stable {
            settings.tags = self.tags(&ecs, subject, stable).await.map_err(WriteError::Rejected)?;
        }
        let input = settings.create(subject).map_err(WriteError::Rejected)?;
        let scale = scale_of(Operation::CreateTaskSet, tasks, &service)?;
        let input = input.scale(scale).client_token(token.as_str());
        let sent = Box::pin(input.send_with(&ecs.clients.ecs));
        ecs.calls.write(Operation::CreateTaskSet, sent).await?;
        Ok(())
    }

    /// The tags of a set, which a service's description leaves out.
    async fn tags(
        &self,
        ecs: &Ecs,
        subject: &Subject,
        set: &TaskSet,
    ) -> Result<Vec<aws_sdk_ecs::types::Tag>, CallError> {
        let id = subject.service.clone();
        let send = || {
            let describe = ecs.clients.ecs.describe_task_sets().cluster(&id.cluster);
            let describe = describe
                .service(&id.service)
                .set_task_sets(Some(set.id().map(str::to_owned).into_iter().collect()));
            describe.include(aws_sdk_ecs::types::TaskSetField::Tags).send()
        };
        let answer = ecs.calls.read(Operation::DescribeTaskSets, send).await?;
        Ok(answer.task_sets().first().map(|set| set.tags().to_vec()).unwrap_or_default())
    }

    pub(crate) async fn scale(
        &self,
        subject: &Subject,
        role: Role,
        tasks: u32,
    ) -> Result<(), WriteError> {
        let ecs = self.ecs.change();
        let service = self.before_write(&ecs, subject).await?;
        let set = find(service.task_sets(), subject, role).ok_or_else(|| missing(role))?;
        let scale = scale_of(Operation::UpdateTaskSet, tasks, &service)?;
        let update = ecs.clients.ecs.update_task_set().cluster(&subject.service.cluster);
        let update = update.service(&subject.service.service).set_task_set(set.id.clone());
        ecs.calls.write(Operation::UpdateTaskSet, update.scale(scale).send()).await?;
        Ok(())
    }

    pub(super) async fn promote(&self, subject: &Subject) -> Result<(), WriteError> {
        let ecs = self.ecs.change();
        let service = self.before_write(&ecs, subject).await?;
        let set = find(service.task_sets(), subject, Role::Candidate)
            .ok_or_else(|| missing(Role::Candidate))?;
        let update = ecs.clients.ecs.update_service_primary_task_set();
        let update = update.cluster(&subject.service.cluster).service(&subject.service.service);
        let sent = update.set_primary_task_set(set.id.clone()).send();
        ecs.calls.write(Operation::UpdateServicePrimaryTaskSet, sent).await?;
        Ok(())
    }

    pub(super) async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        let ecs = self.ecs.change();
        let service = self.before_write(&ecs, subject).await?;
        let found = find(service.task_sets(), subject, role);
        let Some(set) = found.filter(|set| !is_draining(set)) else {
            return Ok(());
        };
        // ECS refuses to delete a primary task set unless forced, and that refusal is wanted
        let delete = ecs.clients.ecs.delete_task_set().cluster(&subject.service.cluster);
        let delete = delete.service(&subject.service.service).set_task_set(set.id.clone());
        let sent = delete.force(!is_primary(set)).send();
        match ecs.calls.write(Operation::DeleteTaskSet, sent).await {
            Err(error) if error.class == ErrorClass::Gone => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }
}

fn missing(role: Role) -> WriteError {
    WriteError::Rejected(gone(format!("{role} has no task set")))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::service_id;
    use super::super::super::fixtures::subject;
    use super::super::super::fixtures::task_set;
    use super::*;

    fn service(sets: Vec<TaskSet>) -> Service {
        let service = Service::builder().service_name("web").status("ACTIVE").desired_count(4);
        service.set_task_sets(Some(sets)).build()
    }

    #[test]
    fn the_baseline_is_the_primary_set_and_everything_else_is_the_others() {
        let sets = vec![
            task_set("ecs-svc/1", "PRIMARY", 1, None),
            task_set("ecs-svc/8", "ACTIVE", 7, Some("someone")),
        ];
        let baseline = baseline(&service(sets), &Topology::default()).unwrap();
        assert_eq!(baseline.stable.unwrap().as_str(), "ecs-svc/1");
        assert_eq!(baseline.stable_revision.unwrap().to_string(), "web:1");
        assert_eq!(baseline.others.len(), 1);
        assert!(baseline.two_roles);
        assert_eq!(baseline.desired, 4);
    }

    #[test]
    fn sets_are_sorted_into_roles_by_id_and_external_id_and_the_rest_is_foreign() {
        let mut subject = subject(2);
        subject.baseline.stable = Some("ecs-svc/1".parse().unwrap());
        let sets = vec![
            task_set("ecs-svc/1", "PRIMARY", 1, None),
            task_set("ecs-svc/2", "ACTIVE", 2, Some(subject.deployment.as_str())),
            task_set("ecs-svc/3", "ACTIVE", 3, Some("someone")),
        ];
        let service = service(sets);
        let seen = view(&service, &subject).unwrap();
        assert_eq!(seen.primary, Primary::Role(Role::Stable));
        assert_eq!(seen.foreign, ["ecs-svc/3".parse().unwrap()]);
        let candidate = find(service.task_sets(), &subject, Role::Candidate).unwrap();
        assert_eq!(holder(candidate).unwrap().revision.to_string(), "web:2");
        subject.baseline.others = vec!["ecs-svc/3".parse().unwrap()];
        assert!(view(&service, &subject).unwrap().foreign.is_empty());
    }

    #[test]
    fn a_primary_that_is_nobody_s_is_foreign() {
        let subject = subject(2);
        let service = service(vec![task_set("ecs-svc/9", "PRIMARY", 9, None)]);
        assert_eq!(view(&service, &subject).unwrap().primary, Primary::Foreign);
        assert_eq!(view(&self::service(Vec::new()), &subject).unwrap().primary, Primary::None);
        assert_eq!(service_id(), subject.service);
    }

    #[test]
    fn the_scale_is_the_one_whose_ceiling_is_the_wanted_count() {
        let of = |tasks, desired| {
            let service = Service::builder().desired_count(desired).build();
            scale_of(Operation::UpdateTaskSet, tasks, &service).map(|scale| scale.value())
        };
        assert!((of(1, 3).unwrap() - 33.333_333).abs() < 1e-9);
        assert!((of(4, 4).unwrap() - 100.0).abs() < 1e-9);
        assert!(of(0, 4).unwrap().abs() < 1e-9);
        let WriteError::Rejected(error) = of(5, 4).unwrap_err() else { panic!() };
        assert_eq!(error.class, ErrorClass::Conflict);
    }
}
