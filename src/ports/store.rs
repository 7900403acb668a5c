//! Durable records and leases as a port.
#![expect(clippy::exhaustive_structs, reason = "whoever implements the port builds these")]

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;

use super::call_error::CallError;
use crate::model::DeploymentId;
use crate::model::FencingToken;
use crate::model::HolderId;
use crate::model::ServiceId;
use crate::model::Status;

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

/// Records and leases.
///
/// # Contract
///
/// - `append` is one compare-and-set: it succeeds only on a record whose `seq` is one less, whose
///   token is not higher, and durably so. If the head already is the one to be written (same token,
///   `seq` and nonce), it succeeds and changes nothing.
/// - `swap_lease` is one compare-and-set on the whole lease.
/// - Reads see every write that was answered before they began.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// A record, if there is one.
    async fn read(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, CallError>;

    /// Writes a record.
    async fn append(&self, append: Append) -> Result<(), AppendError>;

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
}
