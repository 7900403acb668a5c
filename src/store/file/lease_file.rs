//! A service's lease, and whether the process that holds it is alive.
//!
//! A lease alone says that its holder may be dead only by not being renewed. On one machine the operating
//! system knows better: the holder keeps a lock on a file for its token, which ends with its process.

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::damage::Damage;
use super::directory::Directory;
use super::directory::LEASES;
use super::directory::stem;
use super::frame::Kind;
use super::trouble::Trouble;
use super::trouble::Undone;
use crate::model::DeploymentId;
use crate::model::FencingToken;
use crate::model::HolderId;
use crate::model::ServiceId;
use crate::ports::LeaseRecord;

/// A lease as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct LeaseFile {
    service: ServiceId,
    holder: Option<HolderId>,
    deployment: DeploymentId,
    token: FencingToken,
    renewals: u64,
    duration: Duration,
}

/// That this process lives, for others to see.
#[derive(Debug)]
pub(super) struct Alive {
    token: FencingToken,
    _locked: File,
}

/// The leases of one directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Leases<'a>(pub(super) &'a Directory);

impl Leases<'_> {
    fn path(self, service: &ServiceId) -> PathBuf {
        self.0.path(LEASES, &stem(service), "lease")
    }

    fn alive_path(self, service: &ServiceId, token: FencingToken) -> PathBuf {
        self.0.path(LEASES, &stem(service), &format!("{token}.alive"))
    }

    /// The lease of a service. One whose holder's process has ended has no holder.
    pub(super) fn find(self, service: &ServiceId) -> Result<Option<LeaseRecord>, Trouble> {
        let path = self.path(service);
        let Some(found) = self.0.load::<LeaseFile>(Kind::Lease, &path)? else { return Ok(None) };
        if found.service != *service {
            let (found, wanted) = (found.service.to_string(), service.to_string());
            return Err(Trouble::damaged(&path)(Damage::Other { found, wanted }));
        }
        let LeaseFile { holder, deployment, token, renewals, duration, .. } = found;
        let is_dead = holder.is_some() && is_free(&self.alive_path(service, token));
        let holder = holder.filter(|_| !is_dead);
        Ok(Some(LeaseRecord { holder, deployment, token, renewals, duration }))
    }

    /// Replaces the lease that was found. `alive` is what this process has shown of itself for it.
    pub(super) fn replace(
        self,
        service: &ServiceId,
        found: Option<&LeaseRecord>,
        next: &LeaseRecord,
        alive: &mut Option<Alive>,
    ) -> Result<(), Undone> {
        let shows = alive.as_ref().is_some_and(|alive| alive.token == next.token);
        let fresh = if next.holder.is_some() && !shows {
            let renews =
                found.is_some_and(|found| found.token == next.token && found.holder.is_some());
            match self.live(service, next.token) {
                // Another handle of its holder shows it.
                Err(Trouble::Held { .. }) if renews => None,
                live => Some(live?),
            }
        } else {
            None
        };
        let file = LeaseFile {
            service: service.clone(),
            holder: next.holder.clone(),
            deployment: next.deployment.clone(),
            token: next.token,
            renewals: next.renewals,
            duration: next.duration,
        };
        let saved = self.0.save(Kind::Lease, &self.path(service), &file);
        if matches!(saved, Err(Undone::Not(_))) {
            return saved;
        }
        // Perhaps it is written: then this process is its holder.
        if fresh.is_some() || next.holder.is_none() {
            *alive = fresh;
        }
        let is_over = |found: &&LeaseRecord| found.token != next.token || next.holder.is_none();
        if let (Ok(()), Some(over)) = (&saved, found.filter(is_over)) {
            // One that stays says nothing: its token is over.
            let _ = self.0.disk.remove(&self.alive_path(service, over.token));
        }
        saved
    }

    /// Shows that this process lives, under a token of its own.
    fn live(self, service: &ServiceId, token: FencingToken) -> Result<Alive, Trouble> {
        let path = self.alive_path(service, token);
        let open = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let file = open.map_err(Trouble::with(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Alive { token, _locked: file }),
            Err(TryLockError::WouldBlock) => Err(Trouble::Held { path }),
            Err(TryLockError::Error(error)) => Err(Trouble::with(&path)(error)),
        }
    }
}

/// Whether nobody holds this file though it is there. In doubt somebody does.
fn is_free(path: &Path) -> bool {
    File::open(path).is_ok_and(|file| file.try_lock_shared().is_ok())
}
