//! Several processes at one directory.

use std::io::BufRead;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;

use super::lock;
use super::lock::Mode;
use super::scratch::Scratch;
use super::scratch::append;
use super::scratch::filled;
use super::scratch::id;
use super::scratch::lease;
use super::scratch::now;
use super::scratch::read;
use super::scratch::request;
use super::scratch::service;
use crate::ports::AppendError;
use crate::ports::ErrorClass;
use crate::ports::LeaseRecord;
use crate::ports::Store;

#[test]
fn two_stores_that_contend_lose_no_write() {
    let scratch = Arc::new(Scratch::new());
    let worker = |name: &'static str| {
        let scratch = Arc::clone(&scratch);
        thread::spawn(move || {
            let (store, mut won) = (scratch.open(), 0);
            for _ in 0..60 {
                let head = read(&store).map(|found| found.head);
                let seq = head.map_or(0, |head| head.seq) + 1;
                let mut append = append(seq);
                append.head.nonce = format!("{name} {seq}");
                won += u64::from(now(store.append(append)).is_ok());
                now(store.ask(&id(), request(&format!("{name} {seq}")))).unwrap();
            }
            won
        })
    };
    let workers = [worker("a"), worker("b")];
    let won: u64 = workers.into_iter().map(|worker| worker.join().unwrap()).sum();
    let store = scratch.open();
    assert_eq!(read(&store).unwrap().head.seq, won);
    let asked = now(store.asked(&id())).unwrap();
    assert!(asked.len() >= usize::try_from(won).unwrap(), "{} {won}", asked.len());
}

#[test]
fn a_lease_is_free_when_its_holder_is_gone_and_its_token_goes_on() {
    let scratch = Scratch::new();
    let (first, second) = (scratch.open(), scratch.open());
    assert!(now(first.swap_lease(&service(), None, lease(7, 0))).unwrap());
    assert_eq!(now(second.lease(&service())).unwrap(), Some(lease(7, 0)));
    // Another handle of the same holder may renew it.
    assert!(now(second.swap_lease(&service(), Some(&lease(7, 0)), lease(7, 1))).unwrap());
    drop(first);
    let left = LeaseRecord { holder: None, ..lease(7, 1) };
    assert_eq!(now(second.lease(&service())).unwrap(), Some(left.clone()));
    assert!(!now(second.swap_lease(&service(), Some(&lease(7, 1)), lease(8, 0))).unwrap());
    assert!(now(second.swap_lease(&service(), Some(&left), lease(8, 0))).unwrap());
    assert_eq!(now(scratch.open().lease(&service())).unwrap(), Some(lease(8, 0)));
    let alive = |path: &PathBuf| path.extension().is_some_and(|is| is == "alive");
    assert_eq!(scratch.files().keys().filter(|path| alive(path)).count(), 1);
}

/// Starts this test's program again, to do one thing in another process until it is killed.
fn other_process(scratch: &Scratch, errand: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "--nocapture", "store::file::rivals::the_other_process"])
        .env("CUTOVER_TEST_DIRECTORY", &scratch.0)
        .env("CUTOVER_TEST_ERRAND", errand)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.ends_with("ready")), "{errand}");
    child
}

#[test]
#[ignore = "run as another process by the tests below"]
fn the_other_process() {
    let scratch = Scratch(std::env::var_os("CUTOVER_TEST_DIRECTORY").unwrap().into());
    let store = scratch.open();
    let held = if std::env::var("CUTOVER_TEST_ERRAND").unwrap() == "lease" {
        assert!(now(store.swap_lease(&service(), None, lease(1, 0))).unwrap());
        None
    } else {
        lock::take(&scratch.0.join("lock"), Mode::Exclusive).unwrap()
    };
    println!("\nready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    drop(held);
}

#[test]
fn who_is_killed_drives_no_longer() {
    let scratch = Scratch::new();
    let store = scratch.open();
    let mut child = other_process(&scratch, "lease");
    assert_eq!(now(store.lease(&service())).unwrap(), Some(lease(1, 0)));
    child.kill().unwrap();
    child.wait().unwrap();
    let left = LeaseRecord { holder: None, ..lease(1, 0) };
    assert_eq!(now(store.lease(&service())).unwrap(), Some(left));
}

#[test]
fn a_lock_that_another_process_keeps_is_not_waited_for_for_ever() {
    let scratch = filled();
    let store = scratch.open();
    let mut child = other_process(&scratch, "lock");
    let error = now(store.append(append(4))).unwrap_err();
    let AppendError::Unavailable(error) = error else { panic!("{error}") };
    assert_eq!(error.class, ErrorClass::NotSent, "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    now(store.append(append(4))).unwrap();
}
