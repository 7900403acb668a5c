//! Task sets as a [`Fleet`].

use async_trait::async_trait;

use super::gateway::Gateway;
use crate::model::Baseline;
use crate::model::CallToken;
use crate::model::FleetObservation;
use crate::model::Revision;
use crate::model::Role;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::ports::CallError;
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
}

#[async_trait]
impl Fleet for SimFleet {
    async fn baseline(&self, _service: &ServiceId) -> Result<Baseline, CallError> {
        todo!()
    }

    async fn observe(&self, _subject: &Subject) -> Result<FleetObservation, CallError> {
        todo!()
    }

    async fn launch(
        &self,
        _subject: &Subject,
        _tasks: u32,
        _token: &CallToken,
    ) -> Result<(), WriteError> {
        todo!()
    }

    async fn scale(&self, _subject: &Subject, _role: Role, _tasks: u32) -> Result<(), WriteError> {
        todo!()
    }

    async fn promote(&self, _subject: &Subject) -> Result<(), WriteError> {
        todo!()
    }

    async fn retire(&self, _subject: &Subject, _role: Role) -> Result<(), WriteError> {
        todo!()
    }

    async fn delegate(
        &self,
        _subject: &Subject,
        _revision: &Revision,
        _minimum_healthy_percent: u32,
        _maximum_percent: u32,
    ) -> Result<(), WriteError> {
        todo!()
    }
}
