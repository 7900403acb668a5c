//! Records, leases and requests in this process's memory: for tests, and for deployments that need not survive it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use async_trait::async_trait;

use crate::model::DeploymentId;
use crate::model::ServiceId;
use crate::model::StopOrder;
use crate::ports::Append;
use crate::ports::AppendError;
use crate::ports::CallError;
use crate::ports::LeaseRecord;
use crate::ports::Store;
use crate::ports::StoredRecord;
use crate::ports::StoredRequest;
use crate::ports::Summary;

/// Keeps everything in memory. Shared by reference counting: every driver that is to see the same
/// records must be given the same store.
#[derive(Debug, Default)]
pub struct MemoryStore {
    content: Mutex<Content>,
    without_bodies: bool,
}

#[derive(Debug, Default)]
struct Content {
    records: BTreeMap<DeploymentId, StoredRecord>,
    leases: BTreeMap<ServiceId, LeaseRecord>,
    requests: BTreeMap<DeploymentId, Vec<StoredRequest>>,
    turns: Vec<StopOrder>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that keeps no bodies: nothing can be resumed from it, and no record be read.
    pub fn without_bodies() -> Self {
        Self { without_bodies: true, ..Self::default() }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        // Every change below is one assignment, so a panic elsewhere leaves nothing half-done.
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn read(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, CallError> {
        Ok(self.content().records.get(deployment).cloned())
    }

    fn keeps_bodies(&self) -> bool {
        !self.without_bodies
    }

    async fn append(&self, append: Append) -> Result<(), AppendError> {
        let Append { head, summary, body } = append;
        let mut content = self.content();
        if let Some(stored) = content.records.get(&summary.deployment) {
            if stored.head == head {
                return Ok(());
            }
            if stored.head.seq + 1 != head.seq || stored.head.token > head.token {
                return Err(AppendError::Fenced { head: stored.head.clone() });
            }
        } else if head.seq != 1 {
            return Err(AppendError::Fenced { head });
        }
        content.records.insert(summary.deployment.clone(), StoredRecord { head, summary, body });
        Ok(())
    }

    async fn list(&self) -> Result<Vec<Summary>, CallError> {
        Ok(self.content().records.values().map(|stored| stored.summary.clone()).collect())
    }

    async fn lease(&self, service: &ServiceId) -> Result<Option<LeaseRecord>, CallError> {
        Ok(self.content().leases.get(service).cloned())
    }

    async fn swap_lease(
        &self,
        service: &ServiceId,
        expected: Option<&LeaseRecord>,
        next: LeaseRecord,
    ) -> Result<bool, CallError> {
        let mut content = self.content();
        let is_expected = content.leases.get(service) == expected;
        match content.leases.get_mut(service) {
            _ if !is_expected => {}
            Some(lease) => *lease = next,
            None => drop(content.leases.insert(service.clone(), next)),
        }
        Ok(is_expected)
    }

    async fn ask(
        &self,
        deployment: &DeploymentId,
        request: StoredRequest,
    ) -> Result<(), CallError> {
        request.add(self.content().requests.entry(deployment.clone()).or_default());
        Ok(())
    }

    async fn asked(&self, deployment: &DeploymentId) -> Result<Vec<StoredRequest>, CallError> {
        Ok(self.content().requests.get(deployment).cloned().unwrap_or_default())
    }

    async fn answer(
        &self,
        deployment: &DeploymentId,
        nonce: &str,
        answer: Result<(), String>,
    ) -> Result<(), CallError> {
        if let Some(requests) = self.content().requests.get_mut(deployment) {
            StoredRequest::note(requests, nonce, &answer);
        }
        Ok(())
    }

    async fn turn(&self, order: StopOrder) -> Result<(), CallError> {
        order.add(&mut self.content().turns);
        Ok(())
    }

    async fn turns(&self) -> Result<Vec<StopOrder>, CallError> {
        Ok(self.content().turns.clone())
    }
}
