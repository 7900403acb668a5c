//! What the state directory tells another process, and what that one may ask.

use std::process::Stdio;

use serde_json::Value;

use super::local_process::LocalProcess;
use super::tool::code;
use super::tool::command;
use super::tool::deploy;
use super::tool::pause;
use super::tool::spec;
use super::tool::state;
use super::tool::stderr;
use super::tool::stdout;

const SPEED: &str = "40";

/// A canary that would bake for an hour.
const SPEC: &str = "
deployment: slow
service: {cluster: prod, name: web}
revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2'}
strategy: {canary: {weight: 10%, bake: 1h}}
alarms: [web-5xx]
limits:
  poll: 300ms
  freshness: 3s
  settle: 2s
  propagation: 1s
  checkpoint: 500ms
  rollback_deadline: 5s
";

fn told(arguments: &[&str]) -> String {
    let output = deploy(arguments);
    assert_eq!(code(&output), Some(0), "{arguments:?}: {}", stderr(&output));
    stdout(&output)
}

/// Waits until the status of the deployment says this.
fn until(state: &str, wanted: &str) -> String {
    for _ in 0..600 {
        let output = deploy(&["status", "slow", "--state", state]);
        if stdout(&output).contains(wanted) {
            return stdout(&output);
        }
        pause();
    }
    panic!("{wanted} never came: {}", told(&["status", "slow", "--state", state]));
}

#[test]
fn a_deployment_is_watched_and_aborted_from_another_process() {
    let cloud = LocalProcess::start("task-sets", SPEED);
    let (spec, state) = (spec("slow.yaml", SPEC), state("slow"));
    let here = ["--state", state.as_str()];
    let ask = |what: &[&str]| told(&[what, &here[..]].concat());
    let spec = spec.to_string_lossy();
    let way = ["run", &spec, "--endpoint-url", &cloud.url, "--state", &state];
    let mut run = command(&way).stdout(Stdio::null()).spawn().unwrap();
    let status = until(&state, "step      3 of 5");
    assert!(status.contains("driven by process ") && status.contains("weight 10 %"), "{status}");
    assert_eq!(ask(&["list"]), "slow  prod/web  IN_PROGRESS\n");

    // one service, one driver
    let second = deploy(&way);
    assert_eq!(code(&second), Some(1), "{}", stdout(&second));
    assert!(stderr(&second).contains("prod/web is driven by process "), "{}", stderr(&second));

    let gate = "gate      target-health: pass; healthy targets ";
    assert!(status.contains(gate), "{status}");
    let why = ask(&["why", "slow"]);
    for said in
        ["worked out again: all agree", "WHY IT WAITS NOW", "WHAT WOULD CHANGE THAT\nbake: "]
    {
        assert!(why.contains(said), "{said}: {why}");
    }

    assert!(ask(&["pause", "slow"]).contains("to pause"));
    until(&state, "asked     pause: taken");
    let why = ask(&["why", "slow"]);
    assert!(why.contains(" asked to pause\n") && why.contains("(process "), "{why}");
    let json: Value = serde_json::from_str(&ask(&["why", "slow", "--json"])).unwrap();
    assert!(json["transitions"][0]["facts"]["observation"].is_object(), "{json}");
    let json: Value = serde_json::from_str(&ask(&["status", "slow", "--json"])).unwrap();
    assert_eq!(json["progress"]["gates"][0]["verdict"], "pass", "{json}");
    assert!(json["progress"]["gates"][0]["measures"].is_array(), "{json}");
    assert!(ask(&["continue", "slow"]).contains("to continue"));
    until(&state, "asked     continue: taken");
    let approved = ask(&["approve", "slow"]);
    assert!(approved.contains("slow: asked process "), "{approved}");
    until(&state, "asked     approve: refused: ");

    // whoever goes on does what was asked while nobody drove
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(ask(&["status", "slow"]).contains("driven by nobody"));
    assert!(ask(&["abort", "slow"]).contains("`resume` will first abort"));
    let resumed = deploy(&["resume", "--endpoint-url", &cloud.url, "--state", &state]);
    assert_eq!(code(&resumed), Some(3), "{}{}", stdout(&resumed), stderr(&resumed));
    assert!(stdout(&resumed).contains("ROLLBACK_SUCCESSFUL"), "{}", stdout(&resumed));
    assert_eq!(ask(&["list"]), "slow  prod/web  ROLLBACK_SUCCESSFUL\n");
    assert_eq!(cloud.world().sets, [("PRIMARY".to_owned(), "web:1".to_owned())]);

    let why = ask(&["why", "slow"]);
    assert!(why.contains("IT HAS ENDED: ROLLBACK_SUCCESSFUL"), "{why}");
    assert!(why.contains(" asked to abort\n"), "{why}");

    let late = deploy(&[&["abort", "slow"], &here[..]].concat());
    assert_eq!(code(&late), Some(1), "{}", stdout(&late));
    assert!(stderr(&late).contains("has ended"), "{}", stderr(&late));
    let nothing = deploy(&["resume", "--endpoint-url", &cloud.url, "--state", &state]);
    assert_eq!(code(&nothing), Some(2), "{}", stdout(&nothing));
    assert!(stderr(&nothing).contains("no deployment is unfinished"), "{}", stderr(&nothing));
}

#[test]
fn a_rollback_that_cannot_be_finished_exits_4_and_says_what_is_left() {
    let cloud = LocalProcess::start("task-sets", SPEED);
    let (spec, state) = (spec("stuck-rollback.yaml", SPEC), state("stuck-rollback"));
    let spec = spec.to_string_lossy();
    let way = ["run", &spec, "--endpoint-url", &cloud.url, "--state", &state];
    let run = command(&way).stdout(Stdio::piped()).spawn().unwrap();
    until(&state, "step      3 of 5");
    cloud.control(
        "POST faults",
        r#"{"operation": "elasticloadbalancing:ModifyRule",
            "fault": {"kind": "error", "status": 400, "code": "AccessDeniedException"}}"#,
    );
    told(&["rollback", "slow", "--state", &state]);
    let output = run.wait_with_output().unwrap();
    let shown = stdout(&output);
    assert_eq!(code(&output), Some(4), "{shown}");
    assert!(shown.contains("ROLLBACK_FAILED") && shown.contains("to do"), "{shown}");
    let world = cloud.world();
    let left = [("blue".to_owned(), 900), ("green".to_owned(), 100)];
    assert_eq!((world.sets.len(), &world.weights[..]), (2, &left[..]), "{world:?}");
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let state = state("nothing");
    let missing = deploy(&["status", "web-2", "--state", &state]);
    assert_eq!(code(&missing), Some(1));
    assert!(stderr(&missing).contains("there is no deployment web-2"), "{}", stderr(&missing));
    assert!(stderr(&missing).contains("so check the id"), "{}", stderr(&missing));
    assert_eq!(told(&["list", "--state", &state]), "");
    let lost = deploy(&["resume", "--simulated", "--state", &state]);
    assert_eq!(code(&lost), Some(2), "{}", stderr(&lost));
    // without TLS, or without a Region, AWS itself is not reached
    let aws = deploy(&["plan", "examples/specs/canary.yaml", "--endpoint-url", "http://192.0.2.1"]);
    assert_eq!(code(&aws), Some(2), "{}", stderr(&aws));
    assert!(stderr(&aws).contains("give --region"), "{}", stderr(&aws));
}
