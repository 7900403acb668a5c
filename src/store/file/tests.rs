//! What the store makes of interrupted writes and of damaged files.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::directory::stem;
use super::faulty_disk::Fault;
use super::file_store::FileStore;
use super::scratch::Scratch;
use super::scratch::append;
use super::scratch::filled;
use super::scratch::id;
use super::scratch::lease;
use super::scratch::now;
use super::scratch::read;
use super::scratch::request;
use super::scratch::service;
use super::scratch::sized;
use super::scratch::stored;
use crate::ports::AppendError;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Store;

/// Large enough for the journal to become a snapshot again and again.
const LARGE: usize = 2 * 1024;
const LAST: u64 = 8;

/// Runs appends against a fault; answers the last that was acknowledged, and the failure after it.
fn run(store: &FileStore) -> (u64, Option<AppendError>) {
    for seq in 1..=LAST {
        if let Err(error) = now(store.append(sized(seq, LARGE))) {
            return (seq - 1, Some(error));
        }
    }
    (LAST, None)
}

#[test]
fn a_crash_at_any_step_keeps_what_was_acknowledged() {
    let (scratch, mut crashes) = (Scratch::new(), 0);
    let (store, script) = scratch.faulty(None);
    assert!(run(&store).1.is_none());
    let steps = script.steps();
    assert!(steps.iter().filter(|step| **step == "rename").count() > 2, "{steps:?}");
    for fault in Fault::at_every(steps.len()) {
        let scratch = Scratch::new();
        let (store, _) = scratch.faulty(Some(fault.lasting()));
        let (acknowledged, failed) = run(&store);
        drop(store);
        let store = scratch.open();
        let found = read(&store).map_or(0, |found| found.head.seq);
        match failed {
            None => assert_eq!(found, LAST, "{fault:?}"),
            Some(AppendError::Unavailable(_)) => assert_eq!(found, acknowledged, "{fault:?}"),
            Some(AppendError::Unknown(_)) => {
                assert!([acknowledged, acknowledged + 1].contains(&found), "{fault:?} {found}");
            }
            Some(other) => panic!("{fault:?}: {other}"),
        }
        crashes += u32::from(acknowledged < LAST);
        for seq in acknowledged.max(1)..=LAST + 1 {
            now(store.append(sized(seq, LARGE))).unwrap_or_else(|error| {
                assert!(seq < found, "{fault:?}: {error}");
            });
        }
        assert_eq!(read(&scratch.open()), Some(stored(sized(LAST + 1, LARGE))), "{fault:?}");
    }
    assert!(crashes > 40, "{crashes}");
}

#[test]
fn a_failed_step_is_made_good_by_the_same_append_in_a_new_file() {
    let steps = {
        let scratch = Scratch::new();
        let (store, script) = scratch.faulty(None);
        assert!(run(&store).1.is_none());
        script.steps().len()
    };
    let mut retried = 0;
    for fault in Fault::at_every(steps) {
        let scratch = Scratch::new();
        let (store, script) = scratch.faulty(Some(fault));
        let (acknowledged, failed) = run(&store);
        if failed.is_some() {
            let before = script.steps().len();
            now(store.append(sized(acknowledged + 1, LARGE))).unwrap();
            assert_eq!(script.steps()[before], "create", "{fault:?}");
            retried += 1;
        }
        for seq in acknowledged + 2..=LAST {
            now(store.append(sized(seq, LARGE))).unwrap();
        }
        for store in [store, scratch.open()] {
            assert_eq!(read(&store), Some(stored(sized(LAST, LARGE))), "{fault:?}");
        }
    }
    assert!(retried > 40, "{retried}");
}

#[test]
fn a_crash_at_any_step_leaves_one_lease_and_one_list_of_requests() {
    let work = |store: &FileStore| -> Result<u64, (u64, CallError)> {
        let at = |step| move |error| (step, error);
        assert!(now(store.swap_lease(&service(), None, lease(1, 0))).map_err(at(0))?);
        let first = lease(1, 0);
        assert!(now(store.swap_lease(&service(), Some(&first), lease(1, 1))).map_err(at(1))?);
        now(store.ask(&id(), request("a"))).map_err(at(2))?;
        now(store.answer(&id(), "a", Ok(()))).map_err(at(3))?;
        Ok(4)
    };
    let scratch = Scratch::new();
    let (store, script) = scratch.faulty(None);
    assert!(matches!(work(&store), Ok(4)));
    for fault in Fault::at_every(script.steps().len()) {
        let scratch = Scratch::new();
        let (store, _) = scratch.faulty(Some(fault.lasting()));
        let (done, error) = match work(&store) {
            Ok(done) => (done, None),
            Err((done, error)) => (done, Some(error)),
        };
        let other = scratch.open();
        let leased = now(other.lease(&service())).unwrap();
        let asked = now(other.asked(&id())).unwrap();
        let seen = match (leased.map(|lease| lease.renewals), asked.first()) {
            (None, None) => 0,
            (Some(0), None) => 1,
            (Some(1), None) => 2,
            (Some(1), Some(request)) => 3 + u64::from(request.answer.is_some()),
            other => panic!("{fault:?}: {other:?}"),
        };
        let perhaps = error.is_some_and(|error| error.class == ErrorClass::Ambiguous);
        assert!(seen == done || perhaps && seen == done + 1, "{fault:?}: {seen} {done}");
    }
}

#[test]
fn a_disk_that_is_full_or_read_only_can_be_read() {
    for kind in [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem] {
        let scratch = filled();
        let (store, _) = scratch.faulty(Some(Fault::always(kind)));
        let error = now(store.append(append(4))).unwrap_err();
        let AppendError::Unavailable(error) = error else { panic!("{error}") };
        assert!(error.message.contains("snapshot"), "{error}");
        let refused = now(store.swap_lease(&service(), None, lease(9, 0)));
        assert!(matches!(refused, Ok(false)), "it is compared before it is written");
        assert!(now(store.ask(&id(), request("b"))).is_err());
        assert_eq!(read(&store), Some(stored(append(3))));
        assert_eq!(now(store.list()).unwrap().len(), 1);
    }
}

#[test]
fn a_journal_that_was_cut_off_anywhere_goes_on_from_its_last_whole_record() {
    let scratch = filled();
    let journal = fs::read(scratch.file("journal")).unwrap();
    let mut seen = BTreeMap::new();
    for length in 0..=journal.len() {
        let torn = scratch.copy();
        fs::write(torn.file("journal"), &journal[..length]).unwrap();
        let store = torn.open();
        let found = read(&store).unwrap();
        let seq = found.head.seq;
        assert_eq!(found, stored(append(seq)));
        now(store.append(append(seq + 1))).unwrap();
        now(store.append(append(seq + 2))).unwrap();
        assert_eq!(read(&torn.open()), Some(stored(append(seq + 2))));
        *seen.entry(seq).or_insert(0) += 1;
    }
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(seen[&3], 1);
}

/// Every call is refused, and nothing is changed by any.
fn is_refused(scratch: &Scratch, damaged: &Path) {
    let (before, store) = (scratch.files(), scratch.open());
    let part = damaged.parent().unwrap().file_name().unwrap().to_owned();
    let calls: Vec<CallError> = if part == "records" {
        let appended = now(store.append(append(4))).unwrap_err();
        let AppendError::Unavailable(appended) = appended else { panic!("{appended}") };
        vec![appended, now(store.read(&id())).unwrap_err(), now(store.list()).unwrap_err()]
    } else if part == "leases" {
        let lost = lease(1, 0);
        let swapped = now(store.swap_lease(&service(), Some(&lost), lease(2, 0)));
        vec![swapped.unwrap_err(), now(store.lease(&service())).unwrap_err()]
    } else {
        let asked = now(store.ask(&id(), request("b")));
        vec![asked.unwrap_err(), now(store.asked(&id())).unwrap_err()]
    };
    for error in calls {
        assert_eq!(error.class, ErrorClass::Invalid, "{error}");
        assert!(error.message.contains("nothing was written"), "{error}");
    }
    assert!(scratch.files() == before, "{}", damaged.display());
}

#[test]
fn a_byte_that_was_flipped_anywhere_is_refused_without_a_write() {
    let scratch = filled();
    let mut flipped = 0;
    for (path, content) in scratch.files() {
        for at in 0..content.len() {
            let mut damaged = content.clone();
            damaged[at] ^= 1 << (at % 8);
            fs::write(&path, damaged).unwrap();
            is_refused(&scratch, &path);
            flipped += 1;
        }
        fs::write(&path, content).unwrap();
    }
    assert!(flipped > 800, "{flipped}");
    assert_eq!(read(&scratch.open()), Some(stored(append(3))));
}

#[test]
fn files_of_others_and_files_out_of_place_are_refused() {
    let scratch = filled();
    let (journal, snapshot) = (scratch.file("journal"), scratch.file("snapshot"));
    let whole = fs::read(&journal).unwrap();
    let line = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let frame = (whole.len() - line) / 2;
    let gap = [&whole[..line], &whole[line + frame..]].concat();
    for content in [&b"cutover journal 2\n"[..], b"%PDF-1.7", &gap] {
        fs::write(&journal, content).unwrap();
        is_refused(&scratch, &journal);
    }
    fs::write(&journal, whole).unwrap();
    let record = fs::read(&snapshot).unwrap();
    fs::remove_file(&snapshot).unwrap();
    is_refused(&scratch, &snapshot);
    let other = snapshot.with_file_name(format!("{}.snapshot", stem("other")));
    fs::write(&snapshot, &record).unwrap();
    fs::write(&other, &record).unwrap();
    let error = now(scratch.open().list()).unwrap_err();
    assert!(error.message.contains(&stem("other")), "{error}");
}

#[test]
fn a_directory_that_cannot_be_is_refused_by_name() {
    let scratch = filled();
    let error = FileStore::open(scratch.file("snapshot")).unwrap_err();
    assert!(error.message.contains(".snapshot"), "{error}");
    assert!(FileStore::default_directory().unwrap().ends_with("cutover"));
}
