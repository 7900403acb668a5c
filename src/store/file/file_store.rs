//! The store itself.

use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use async_trait::async_trait;
use etcetera::BaseStrategy;

use super::damage::Damage;
use super::directory::Directory;
use super::directory::LEASES;
use super::directory::RECORDS;
use super::directory::REQUESTS;
use super::directory::stem;
use super::disk::Disk;
use super::disk::FileSystem;
use super::journal::Found;
use super::journal::Journals;
use super::lease_file::Alive;
use super::lease_file::Leases;
use super::lock;
use super::lock::Mode;
use super::request_file::Requests;
use super::trouble::Trouble;
use super::trouble::Undone;
use super::turn_file::Turns;
use crate::model::DeploymentId;
use crate::model::ServiceId;
use crate::model::StopOrder;
use crate::ports::Append;
use crate::ports::AppendError;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Head;
use crate::ports::LeaseRecord;
use crate::ports::Store;
use crate::ports::StoredRecord;
use crate::ports::StoredRequest;
use crate::ports::Summary;

/// In bytes: some ten records. More would make reading slow.
const LONGEST_JOURNAL: u64 = 512 * 1024;

/// Keeps records, leases and requests in a directory of this machine, for any number of processes.
///
/// What was answered survives the process and a power failure. A write that was interrupted is as if it
/// had not begun; whatever else is damaged is refused, by the name of the file, without a write. A lease
/// whose holder's process has ended is free at once.
///
/// The directory must be on a file system of this machine, or on one whose locks hold: `open` tries it.
///
/// # Blocking
///
/// Each call does its work when it is polled and blocks until the disk has answered, which takes
/// milliseconds, or up to 2 s while another process keeps the lock. A thread of its own would let clocks
/// that jump when nothing is ready (a simulation's, tokio's paused one) run out on a call that is under
/// way; and a driver has nothing to do before its write is answered.
#[derive(Debug)]
pub struct FileStore {
    directory: Directory,
    own: Mutex<Own>,
}

/// What this process knows of its own doings.
#[derive(Debug, Default)]
struct Own {
    /// The records that this process has brought to the disk, and nobody has written since. After a
    /// failed sync, and where another process wrote last, what can be read may not be on the disk: then
    /// the whole record is written into a new file.
    durable: BTreeMap<DeploymentId, Head>,
    /// Which leases this process holds.
    alive: BTreeMap<ServiceId, Option<Alive>>,
}

impl FileStore {
    /// Opens the store in a directory, which is created, for this user only, where it is missing. One
    /// that cannot be written can be read.
    pub fn open(directory: impl Into<PathBuf>) -> Result<Self, CallError> {
        Self::over(directory.into(), Box::new(FileSystem), LONGEST_JOURNAL)
    }

    /// The store over these files.
    pub(super) fn over(
        root: PathBuf,
        disk: Box<dyn Disk>,
        longest_journal: u64,
    ) -> Result<Self, CallError> {
        let failed = |path: &Path, error| Trouble::with(path)(error).call("store:Open");
        for part in [RECORDS, LEASES, REQUESTS].map(|part| root.join(part)) {
            if !part.is_dir()
                && let Err(error) = create_directory(&part)
                && !root.is_dir()
            {
                return Err(failed(&part, error));
            }
        }
        let directory = Directory { root, disk, longest_journal };
        let lock = directory.lock_path();
        match lock::holds(&lock) {
            Ok(true) => {}
            Ok(false) => {
                let why = "locks do not hold on this file system; take a directory of this machine";
                return Err(CallError::new("store:Open", ErrorClass::Invalid, why));
            }
            Err(error) if is_readable_only(&error) => {}
            Err(error) => return Err(failed(&lock, error)),
        }
        Ok(Self { directory, own: Mutex::default() })
    }

    /// Where this user's records are kept by default: `cutover` in `$XDG_STATE_HOME`, or in
    /// `~/.local/state`; on macOS in `~/Library/Application Support`, on Windows in `%APPDATA%`. None
    /// where the user has no home.
    pub fn default_directory() -> Option<PathBuf> {
        let user = etcetera::base_strategy::choose_native_strategy().ok()?;
        Some(user.state_dir().unwrap_or_else(|| user.data_dir()).join("cutover"))
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.directory.root
    }

    fn own(&self) -> MutexGuard<'_, Own> {
        // What it knows is a hint where to write; without it everything is written anew.
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read_now(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, Trouble> {
        let _lock = self.directory.lock(Mode::Shared)?;
        Ok(self.find(deployment)?.map(|found| found.record))
    }

    fn find(&self, deployment: &DeploymentId) -> Result<Option<Found>, Trouble> {
        let stem = stem(deployment);
        let found = Journals(&self.directory).find(&stem)?;
        match &found {
            // Two names with one stem: as unlikely as damage that no checksum finds.
            Some(other) if other.record.summary.deployment != *deployment => {
                let found = other.record.summary.deployment.to_string();
                let (path, wanted) = (self.directory.path(RECORDS, &stem, "snapshot"), deployment);
                let other = Damage::Other { found, wanted: wanted.to_string() };
                Err(Trouble::damaged(&path)(other))
            }
            Some(_) | None => Ok(found),
        }
    }

    fn append_now(&self, append: Append) -> Result<(), AppendError> {
        let Append { head, summary, body } = append;
        let record = StoredRecord { head, summary, body };
        let failed = |trouble| Undone::Not(trouble).append();
        let _lock = self.directory.lock(Mode::Exclusive).map_err(failed)?;
        let found = self.find(&record.summary.deployment).map_err(failed)?;
        let there = found.as_ref().map(|found| &found.record.head);
        let is_same = there == Some(&record.head);
        let follows = there.map_or(record.head.seq == 1, |there| {
            there.seq.checked_add(1) == Some(record.head.seq) && there.token <= record.head.token
        });
        if !is_same && !follows {
            let head = there.unwrap_or(&record.head).clone();
            return Err(AppendError::Fenced { head });
        }
        let mut own = self.own();
        let known = own.durable.remove(&record.summary.deployment);
        let is_durable = known.is_some() && known.as_ref() == there;
        if !(is_same && is_durable) {
            let journals = Journals(&self.directory);
            // The last word is kept in one file.
            let goes_on = is_durable && !record.summary.status.is_ended();
            let is_written = match found.filter(|_| goes_on) {
                Some(found) => journals.append(&found, &record).map_err(Undone::append)?,
                None => false,
            };
            if !is_written {
                journals.snapshot(&record).map_err(Undone::append)?;
            }
        }
        own.durable.insert(record.summary.deployment, record.head);
        Ok(())
    }

    fn list_now(&self) -> Result<Vec<Summary>, Trouble> {
        let _lock = self.directory.lock(Mode::Shared)?;
        let journals = Journals(&self.directory);
        let mut summaries = Vec::new();
        for stem in journals.stems()? {
            summaries.extend(journals.find(&stem)?.map(|found| found.record.summary));
        }
        summaries.sort_by(|a, b| a.deployment.cmp(&b.deployment));
        Ok(summaries)
    }

    fn swap_now(
        &self,
        service: &ServiceId,
        expected: Option<&LeaseRecord>,
        next: &LeaseRecord,
    ) -> Result<bool, Undone> {
        let _lock = self.directory.lock(Mode::Exclusive)?;
        let leases = Leases(&self.directory);
        if leases.find(service)?.as_ref() != expected {
            return Ok(false);
        }
        let mut own = self.own();
        let alive = own.alive.entry(service.clone()).or_default();
        leases.replace(service, expected, next, alive)?;
        Ok(true)
    }

    fn change(
        &self,
        deployment: &DeploymentId,
        change: impl FnOnce(&mut Vec<StoredRequest>),
    ) -> Result<(), Undone> {
        let _lock = self.directory.lock(Mode::Exclusive)?;
        Requests(&self.directory).change(deployment, change)
    }
}

fn create_directory(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

fn is_readable_only(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

#[async_trait]
impl Store for FileStore {
    async fn read(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, CallError> {
        self.read_now(deployment).map_err(|trouble| trouble.call("store:Read"))
    }

    async fn append(&self, append: Append) -> Result<(), AppendError> {
        self.append_now(append)
    }

    async fn list(&self) -> Result<Vec<Summary>, CallError> {
        self.list_now().map_err(|trouble| trouble.call("store:List"))
    }

    async fn lease(&self, service: &ServiceId) -> Result<Option<LeaseRecord>, CallError> {
        let find = || {
            let _lock = self.directory.lock(Mode::Shared)?;
            Leases(&self.directory).find(service)
        };
        find().map_err(|trouble: Trouble| trouble.call("store:Lease"))
    }

    async fn swap_lease(
        &self,
        service: &ServiceId,
        expected: Option<&LeaseRecord>,
        next: LeaseRecord,
    ) -> Result<bool, CallError> {
        self.swap_now(service, expected, &next).map_err(|undone| undone.call("store:SwapLease"))
    }

    async fn ask(
        &self,
        deployment: &DeploymentId,
        request: StoredRequest,
    ) -> Result<(), CallError> {
        let asked = self.change(deployment, |requests| request.add(requests));
        asked.map_err(|undone| undone.call("store:Ask"))
    }

    async fn asked(&self, deployment: &DeploymentId) -> Result<Vec<StoredRequest>, CallError> {
        let find = || {
            let _lock = self.directory.lock(Mode::Shared)?;
            Requests(&self.directory).find(deployment)
        };
        find().map_err(|trouble: Trouble| trouble.call("store:Asked"))
    }

    async fn answer(
        &self,
        deployment: &DeploymentId,
        nonce: &str,
        answer: Result<(), String>,
    ) -> Result<(), CallError> {
        let change = |requests: &mut Vec<_>| StoredRequest::note(requests, nonce, &answer);
        self.change(deployment, change).map_err(|undone| undone.call("store:Answer"))
    }

    async fn turn(&self, order: StopOrder) -> Result<(), CallError> {
        let add = || {
            let _lock = self.directory.lock(Mode::Exclusive)?;
            Turns(&self.directory).add(order)
        };
        add().map_err(|undone: Undone| undone.call("store:Turn"))
    }

    async fn turns(&self) -> Result<Vec<StopOrder>, CallError> {
        let find = || {
            let _lock = self.directory.lock(Mode::Shared)?;
            Turns(&self.directory).find()
        };
        find().map_err(|trouble: Trouble| trouble.call("store:Turns"))
    }
}
