//! The directory: which file is where, and how one is replaced at once.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::damage::Damage;
use super::disk::Disk;
use super::frame::Kind;
use super::frame::read_sheet;
use super::frame::sheet;
use super::lock;
use super::lock::Mode;
use super::trouble::Trouble;
use super::trouble::Undone;
use crate::record::checksum;

/// The directory's parts.
pub(super) const RECORDS: &str = "records";
pub(super) const LEASES: &str = "leases";
pub(super) const REQUESTS: &str = "requests";

/// Where everything is.
#[derive(Debug)]
pub(super) struct Directory {
    pub(super) root: PathBuf,
    pub(super) disk: Box<dyn Disk>,
    /// A journal that would grow longer, in bytes, becomes a snapshot.
    pub(super) longest_journal: u64,
}

/// The name of the files that are about something: what can be read of its name, and what tells it from
/// every other one, whatever characters the file system takes and however long the name is.
pub(super) fn stem(name: impl fmt::Display) -> String {
    let name = name.to_string();
    let readable = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    let readable: String = readable.take(64).collect();
    format!("{readable}.{:016x}", checksum(name.as_bytes()))
}

impl Directory {
    /// The file of a part with this stem and ending.
    pub(super) fn path(&self, part: &str, stem: &str, ending: &str) -> PathBuf {
        self.root.join(part).join(format!("{stem}.{ending}"))
    }

    pub(super) fn lock_path(&self) -> PathBuf {
        self.root.join("lock")
    }

    /// Takes the lock for one operation.
    pub(super) fn lock(&self, mode: Mode) -> Result<Option<File>, Trouble> {
        let path = self.lock_path();
        lock::take(&path, mode).map_err(Trouble::with(&path))
    }

    pub(super) fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, Trouble> {
        self.disk.read(path).map_err(Trouble::with(path))
    }

    /// Reads a file of one frame.
    pub(super) fn load<T: DeserializeOwned>(
        &self,
        kind: Kind,
        path: &Path,
    ) -> Result<Option<T>, Trouble> {
        let Some(file) = self.read(path)? else { return Ok(None) };
        let content = read_sheet(kind, &file).map_err(Trouble::damaged(path))?;
        let value = serde_json::from_slice(content).map_err(|_| Damage::Content);
        value.map(Some).map_err(Trouble::damaged(path))
    }

    /// Replaces a file of one frame.
    pub(super) fn save<T: Serialize>(
        &self,
        kind: Kind,
        path: &Path,
        value: &T,
    ) -> Result<(), Undone> {
        let content = serde_json::to_vec(value).map_err(Trouble::Encoding)?;
        self.replace(path, &sheet(kind, &content))
    }

    /// Replaces a file: whoever reads it, even after the power failed, finds the old one or the new one.
    pub(super) fn replace(&self, path: &Path, file: &[u8]) -> Result<(), Undone> {
        let fresh = path.with_added_extension("tmp");
        if let Err(error) = self.disk.create(&fresh, file) {
            // What is left of it is in nobody's way, but for the space.
            let _ = self.disk.remove(&fresh);
            return Err(Undone::Not(Trouble::with(&fresh)(error)));
        }
        let perhaps = |error| Undone::Perhaps(Trouble::with(path)(error));
        self.disk.rename(&fresh, path).map_err(perhaps)?;
        self.sync(path)
    }

    /// Makes a file's name last.
    pub(super) fn sync(&self, path: &Path) -> Result<(), Undone> {
        let parent = path.parent().unwrap_or(&self.root);
        let perhaps = |error| Undone::Perhaps(Trouble::with(parent)(error));
        self.disk.sync_directory(parent).map_err(perhaps)
    }
}
