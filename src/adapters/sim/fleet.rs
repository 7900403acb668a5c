//! Task sets as a [`Fleet`].

use async_trait::async_trait;

use super::answer::Answer;
use super::answer::ServiceDescription;
use super::answer::TaskSetDescription;
use super::call::Call;
use super::census::Census;
use super::gateway::Gateway;
use super::scenario::Controller;
use super::settings::Settings;
use crate::model::Baseline;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Primary;
use crate::model::Revision;
use crate::model::Role;
use crate::model::ScalePercent;
use crate::model::Scheduling;
use crate::model::ServiceId;
use crate::model::ServiceState;
use crate::model::Subject;
use crate::model::TaskSetId;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Fleet;
use crate::ports::WriteError;

/// Task sets as a [`Fleet`].
#[derive(Debug)]
pub(super) struct SimFleet {
    gateway: Gateway,
}

impl SimFleet {
    pub(super) const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }

    async fn service(&self, service: &ServiceId) -> Result<Option<ServiceDescription>, CallError> {
        let call = Call::DescribeServices { services: vec![service.clone()] };
        match self.gateway.call(call).await?.answer {
            Answer::Services(mut services) => Ok(services.pop()),
            _ => Err(Gateway::unexpected("ecs:DescribeServices")),
        }
    }

    /// The read before a write. If it fails, nothing was written.
    async fn before_write(&self, subject: &Subject) -> Result<ServiceDescription, WriteError> {
        match self.service(&subject.service).await {
            Ok(Some(service)) => Ok(service),
            Ok(None) => {
                let gone = CallError::new("ecs:DescribeServices", ErrorClass::Gone, "no service");
                Err(WriteError::Rejected(gone))
            }
            Err(error) => Err(WriteError::Rejected(error)),
        }
    }

    async fn write(&self, call: Call) -> Result<(), WriteError> {
        self.gateway.call(call).await?;
        Ok(())
    }

    async fn census(
        &self,
        service: &ServiceId,
        sets: &[&TaskSetDescription],
    ) -> Result<Census, CallError> {
        let mut census = Census::default();
        for stopped in [false, true] {
            let call = Call::DescribeTasks { service: service.clone(), stopped };
            match self.gateway.call(call).await?.answer {
                Answer::Tasks(tasks) => census.tasks = tasks,
                Answer::StoppedTasks(tallies) => census.stopped = tallies,
                _ => return Err(Gateway::unexpected("ecs:DescribeTasks")),
            }
        }
        let mut groups: Vec<_> = sets.iter().filter_map(|set| set.target_group.clone()).collect();
        groups.sort();
        groups.dedup();
        for target_group in groups {
            let call = Call::DescribeTargetHealth { target_group };
            match self.gateway.call(call).await?.answer {
                Answer::Targets(targets) => census.targets.extend(targets),
                _ => {
                    return Err(Gateway::unexpected("elasticloadbalancing:DescribeTargetHealth"));
                }
            }
        }
        Ok(census)
    }
}

/// The task set that holds a role.
pub(super) fn find<'a>(
    service: &'a ServiceDescription,
    subject: &Subject,
    role: Role,
) -> Option<&'a TaskSetDescription> {
    let baseline = &subject.baseline;
    if service.controller == Controller::Ecs {
        // ECS makes a new deployment each time, also of the revision that it goes back to
        let revision = match role {
            Role::Stable => baseline.stable_revision.as_ref()?,
            Role::Candidate => &subject.candidate,
        };
        return service.task_sets.iter().rfind(|set| set.revision == *revision);
    }
    service.task_sets.iter().find(|set| match role {
        Role::Stable => Some(&set.id) == baseline.stable.as_ref(),
        Role::Candidate => set.external_id.as_deref() == Some(subject.deployment.as_str()),
    })
}

fn missing(operation: &'static str, role: Role) -> WriteError {
    let what = format!("{role} has no task set");
    WriteError::Rejected(CallError::new(operation, ErrorClass::Gone, what))
}

fn scale_for(
    operation: &'static str,
    tasks: u32,
    desired: u32,
) -> Result<ScalePercent, WriteError> {
    ScalePercent::of(tasks, desired).ok_or_else(|| {
        let what = format!("{tasks} tasks are more than the {desired} that the service desires");
        // the desired count has fallen since it was read: another look mends it
        WriteError::Rejected(CallError::new(operation, ErrorClass::Conflict, what))
    })
}

#[async_trait]
impl Fleet for SimFleet {
    async fn baseline(
        &self,
        service: &ServiceId,
        _topology: &Topology,
    ) -> Result<Baseline, CallError> {
        let operation = "ecs:DescribeServices";
        let found = self.service(service).await?;
        let found = found.filter(|found| found.status == ServiceState::Active);
        let described = found.ok_or_else(|| {
            CallError::new(operation, ErrorClass::Gone, format!("{service} is not ACTIVE"))
        })?;
        let (primary, others): (Vec<_>, Vec<_>) =
            described.task_sets.into_iter().partition(|set| set.primary && !set.draining);
        let stable = primary.into_iter().next();
        Ok(Baseline {
            two_roles: described.controller == Controller::External,
            stable_revision: stable.as_ref().map(|set| set.revision.clone()),
            stable: stable.map(|set| set.id),
            others: others.into_iter().map(|set| set.id).collect(),
            ..Baseline::new(described.desired, Scheduling::Replica)
        })
    }

    async fn observe(
        &self,
        subject: &Subject,
        _delegation: Option<&TaskSetId>,
    ) -> Result<FleetObservation, CallError> {
        let Some(service) = self.service(&subject.service).await? else {
            return Ok(FleetObservation::gone());
        };
        let stable = find(&service, subject, Role::Stable);
        let candidate = find(&service, subject, Role::Candidate);
        let ours: Vec<_> = stable.into_iter().chain(candidate).collect();
        let census = if ours.is_empty() {
            Census::default()
        } else {
            self.census(&subject.service, &ours).await?
        };
        let primary = service.task_sets.iter().find(|set| set.primary);
        let is = |role: Option<&TaskSetDescription>| {
            primary.is_some() && primary.map(|set| set.number) == role.map(|set| set.number)
        };
        let known = |set: &TaskSetDescription| {
            let own = |own: &&TaskSetDescription| {
                let same = own.revision == set.revision && service.controller == Controller::Ecs;
                own.number == set.number || same
            };
            ours.iter().any(own) || subject.baseline.others.contains(&set.id)
        };
        Ok(FleetObservation {
            service: service.status,
            desired: service.desired,
            stable: stable.map(|set| census.role(set)),
            candidate: candidate.map(|set| census.role(set)),
            primary: match primary {
                None => Primary::None,
                Some(_) if is(stable) => Primary::Role(Role::Stable),
                Some(_) if is(candidate) => Primary::Role(Role::Candidate),
                Some(_) => Primary::Foreign,
            },
            foreign: service
                .task_sets
                .iter()
                .filter(|set| !known(set))
                .map(|set| set.id.clone())
                .collect(),
            delegated: Census::delegated(&service),
        })
    }

    async fn launch(
        &self,
        subject: &Subject,
        tasks: u32,
        token: &CallToken,
    ) -> Result<(), WriteError> {
        let service = self.before_write(subject).await?;
        let scale = scale_for("ecs:CreateTaskSet", tasks, service.desired)?;
        self.write(Call::CreateTaskSet {
            service: subject.service.clone(),
            task_definition: subject.candidate.task_definition().to_string(),
            external_id: Some(subject.deployment.as_str().to_owned()),
            target_group: subject.baseline.candidate_group.clone(),
            scale,
            client_token: Some(token.as_str().to_owned()),
            settings: Settings::default(),
        })
        .await
    }

    async fn scale(&self, subject: &Subject, role: Role, tasks: u32) -> Result<(), WriteError> {
        let operation = "ecs:UpdateTaskSet";
        let service = self.before_write(subject).await?;
        let set = find(&service, subject, role).ok_or_else(|| missing(operation, role))?;
        let scale = scale_for(operation, tasks, service.desired)?;
        let (service, task_set) = (subject.service.clone(), set.id.clone());
        self.write(Call::UpdateTaskSet { service, task_set, scale }).await
    }

    async fn promote(&self, subject: &Subject) -> Result<(), WriteError> {
        let service = self.before_write(subject).await?;
        let set = find(&service, subject, Role::Candidate)
            .ok_or_else(|| missing("ecs:UpdateServicePrimaryTaskSet", Role::Candidate))?;
        let (service, primary) = (subject.service.clone(), set.id.clone());
        self.write(Call::UpdateServicePrimaryTaskSet { service, primary }).await
    }

    async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        let service = self.before_write(subject).await?;
        let Some(set) = find(&service, subject, role).filter(|set| !set.draining) else {
            return Ok(());
        };
        // ECS refuses to delete a primary task set unless forced, and that refusal is wanted
        let (service, task_set, force) = (subject.service.clone(), set.id.clone(), !set.primary);
        match self.gateway.call(Call::DeleteTaskSet { service, task_set, force }).await {
            Err(error) if error.class == ErrorClass::Gone => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Ok(()),
        }
    }

    async fn delegate(
        &self,
        subject: &Subject,
        revision: &Revision,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
    ) -> Result<TaskSetId, WriteError> {
        let call = Call::UpdateService {
            service: subject.service.clone(),
            desired_count: None,
            task_definition: Some(revision.task_definition().to_string()),
            force: false,
            minimum_healthy_percent: Some(minimum_healthy_percent),
            maximum_percent: Some(maximum_percent),
            settings: Settings::default(),
        };
        match self.gateway.call(call).await?.answer {
            Answer::Services(services) => services
                .iter()
                .flat_map(|service| &service.task_sets)
                .find(|set| set.primary)
                .map(|set| set.id.clone())
                .ok_or_else(|| Gateway::unexpected("ecs:UpdateService").into()),
            _ => Err(Gateway::unexpected("ecs:UpdateService").into()),
        }
    }
}
