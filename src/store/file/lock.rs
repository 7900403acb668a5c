//! The lock that every operation takes for its short time, so that processes do not mix their writes.

use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::ErrorKind;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// An operation lasts as long as the disk needs for a few kilobytes. Whoever holds the lock for longer
/// than `TRIES` times `PAUSE` (2 s) was stopped with it in its hands.
const TRIES: u32 = 1000;
const PAUSE: Duration = Duration::from_millis(2);

/// How a lock is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// To read: others may read, too.
    Shared,
    /// To write: alone.
    Exclusive,
}

/// Opens the lock's file. Where it cannot be created nobody writes, and reading needs no lock.
fn open(path: &Path, mode: Mode) -> io::Result<Option<File>> {
    let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
    match opened {
        Ok(file) => Ok(Some(file)),
        Err(error) if mode == Mode::Exclusive => Err(error),
        Err(_) => match File::open(path) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
    }
}

fn attempt(file: &File, mode: Mode) -> Result<(), TryLockError> {
    match mode {
        Mode::Shared => file.try_lock_shared(),
        Mode::Exclusive => file.try_lock(),
    }
}

/// Takes the lock, which lasts as long as what is returned.
#[expect(clippy::disallowed_methods, reason = "waits for another process, for 2 s at most")]
pub(super) fn take(path: &Path, mode: Mode) -> io::Result<Option<File>> {
    let Some(file) = open(path, mode)? else { return Ok(None) };
    for _ in 0..TRIES {
        match attempt(&file, mode) {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    let why = "another process holds the store's lock; is it stopped?";
    Err(io::Error::new(ErrorKind::WouldBlock, why))
}

/// Whether locks hold on this file system: on some network file systems they do not.
pub(super) fn holds(path: &Path) -> io::Result<bool> {
    let first = take(path, Mode::Exclusive)?;
    let second = open(path, Mode::Exclusive)?;
    let is_refused = second.is_some_and(|second| {
        matches!(attempt(&second, Mode::Exclusive), Err(TryLockError::WouldBlock))
    });
    drop(first);
    Ok(is_refused)
}
