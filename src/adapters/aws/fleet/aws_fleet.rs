//! The tasks of a service, in whichever way the service keeps them.

use std::sync::Arc;

use async_trait::async_trait;

use super::super::service::Controller;
use super::super::service::Ecs;
use super::super::service::Realisation;
use super::super::service::controller;
use super::super::service::refused;
use super::super::tasks::Counting;
use super::pair::PairFleet;
use super::single::SingleFleet;
use super::task_set;
use super::task_set::TaskSetFleet;
use crate::model::Baseline;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Revision;
use crate::model::Role;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::TaskSetId;
use crate::model::Topology;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Fleet;
use crate::ports::WriteError;

/// The tasks of a service: task sets (`EXTERNAL`), a pair of services, or one service that ECS rolls
/// by itself.
#[derive(Debug)]
pub(crate) struct AwsFleet {
    ecs: Ecs,
    task_sets: TaskSetFleet,
    pair: PairFleet,
    single: SingleFleet,
}

const BY_ECS: &str = "ECS rolls this service by itself; it has no second role";
const BY_US: &str = "a service with two roles is not handed over to ECS";

fn wrong(why: &str) -> WriteError {
    WriteError::Rejected(refused(ErrorClass::Invalid, why))
}

impl AwsFleet {
    pub(crate) fn new(ecs: Ecs) -> Self {
        let counting = Arc::new(Counting::default());
        Self {
            task_sets: TaskSetFleet::new(ecs.clone(), Arc::clone(&counting)),
            pair: PairFleet::new(ecs.clone(), Arc::clone(&counting)),
            single: SingleFleet::new(ecs.clone(), counting),
            ecs,
        }
    }
}

#[async_trait]
impl Fleet for AwsFleet {
    async fn baseline(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Baseline, CallError> {
        if let Some(other) = &topology.pair {
            return self.pair.baseline(service, other).await;
        }
        let described = self.ecs.look().existing(service).await?;
        match controller(&described)? {
            Controller::External => task_set::baseline(&described, topology),
            Controller::Ecs => self.single.baseline(&described).await,
        }
    }

    async fn observe(
        &self,
        subject: &Subject,
        delegation: Option<&TaskSetId>,
    ) -> Result<FleetObservation, CallError> {
        match Realisation::of(&subject.baseline) {
            Realisation::TaskSets => self.task_sets.observe(subject).await,
            Realisation::Pair => self.pair.observe(subject).await,
            Realisation::InPlace => self.single.observe(subject, delegation).await,
        }
    }

    async fn launch(
        &self,
        subject: &Subject,
        tasks: u32,
        token: &CallToken,
    ) -> Result<(), WriteError> {
        match Realisation::of(&subject.baseline) {
            Realisation::TaskSets => self.task_sets.launch(subject, tasks, token).await,
            Realisation::Pair => self.pair.launch(subject, tasks).await,
            Realisation::InPlace => Err(wrong(BY_ECS)),
        }
    }

    async fn scale(&self, subject: &Subject, role: Role, tasks: u32) -> Result<(), WriteError> {
        match Realisation::of(&subject.baseline) {
            Realisation::TaskSets => Box::pin(self.task_sets.scale(subject, role, tasks)).await,
            Realisation::Pair => self.pair.scale(subject, role, tasks).await,
            Realisation::InPlace => Err(wrong(BY_ECS)),
        }
    }

    async fn promote(&self, subject: &Subject) -> Result<(), WriteError> {
        match Realisation::of(&subject.baseline) {
            Realisation::TaskSets => self.task_sets.promote(subject).await,
            Realisation::Pair => {
                self.pair.promote(subject);
                Ok(())
            }
            Realisation::InPlace => Err(wrong(BY_ECS)),
        }
    }

    async fn retire(&self, subject: &Subject, role: Role) -> Result<(), WriteError> {
        match Realisation::of(&subject.baseline) {
            Realisation::TaskSets => self.task_sets.retire(subject, role).await,
            Realisation::Pair => self.pair.retire(subject, role).await,
            Realisation::InPlace => Err(wrong(BY_ECS)),
        }
    }

    async fn delegate(
        &self,
        subject: &Subject,
        revision: &Revision,
        minimum_healthy_percent: u32,
        maximum_percent: u32,
    ) -> Result<TaskSetId, WriteError> {
        let (minimum, maximum) = (minimum_healthy_percent, maximum_percent);
        match Realisation::of(&subject.baseline) {
            Realisation::TaskSets | Realisation::Pair => Err(wrong(BY_US)),
            Realisation::InPlace => self.single.delegate(subject, revision, minimum, maximum).await,
        }
    }
}
