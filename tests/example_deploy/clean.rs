//! A task set whose deployment's process and record are gone.

use std::process::Stdio;

use super::local_process::LocalProcess;
use super::tool::code;
use super::tool::command;
use super::tool::deploy;
use super::tool::pause;
use super::tool::spec;
use super::tool::state;
use super::tool::stderr;
use super::tool::stdout;

/// Tasks beside stable's, and then a question that nobody answers.
const SPEC: &str = "
deployment: asks
service: {cluster: prod, name: web}
revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2'}
strategy: {steps: [{scale: 50%}, {approval: {timeout: 12h, default: rollback}}, {scale: 100%}, {shift: 100%}, {bake: 1m}]}
limits: {poll: 300ms, freshness: 3s, settle: 2s, propagation: 1s, checkpoint: 500ms}
";

#[test]
fn a_set_that_was_left_behind_is_shown_first_and_deleted_only_when_told() {
    let cloud = LocalProcess::start("task-sets", "40");
    let (spec, own, other) = (spec("asks.yaml", SPEC), state("asks"), state("asks-not"));
    let spec = spec.to_string_lossy();
    let clean = |state: &str, more: &[&str]| {
        let place = ["clean", &spec, "--endpoint-url", &cloud.url, "--state", state];
        let output = deploy(&[&place, more].concat());
        (code(&output), stdout(&output), stderr(&output))
    };
    let run = ["run", &spec, "--endpoint-url", &cloud.url, "--state", &own];
    let mut run = command(&run).stdout(Stdio::null()).spawn().unwrap();
    for _ in 0..600 {
        let status = deploy(&["status", "asks", "--state", &own]);
        if stdout(&status).contains("waits for waiting for an approval") {
            break;
        }
        pause();
    }
    run.kill().unwrap();
    run.wait().unwrap();

    // its record says that it can go on
    let (ended, said, _) = clean(&own, &["--yes", "--unrecorded"]);
    assert_eq!(ended, Some(0));
    assert!(said.contains("stays: deployment asks is unfinished"), "{said}");
    // where the record is lost, somebody has to say that nobody has it
    let (ended, said, _) = clean(&other, &["--yes"]);
    assert_eq!(ended, Some(0));
    assert!(said.contains("with web:2, 2 tasks: without a record"), "{said}");
    assert!(said.contains("add --unrecorded") && !said.contains("deleted"), "{said}");
    let (_, said, _) = clean(&other, &["--unrecorded"]);
    assert!(said.contains("--yes would delete 1 of them"), "{said}");
    let (ended, said, why) = clean(&other, &["--unrecorded", "--yes"]);
    assert_eq!(ended, Some(0), "{why}");
    assert!(said.contains("\n  deleted\n"), "{said}");
    for _ in 0..600 {
        let (_, said, _) = clean(&other, &["--unrecorded", "--yes"]);
        assert!(!said.contains("deleted"), "{said}");
        if said == "prod/web has no task set beside the primary one\n" {
            return;
        }
        pause();
    }
    panic!("it never went");
}

#[test]
fn nothing_is_left_in_a_simulated_cloud() {
    let output = deploy(&["clean", "examples/specs/canary.yaml", "--simulated"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("nothing is left"), "{}", stderr(&output));
}
