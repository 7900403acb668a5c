//! Durable records, leases and requests as a port.
#![expect(clippy::exhaustive_structs, reason = "whoever implements the port builds these")]

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use serde::Serialize;

use super::call_error::CallError;
use crate::model::DeploymentId;
use crate::model::FencingToken;
use crate::model::HolderId;
use crate::model::Operator;
use crate::model::ServiceId;
use crate::model::Status;
use crate::model::StopOrder;

/// What every append is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The fencing token of the last writer.
    pub token: FencingToken,
    /// How many times the record was written.
    pub seq: u64,
    /// What the last writer called its write; unique to one decision of one writer.
    pub nonce: String,
}

/// A record as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecord {
    /// What an append is compared with.
    pub head: Head,
    /// What a listing shows.
    pub summary: Summary,
    /// The encoded record.
    pub body: Vec<u8>,
}

/// What a listing shows of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The deployment.
    pub deployment: DeploymentId,
    /// Its service.
    pub service: ServiceId,
    /// Its status.
    pub status: Status,
}

/// One write of a record: the whole record, and the head it must follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The head after the write. `seq` is the one before plus one; 1 creates the record.
    pub head: Head,
    /// What a listing shows.
    pub summary: Summary,
    /// The encoded record.
    pub body: Vec<u8>,
}

/// Why an append failed.
#[derive(Debug, thiserror::Error)]
#[expect(clippy::exhaustive_enums, reason = "each has its own reaction")]
pub enum AppendError {
    /// Another writer has been here: stop.
    #[error("another writer holds fencing token {}", .head.token)]
    Fenced {
        /// The head as it is.
        head: Head,
    },
    /// It may have been written, or may yet be: append the very same again.
    #[error("unknown whether the record was written")]
    Unknown(#[source] CallError),
    /// It was not written.
    #[error("the record was not written")]
    Unavailable(#[source] CallError),
}

/// Who may act on a service, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRecord {
    /// Who holds it; none after a release.
    pub holder: Option<HolderId>,
    /// Which deployment the holder drives.
    pub deployment: DeploymentId,
    /// The token of this lease. Survives a release and only grows.
    pub token: FencingToken,
    /// Grows with every renewal; a lease whose renewal count stands still for `duration` is over.
    pub renewals: u64,
    /// How long it lasts without a renewal.
    pub duration: Duration,
}

/// What an operator asks of a deployment that another process drives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredRequest {
    /// What the asker called it; unique to one wish of one operator.
    pub nonce: String,
    /// What is asked.
    pub operator: Operator,
    /// Who asks; none where an older version asked.
    #[serde(default)]
    pub by: Option<HolderId>,
    /// The plan's step that was current when it was asked. An approval counts for that step only.
    pub step: usize,
    /// What became of it: taken, or why not; none while it waits.
    pub answer: Option<Result<(), String>>,
}

impl StoredRequest {
    /// How many answered requests of a deployment a store keeps at least.
    pub const KEPT: usize = 64;

    /// Adds a request to those of a deployment, unless its nonce is there, and forgets the oldest
    /// answered ones beyond [`KEPT`](Self::KEPT).
    pub fn add(self, requests: &mut Vec<Self>) {
        if requests.iter().any(|known| known.nonce == self.nonce) {
            return;
        }
        requests.push(self);
        let mut over = requests.iter().filter(|known| known.answer.is_some()).count();
        requests.retain(|known| {
            let forgotten = known.answer.is_some() && over > Self::KEPT;
            over -= usize::from(forgotten);
            !forgotten
        });
    }

    /// Notes an answer among the requests of a deployment. The first one stays.
    pub fn note(requests: &mut [Self], nonce: &str, answer: &Result<(), String>) {
        let waiting = |known: &&mut Self| known.nonce == nonce && known.answer.is_none();
        if let Some(known) = requests.iter_mut().find(waiting) {
            known.answer = Some(answer.clone());
        }
    }
}

/// Records, leases and requests.
///
/// # Contract
///
/// - `append` is one compare-and-set: it succeeds only on a record whose `seq` is one less, whose
///   token is not higher, and durably so. If the head already is the one to be written (same token,
///   `seq` and nonce), it succeeds and changes nothing.
/// - `swap_lease` is one compare-and-set on the whole lease.
/// - `ask` and `answer` are one change each. A nonce is asked once: asking it again, answered or not,
///   changes nothing. The first answer stays.
/// - `turn` adds one order to those of the whole store. The last one is never lost, and the order is that in
///   which they were given.
/// - Reads see every write that was answered before they began.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// A record, if there is one.
    async fn read(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, CallError>;

    /// Writes a record.
    async fn append(&self, append: Append) -> Result<(), AppendError>;

    /// Whether the bodies of records are kept. Yes. Where no process will ever resume a deployment, as in a
    /// simulation, a store may say no: it is given empty bodies, which are cheaper to make.
    fn keeps_bodies(&self) -> bool {
        true
    }

    /// Every record, in order of their ids.
    async fn list(&self) -> Result<Vec<Summary>, CallError>;

    /// The lease of a service, if there ever was one.
    async fn lease(&self, service: &ServiceId) -> Result<Option<LeaseRecord>, CallError>;

    /// Replaces the lease of a service if it still is `expected`; answers whether it was.
    async fn swap_lease(
        &self,
        service: &ServiceId,
        expected: Option<&LeaseRecord>,
        next: LeaseRecord,
    ) -> Result<bool, CallError>;

    /// Leaves a request for whoever drives the deployment, or will.
    async fn ask(&self, deployment: &DeploymentId, request: StoredRequest)
    -> Result<(), CallError>;

    /// Every request that waits, and at least the last [`StoredRequest::KEPT`] that were answered, in
    /// the order in which they were asked.
    async fn asked(&self, deployment: &DeploymentId) -> Result<Vec<StoredRequest>, CallError>;

    /// Says what became of a request: it waits no longer. Nothing happens where there is none.
    async fn answer(
        &self,
        deployment: &DeploymentId,
        nonce: &str,
        answer: Result<(), String>,
    ) -> Result<(), CallError>;

    /// Stops every deployment of the store, or lets them go.
    async fn turn(&self, order: StopOrder) -> Result<(), CallError>;

    /// At least the last [`StopOrder::KEPT`] such orders, oldest first.
    async fn turns(&self) -> Result<Vec<StopOrder>, CallError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_answered_requests_are_forgotten_and_only_the_oldest() {
        let request = |nth: usize, answer| StoredRequest {
            nonce: nth.to_string(),
            operator: Operator::Pause,
            by: None,
            step: 0,
            answer,
        };
        let mut requests = vec![request(0, None)];
        let most = StoredRequest::KEPT + 3;
        for nth in 1..=most {
            request(nth, Some(Ok(()))).add(&mut requests);
        }
        let nonces: Vec<_> = requests.iter().map(|known| known.nonce.as_str()).collect();
        assert_eq!(nonces.len(), 1 + StoredRequest::KEPT);
        assert_eq!(nonces[..2], ["0", "4"]);
        assert_eq!(*nonces.last().unwrap(), most.to_string());
    }
}
