//! Directories and contents for tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;

use super::faulty_disk::Fault;
use super::faulty_disk::FaultyDisk;
use super::faulty_disk::Script;
use super::file_store::FileStore;
use crate::model::DeploymentId;
use crate::model::FencingToken;
use crate::model::HolderId;
use crate::model::Operator;
use crate::model::ServiceId;
use crate::model::Status;
use crate::ports::Append;
use crate::ports::Head;
use crate::ports::LeaseRecord;
use crate::ports::Store;
use crate::ports::StoredRecord;
use crate::ports::StoredRequest;
use crate::ports::Summary;

/// So that a few records fill a journal.
const LONGEST_JOURNAL: u64 = 5 * 1024;

/// A directory of one test, gone when it ends.
pub(super) struct Scratch(pub(super) PathBuf);

impl Scratch {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let (process, nth) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(format!("cutover-store-{process}-{nth}"));
        let _ = fs::remove_dir_all(&path);
        Self(path)
    }

    pub(super) fn open(&self) -> FileStore {
        FileStore::open(&self.0).unwrap()
    }

    pub(super) fn faulty(&self, fault: Option<Fault>) -> (FileStore, Script) {
        let (disk, script) = FaultyDisk::new(fault);
        (FileStore::over(self.0.clone(), Box::new(disk), LONGEST_JOURNAL).unwrap(), script)
    }

    /// Every file with its content.
    pub(super) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let parts = ["records", "leases", "requests"].map(|part| self.0.join(part));
        let entries = parts.iter().flat_map(|part| fs::read_dir(part).unwrap());
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
    }

    /// The same files elsewhere.
    pub(super) fn copy(&self) -> Self {
        let copy = Self::new();
        drop(copy.open());
        for (path, content) in self.files() {
            fs::write(copy.0.join(path.strip_prefix(&self.0).unwrap()), content).unwrap();
        }
        copy
    }

    pub(super) fn file(&self, ending: &str) -> PathBuf {
        let mut files = self.files().into_keys();
        files.find(|path| path.extension().is_some_and(|is| is == ending)).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the store does, it does when it is polled.
pub(super) fn now<T>(call: impl Future<Output = T>) -> T {
    call.now_or_never().unwrap()
}

pub(super) fn id() -> DeploymentId {
    DeploymentId::new("web/42").unwrap()
}

pub(super) fn service() -> ServiceId {
    ServiceId::new("prod", "web").unwrap()
}

pub(super) fn append(seq: u64) -> Append {
    sized(seq, 10)
}

pub(super) fn sized(seq: u64, size: usize) -> Append {
    let summary = Summary { deployment: id(), service: service(), status: Status::InProgress };
    let head = Head { token: FencingToken::new(1), seq, nonce: format!("nonce {seq}") };
    Append { head, summary, body: seq.to_string().repeat(size).into_bytes() }
}

pub(super) fn stored(append: Append) -> StoredRecord {
    let Append { head, summary, body } = append;
    StoredRecord { head, summary, body }
}

pub(super) fn read(store: &FileStore) -> Option<StoredRecord> {
    now(store.read(&id())).unwrap()
}

pub(super) fn request(nonce: &str) -> StoredRequest {
    StoredRequest {
        nonce: nonce.to_owned(),
        operator: Operator::Abort,
        by: None,
        step: 1,
        answer: None,
    }
}

pub(super) fn lease(token: u64, renewals: u64) -> LeaseRecord {
    LeaseRecord {
        holder: Some(HolderId::new("p1").unwrap()),
        deployment: id(),
        token: FencingToken::new(token),
        renewals,
        duration: Duration::from_micros(30_000_001),
    }
}

/// A directory with one file of each kind.
pub(super) fn filled() -> Scratch {
    let scratch = Scratch::new();
    let store = scratch.open();
    for seq in 1..=3 {
        now(store.append(append(seq))).unwrap();
    }
    assert!(now(store.swap_lease(&service(), None, lease(1, 0))).unwrap());
    now(store.ask(&id(), request("a"))).unwrap();
    scratch
}
