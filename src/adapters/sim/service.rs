//! A service.

use super::rolling::Rolling;
use super::scenario::Controller;
use super::task_set::TaskSet;
use crate::model::ServiceId;
use crate::model::ServiceState;

/// A service with its task sets.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Service {
    /// Cluster and name.
    pub id: ServiceId,
    /// Its controller.
    pub controller: Controller,
    /// Its status.
    pub status: ServiceState,
    /// Its desired count.
    pub desired: u32,
    /// Its primary task set's number.
    pub primary: Option<u32>,
    /// Its task sets, oldest first.
    pub sets: Vec<TaskSet>,
    /// What the `ECS` controller is at; none while it is at rest, or with `EXTERNAL`.
    pub rolling: Option<Rolling>,
    /// The target group that its `loadBalancers` name, an index into
    /// [`State::groups`](super::State). With `EXTERNAL`, task sets name their own.
    pub group: Option<usize>,
}

impl Service {
    /// The task set with this number.
    pub fn set(&self, number: u32) -> Option<&TaskSet> {
        self.sets.iter().find(|set| set.number == number)
    }

    /// The task set that carries this external id.
    pub fn set_of(&self, external_id: &str) -> Option<&TaskSet> {
        self.sets.iter().find(|set| set.external_id.as_deref() == Some(external_id))
    }
}
