//! Files of which one step fails.

use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;

use super::disk::Disk;
use super::disk::FileSystem;

/// How far a failing step gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    Nothing,
    Half,
    All,
}

/// Which step fails, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    from: usize,
    to: usize,
    reach: Reach,
    kind: ErrorKind,
}

impl Fault {
    /// Each of so many steps, each failing in every way.
    pub(super) fn at_every(steps: usize) -> impl Iterator<Item = Self> {
        let kind = ErrorKind::StorageFull;
        (0..steps).flat_map(move |step| {
            [Reach::Nothing, Reach::Half, Reach::All].map(|reach| Self {
                from: step,
                to: step + 1,
                reach,
                kind,
            })
        })
    }

    /// Every step fails.
    pub(super) const fn always(kind: ErrorKind) -> Self {
        Self { from: 0, to: usize::MAX, reach: Reach::Nothing, kind }
    }

    /// Every step after it fails, too: the process has crashed.
    pub(super) const fn lasting(self) -> Self {
        Self { to: usize::MAX, ..self }
    }
}

/// The steps that were tried.
#[derive(Debug, Clone, Default)]
pub(super) struct Script(Arc<Mutex<Vec<&'static str>>>);

impl Script {
    pub(super) fn steps(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

/// The file system, but for a fault.
#[derive(Debug)]
pub(super) struct FaultyDisk {
    fault: Option<Fault>,
    script: Script,
}

impl FaultyDisk {
    pub(super) fn new(fault: Option<Fault>) -> (Self, Script) {
        let script = Script::default();
        (Self { fault, script: script.clone() }, script)
    }

    /// Does a step as far as it gets. After the first one that fails for good nothing happens.
    fn step(
        &self,
        name: &'static str,
        half: impl FnOnce() -> io::Result<()>,
        all: impl FnOnce() -> io::Result<()>,
    ) -> io::Result<()> {
        let mut steps = self.script.0.lock().unwrap();
        let at = steps.len();
        steps.push(name);
        let Some(fault) = self.fault.filter(|fault| (fault.from..fault.to).contains(&at)) else {
            return all();
        };
        match fault.reach {
            _ if at > fault.from => {}
            Reach::Nothing => {}
            Reach::Half => half()?,
            Reach::All => all()?,
        }
        Err(fault.kind.into())
    }
}

fn half(content: &[u8]) -> &[u8] {
    &content[..content.len() / 2]
}

impl Disk for FaultyDisk {
    fn read(&self, path: &Path) -> io::Result<Option<Vec<u8>>> {
        FileSystem.read(path)
    }

    fn create(&self, path: &Path, content: &[u8]) -> io::Result<()> {
        let create = |content| FileSystem.create(path, content);
        self.step("create", || create(half(content)), || create(content))
    }

    fn append(&self, path: &Path, at: u64, content: &[u8]) -> io::Result<()> {
        let append = |content| FileSystem.append(path, at, content);
        self.step("append", || append(half(content)), || append(content))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename", || Ok(()), || FileSystem.rename(from, to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("remove", || Ok(()), || FileSystem.remove(path))
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.step("sync", || Ok(()), || FileSystem.sync_directory(path))
    }
}
