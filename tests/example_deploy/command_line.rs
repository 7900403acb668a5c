//! What callers of the example meet: exit codes, output, errors. Nothing leaves the process.

use std::path::Path;

use cutover::model::Event;
use serde_json::Value;

use super::tool::code;
use super::tool::deploy;
use super::tool::spec;
use super::tool::stderr;
use super::tool::stdout;

const CANARY: &str = "examples/specs/canary.yaml";
const LINEAR: &str = "examples/specs/linear.yaml";

#[test]
fn a_healthy_candidate_exits_0() {
    let output = deploy(&["run", CANARY, "--simulated", "--seed", "7"]);
    assert_eq!(code(&output), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("SUCCESSFUL"));
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_candidate_that_is_rolled_back_exits_3_and_says_why() {
    let output = deploy(&["run", CANARY, "--simulated", "--seed", "7", "--fault", "bad-candidate"]);
    assert_eq!(code(&output), Some(3), "{}{}", stdout(&output), stderr(&output));
    let shown = stdout(&output);
    assert!(shown.contains("ROLLBACK_SUCCESSFUL") && shown.contains("alarm"), "{shown}");
    assert!(shown.contains("exposed") && shown.contains("failed"), "{shown}");
}

#[test]
fn a_candidate_that_keeps_dying_exits_3() {
    let output = deploy(&["run", CANARY, "--simulated", "--seed", "7", "--fault", "crash-loop"]);
    assert_eq!(code(&output), Some(3), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("tasks died"));
}

#[test]
fn a_deployment_that_loses_its_service_exits_5() {
    let output = deploy(&["run", LINEAR, "--simulated", "--seed", "7", "--fault", "service-gone"]);
    assert_eq!(code(&output), Some(5), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("STOPPED"));
}

#[test]
fn a_deployment_does_not_start_on_a_finding_that_forbids_it() {
    let red = ["--simulated", "--fault", "red-alarm"];
    let check = deploy(&[&["check", LINEAR], &red[..]].concat());
    assert_eq!(code(&check), Some(2), "{}", stderr(&check));
    let finding = "error: alarm web-5xx: it is in ALARM";
    assert!(stdout(&check).contains(finding), "{}", stdout(&check));
    for json in [&[][..], &["--json"]] {
        let run = deploy(&[&["run", LINEAR], &red[..], json].concat());
        assert_eq!((code(&run), stdout(&run).as_str()), (Some(5), ""));
        assert!(stderr(&run).contains(finding), "{}", stderr(&run));
        assert!(stderr(&run).contains("wait until it is quiet"), "{}", stderr(&run));
    }
}

#[test]
fn where_no_warning_is_let_pass_nothing_is_started() {
    let late = "alarm web-5xx: it fires 4m after a fault at the earliest";
    let needed = "steps 3, 5 and 7 bake only 3m; bake 4m at least";
    for command in ["check", "plan"] {
        let loose = deploy(&[command, LINEAR, "--simulated"]);
        assert_eq!(code(&loose), Some(0), "{command}: {}", stderr(&loose));
        let shown = stdout(&loose);
        assert!(shown.contains(&format!("warning: {late}")) && shown.contains(needed), "{shown}");
        let strict = deploy(&[command, LINEAR, "--simulated", "--strict"]);
        assert_eq!(code(&strict), Some(2), "{command}: {}", stderr(&strict));
        assert!(stdout(&strict).contains(&format!("error: {late}")), "{}", stdout(&strict));
    }
    let json = deploy(&["plan", LINEAR, "--simulated", "--json", "--strict"]);
    assert_eq!(code(&json), Some(2));
    assert!(serde_json::from_str::<Value>(&stdout(&json)).is_ok(), "{}", stdout(&json));
    let run = deploy(&["run", LINEAR, "--simulated", "--strict"]);
    assert_eq!((code(&run), stdout(&run).as_str()), (Some(2), ""));
    assert!(stderr(&run).contains(&format!("error: {late}")), "{}", stderr(&run));
    // what forbids the start anyhow is told as ever
    let red = deploy(&["run", LINEAR, "--simulated", "--fault", "red-alarm", "--strict"]);
    assert_eq!(code(&red), Some(5));
}

#[test]
fn a_check_that_finds_nothing_grave_exits_0() {
    for spec in [CANARY, "examples/specs/pair.yaml", "examples/specs/blue-green.yaml"] {
        let output = deploy(&["check", spec, "--simulated"]);
        assert_eq!(code(&output), Some(0), "{spec}: {}{}", stdout(&output), stderr(&output));
        assert!(stdout(&output).ends_with(" 0 of them forbid the start\n"), "{}", stdout(&output));
    }
}

#[test]
fn a_policy_names_what_the_spec_needs_and_no_more() {
    let actions = |spec: &str| {
        let output = deploy(&["iam", spec, "--simulated"]);
        assert_eq!(code(&output), Some(0), "{spec}: {}", stderr(&output));
        let policy: Value = serde_json::from_str(&stdout(&output)).unwrap();
        policy["Statement"].to_string()
    };
    let task_sets = actions(CANARY);
    assert!(task_sets.contains("ecs:CreateTaskSet") && task_sets.contains("ModifyRule"));
    assert!(task_sets.contains("service/shop/web") && !task_sets.contains("ecs:UpdateService\""));
    assert!(!task_sets.contains("RegisterTaskDefinition"), "{task_sets}");
    let pair = actions("examples/specs/pair.yaml");
    assert!(pair.contains("ecs:UpdateService\"") && !pair.contains("CreateTaskSet"), "{pair}");
    assert!(pair.contains("service/shop/web-green") && pair.contains("RegisterTaskDefinition"));
}

#[test]
fn a_service_that_ecs_updates_in_place_is_deployed_too() {
    let way = ["run", "examples/specs/rolling.yaml", "--simulated", "--scenario", "rolling"];
    let output = deploy(&way);
    assert_eq!(code(&output), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("ECS's rolling update"), "{}", stdout(&output));
    let output = deploy(&[&way[..], &["--fault", "crash-loop"]].concat());
    assert_eq!(code(&output), Some(3), "{}{}", stdout(&output), stderr(&output));
}

#[test]
fn calls_that_fail_by_chance_do_not_fail_a_deployment() {
    for fault in ["throttling", "timeouts", "late-effects", "autoscaling"] {
        let output = deploy(&["run", CANARY, "--simulated", "--seed", "7", "--fault", fault]);
        assert_eq!(code(&output), Some(0), "{fault}: {}{}", stdout(&output), stderr(&output));
    }
}

#[test]
fn every_spec_of_the_examples_runs_to_its_end() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/specs");
    let mut specs = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name != "task-definition.json" {
            specs.push(format!("examples/specs/{name}"));
        }
    }
    assert!(specs.len() > 5, "{specs:?}");
    for spec in specs {
        let output = deploy(&["run", &spec, "--simulated", "--approve"]);
        assert_eq!(code(&output), Some(0), "{spec}: {}{}", stdout(&output), stderr(&output));
    }
}

#[test]
fn an_approval_that_nobody_gives_rolls_back() {
    let output = deploy(&["run", "examples/specs/steps.yaml", "--simulated"]);
    assert_eq!(code(&output), Some(3), "{}", stderr(&output));
    assert!(stdout(&output).contains("nobody approved in time"));
}

#[test]
fn events_are_json_lines_that_end_with_finished() {
    let output = deploy(&["run", CANARY, "--simulated", "--seed", "7", "--json"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let lines = stdout(&output);
    let mut last = (0, String::new());
    for line in lines.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let event: Event = serde_json::from_str(line).unwrap();
        assert_eq!(value["deployment"], event.deployment.as_str(), "{line}");
        assert_eq!(value["at"], event.at.as_millis(), "{line}");
        assert!(event.at.as_millis() >= last.0, "{line}");
        last = (event.at.as_millis(), value["event"].as_str().unwrap().to_owned());
    }
    assert_eq!(last.1, "finished");
    let end: Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
    assert_eq!(end["status"], "SUCCESSFUL");
    assert!(end["ending"]["successful"]["leftovers"].is_array(), "{end}");
    assert!(end["cause"].is_null(), "{end}");
    let kinds = |kind: &str| lines.contains(&format!(r#""event":"{kind}""#));
    assert!(["started", "stage", "progress", "writing", "committed"].into_iter().all(kinds));
}

#[test]
fn the_same_seed_is_the_same_run() {
    let run = |seed| {
        let way = ["run", CANARY, "--simulated", "--fault", "timeouts", "--json", "--seed", seed];
        stdout(&deploy(&way))
    };
    assert_eq!(run("3"), run("3"));
    assert_ne!(run("3"), run("4"));
}

#[test]
fn output_that_is_no_terminal_has_neither_colours_nor_bars() {
    for command in [&["run", CANARY, "--simulated"][..], &["plan", CANARY, "--simulated"], &[]] {
        let shown = stdout(&deploy(command));
        assert!(
            !shown.contains('\x1b') && !shown.contains('█') && !shown.contains('\r'),
            "{shown}"
        );
    }
}

#[test]
fn the_demonstration_shows_a_good_and_a_bad_end() {
    let output = deploy(&[]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    let ends = (shown.find(" SUCCESSFUL"), shown.find("ROLLBACK_SUCCESSFUL"));
    assert!(ends.0 < ends.1 && ends.0.is_some(), "{shown}");
    assert_eq!(shown.matches("exposed").count(), 2, "{shown}");
}

#[test]
fn a_plan_is_printed_and_nothing_is_done() {
    let output = deploy(&["plan", CANARY, "--simulated"]);
    assert_eq!(code(&output), Some(0), "{}", stderr(&output));
    let shown = stdout(&output);
    assert!(
        shown.contains("canary of") && shown.contains("bake") && shown.contains("gate "),
        "{shown}"
    );
    let json = stdout(&deploy(&["plan", CANARY, "--simulated", "--json"]));
    let plan: cutover::model::Plan = serde_json::from_str(&json).unwrap();
    assert_eq!(plan.strategy, "canary");
}

#[test]
fn bad_usage_exits_2() {
    for arguments in [
        &["launch"][..],
        &["run"][..],
        &["run", CANARY, "--simulated", "--fault", "gremlins"][..],
        &["run", CANARY, "--simulated", "--speed", "0"][..],
        &["run", CANARY, "--simulated", "--seed", "x"][..],
        &["run", CANARY, "--seed", "1"][..],
        &["run", CANARY, "--simulated", "--region", "eu-west-1"][..],
        &["local", "--scenario", "chaos"][..],
    ] {
        let output = deploy(arguments);
        assert_eq!(code(&output), Some(2), "{arguments:?}");
        assert!(stdout(&output).is_empty() && stderr(&output).contains("error:"), "{arguments:?}");
    }
}

#[test]
fn a_bad_spec_exits_2_and_says_where_what_and_how() {
    let good = std::fs::read_to_string(LINEAR).unwrap_or_else(|error| panic!("{error}"));
    let cases = [
        ("step.yaml", "step: 25%", "step: 125%", ":9:11: `strategy.linear.step` is `125%`; give"),
        (
            "field.yaml",
            "interval: 3m",
            "intervall: 3m",
            "`strategy.linear.intervall` is no field here",
        ),
        ("way.yaml", "linear:", "lineal:", "`strategy` is `lineal`; give one of"),
        ("time.yaml", "interval: 3m", "interval: 3", "`strategy.linear.interval`"),
        ("revision.yaml", "web:8", "web", "`revision.task_definition`"),
        ("syntax.yaml", "service: {", "service: {{", "syntax.yaml:"),
    ];
    for (name, from, to, wanted) in cases {
        let path = spec(name, &good.replacen(from, to, 1));
        for command in ["plan", "check", "iam", "run"] {
            let output = deploy(&[command, &path.to_string_lossy(), "--simulated"]);
            let shown = stderr(&output);
            assert_eq!(code(&output), Some(2), "{name}: {shown}");
            assert!(shown.starts_with("error: ") && shown.contains(wanted), "{name}: {shown}");
            assert_eq!(stdout(&output), "", "{name}");
        }
    }
}

#[test]
fn what_a_spec_asks_for_in_vain_exits_2() {
    let missing = deploy(&["plan", "examples/specs/nowhere.yaml", "--simulated"]);
    assert_eq!(code(&missing), Some(2));
    assert!(stderr(&missing).contains("examples/specs/nowhere.yaml: "));

    let file = spec(
        "file.yaml",
        "service: {cluster: a, name: b}\nrevision: {file: nowhere.json}\nstrategy: all_at_once\n",
    );
    let output = deploy(&["plan", &file.to_string_lossy(), "--simulated"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("nowhere.json: "));

    let rolling = std::fs::read_to_string("examples/specs/rolling.yaml").unwrap_or_default();
    let stuck =
        spec("stuck.yaml", &rolling.replace("maximum_percent: 150", "maximum_percent: 100"));
    let output = deploy(&["plan", &stuck.to_string_lossy(), "--simulated"]);
    assert_eq!(code(&output), Some(2));
    assert!(stderr(&output).contains("100"), "{}", stderr(&output));

    let silent = deploy(&[
        "run",
        "examples/specs/all-at-once.yaml",
        "--simulated",
        "--fault",
        "bad-candidate",
    ]);
    assert_eq!(code(&silent), Some(2));
    assert!(stderr(&silent).contains("needs an alarm"));
}

/// The value of an environment variable in `examples/specs/task-definition.json`, which
/// `blue-green.yaml` deploys.
const SECRET: &str = "EXAMPLE-not-a-real-key-4f3c2b1a";

#[test]
fn no_output_holds_a_secret_of_the_task_definition() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let definition = std::fs::read_to_string(root.join("examples/specs/task-definition.json"));
    assert!(definition.is_ok_and(|text| text.contains(SECRET)), "there is a secret to leak");
    let spec = "examples/specs/blue-green.yaml";
    let ways: [&[&str]; 7] = [
        &["plan"],
        &["check"],
        &["iam"],
        &["run"],
        &["run", "--json"],
        &["run", "--json", "--fault", "bad-candidate"],
        &["run", "--fault", "service-gone"],
    ];
    for arguments in ways {
        let output = deploy(&[arguments, &[spec, "--simulated", "--seed", "7"]].concat());
        let all = [output.stdout, output.stderr].concat();
        let all = String::from_utf8_lossy(&all);
        assert!(all.len() > 20, "{arguments:?} says something");
        assert!(!all.contains(SECRET), "{arguments:?} shows the secret");
    }
}
