//! One deployment's record: a snapshot, and the writes since.

use std::io;
use std::path::PathBuf;

use serde::Deserialize;
use serde::Serialize;

use super::damage::Damage;
use super::directory::Directory;
use super::directory::RECORDS;
use super::directory::stem;
use super::frame::Kind;
use super::frame::frame;
use super::frame::read_frames;
use super::frame::read_sheet;
use super::frame::sheet;
use super::trouble::Trouble;
use super::trouble::Undone;
use crate::model::DeploymentId;
use crate::model::FencingToken;
use crate::model::ServiceId;
use crate::model::Status;
use crate::ports::Head;
use crate::ports::StoredRecord;
use crate::ports::Summary;

/// What stands before a record, on a line of its own.
#[derive(Debug, Serialize, Deserialize)]
struct Title {
    deployment: DeploymentId,
    service: ServiceId,
    status: Status,
    token: FencingToken,
    seq: u64,
    nonce: String,
}

/// A record as it was found.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) record: StoredRecord,
    /// Where the journal goes on; none where it is left over from before the snapshot.
    end: Option<u64>,
}

fn encode(record: &StoredRecord) -> Result<Vec<u8>, Trouble> {
    let StoredRecord { head, summary, body } = record;
    let title = Title {
        deployment: summary.deployment.clone(),
        service: summary.service.clone(),
        status: summary.status,
        token: head.token,
        seq: head.seq,
        nonce: head.nonce.clone(),
    };
    let mut content = serde_json::to_vec(&title).map_err(Trouble::Encoding)?;
    content.push(b'\n');
    content.extend(body);
    Ok(content)
}

/// The record in a frame of the files with this stem.
fn decode(stem_wanted: &str, content: &[u8]) -> Result<StoredRecord, Damage> {
    let end = content.iter().position(|byte| *byte == b'\n').ok_or(Damage::Content)?;
    let (title, body) = content.split_at_checked(end).ok_or(Damage::Content)?;
    let title: Title = serde_json::from_slice(title).map_err(|_| Damage::Content)?;
    let Title { deployment, service, status, token, seq, nonce } = title;
    let found = stem(&deployment);
    if found != stem_wanted {
        return Err(Damage::Other { found, wanted: stem_wanted.to_owned() });
    }
    let body = body.strip_prefix(b"\n").unwrap_or_default().to_vec();
    let summary = Summary { deployment, service, status };
    Ok(StoredRecord { head: Head { token, seq, nonce }, summary, body })
}

/// The records of one directory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Journals<'a>(pub(super) &'a Directory);

impl Journals<'_> {
    fn paths(self, stem: &str) -> [PathBuf; 2] {
        ["snapshot", "journal"].map(|ending| self.0.path(RECORDS, stem, ending))
    }

    /// The stems of every record that there is something of.
    pub(super) fn stems(self) -> Result<Vec<String>, Trouble> {
        let records = self.0.root.join(RECORDS);
        let mut stems = Vec::new();
        match std::fs::read_dir(&records) {
            Ok(entries) => {
                for entry in entries {
                    let name = entry.map_err(Trouble::with(&records))?.file_name();
                    let name = name.to_string_lossy();
                    let ours = [".snapshot", ".journal"];
                    let stem = ours.iter().find_map(|ending| name.strip_suffix(ending));
                    stems.extend(stem.map(str::to_owned));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Trouble::with(&records)(error)),
        }
        stems.sort();
        stems.dedup();
        Ok(stems)
    }

    /// Reads a record. What is damaged is refused, never guessed.
    pub(super) fn find(self, stem: &str) -> Result<Option<Found>, Trouble> {
        let [snapshot, journal] = self.paths(stem);
        let file = self.0.read(&journal)?;
        let is_there = file.is_some();
        let file = file.unwrap_or_default();
        let (frames, end) =
            read_frames(Kind::Journal, &file).map_err(Trouble::damaged(&journal))?;
        let Some(sheet) = self.0.read(&snapshot)? else {
            let is_new = frames.is_empty();
            return if is_new { Ok(None) } else { Err(Damage::NoSnapshot) }
                .map_err(Trouble::damaged(&journal));
        };
        let record = read_sheet(Kind::Snapshot, &sheet).and_then(|content| decode(stem, content));
        let mut record = record.map_err(Trouble::damaged(&snapshot))?;
        let (begin, mut last) = (record.head.seq, None);
        let whole = u64::try_from(end).unwrap_or(u64::MAX);
        for content in frames {
            let next = decode(stem, content).map_err(Trouble::damaged(&journal))?;
            let (seq, token) = (next.head.seq, next.head.token);
            let follows = |before: u64| before.checked_add(1) == Some(seq);
            // A snapshot that was written over a journal leaves its frames behind it.
            let is_old = seq <= begin && last.is_none_or(follows);
            let is_next = follows(record.head.seq) && token >= record.head.token;
            if is_next {
                record = next;
            } else if !is_old {
                let order = Damage::Order { last: record.head.seq, found: seq };
                return Err(Trouble::damaged(&journal)(order));
            }
            last = Some(seq);
        }
        let goes_on = !is_there || last.is_some_and(|last| last > begin);
        Ok(Some(Found { record, end: goes_on.then_some(whole) }))
    }

    /// Appends a record to its journal, if that can take it; answers whether it could.
    pub(super) fn append(self, found: &Found, record: &StoredRecord) -> Result<bool, Undone> {
        let Some(end) = found.end else { return Ok(false) };
        let mut content = if end == 0 { Kind::Journal.first_line() } else { Vec::new() };
        content.extend(frame(&encode(record)?));
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
        if end.saturating_add(length) > self.0.longest_journal {
            return Ok(false);
        }
        let [_, journal] = self.paths(&stem(&record.summary.deployment));
        let appended = self.0.disk.append(&journal, end, &content);
        appended.map_err(|error| Undone::Perhaps(Trouble::with(&journal)(error)))?;
        if end == 0 {
            self.0.sync(&journal)?;
        }
        Ok(true)
    }

    /// Writes a record as a snapshot. The journal before it is no longer needed.
    pub(super) fn snapshot(self, record: &StoredRecord) -> Result<(), Undone> {
        let [snapshot, journal] = self.paths(&stem(&record.summary.deployment));
        self.0.replace(&snapshot, &sheet(Kind::Snapshot, &encode(record)?))?;
        // One that stays is recognised by its numbers.
        let _ = self.0.disk.remove(&journal);
        Ok(())
    }
}
