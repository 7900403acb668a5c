//! Listener rules as a [`Router`].

use async_trait::async_trait;

use super::gateway::Gateway;
use crate::model::Role;
use crate::model::RouterObservation;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::Weight;
use crate::ports::CallError;
use crate::ports::Router;
use crate::ports::Routes;
use crate::ports::WriteError;

/// Listener rules as a [`Router`].
#[derive(Debug)]
pub(super) struct SimRouter {
    gateway: Gateway,
}

impl SimRouter {
    pub(super) const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[async_trait]
impl Router for SimRouter {
    async fn routes(&self, _service: &ServiceId) -> Result<Option<Routes>, CallError> {
        todo!()
    }

    async fn observe(&self, _subject: &Subject) -> Result<RouterObservation, CallError> {
        todo!()
    }

    async fn shift(&self, _subject: &Subject, _candidate: Weight) -> Result<(), WriteError> {
        todo!()
    }

    async fn route_test(&self, _subject: &Subject, _role: Role) -> Result<(), WriteError> {
        todo!()
    }
}
