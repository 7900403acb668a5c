//! What `simulate` prints: the same for the same seed, and what replays it.

use serde_json::Value;

use super::tool::code;
use super::tool::deploy;
use super::tool::spec;
use super::tool::stderr;
use super::tool::stdout;

const CANARY: &str = "examples/specs/canary.yaml";
const LINEAR: &str = "examples/specs/linear.yaml";

fn simulate(arguments: &[&str]) -> String {
    let output = deploy(&[&["simulate"], arguments].concat());
    assert_eq!((code(&output), stderr(&output).as_str()), (Some(0), ""), "{}", stdout(&output));
    stdout(&output)
}

#[test]
fn a_seed_gives_the_same_report_and_an_odd_run_the_line_that_shows_it_again() {
    let asked = [CANARY, "--world", "errors-x50", "--world", "healthy", "--runs", "12"];
    let report = simulate(&asked);
    assert_eq!(report, simulate(&asked));
    assert_ne!(report, simulate(&[&asked[..], &["--seed", "99"]].concat()));
    assert!(
        report.starts_with("assumed: 10 tasks, 200 requests a second, 0.1 % of them"),
        "{report}"
    );
    assert!(report.contains("12 runs a world, seeds from 1"), "{report}");
    assert!(report.contains("errors-x50  should roll back"), "{report}");
    assert!(report.contains("100.0 %  succeeded"), "{report}");

    // an alarm above 5 % does not see three times 0.2 %
    let asked = [CANARY, "--world", "errors-x3", "--runs", "2", "--error-rate", "0.2%"];
    let report = simulate(&asked);
    let line =
        format!("deploy simulate {CANARY} --world errors-x3 --seed 1 --runs 1 --error-rate 0.2%");
    assert!(report.contains("!  100.0 %  succeeded") && report.contains(&line), "{report}");
    let words: Vec<&str> = line.split_whitespace().skip(2).collect();
    assert!(simulate(&words).contains("!  100.0 %  succeeded"));
}

#[test]
fn specs_stand_side_by_side() {
    let report = simulate(&[CANARY, "--compare", LINEAR, "--world", "errors-x100", "--runs", "4"]);
    assert!(report.contains(&format!("(1)  {CANARY}\n(2)  {LINEAR}\n")), "{report}");
    let row = report.lines().find(|line| line.trim_start().starts_with("rolled back")).unwrap();
    assert_eq!(row.matches("100.0 %").count(), 2, "{report}");
    assert!(report.contains("of those failed, median"), "{report}");
}

#[test]
fn what_a_spec_says_of_its_traffic_is_assumed_unless_told_otherwise() {
    let text = std::fs::read_to_string(LINEAR).unwrap();
    let path = spec("busy.yaml", &format!("{text}\ntraffic: {{rps: 12.5, error_rate: 0.25%}}\n"));
    let busy = path.to_string_lossy();
    let asked = ["--world", "healthy", "--runs", "1"];
    let own = simulate(&[&[&*busy][..], &asked].concat());
    assert!(own.starts_with("assumed: 10 tasks, 12.5 requests a second, 0.25 % of them"), "{own}");
    let given = simulate(&[&[&*busy, "--rps", "30"][..], &asked].concat());
    assert!(
        given.starts_with("assumed: 10 tasks, 30 requests a second, 0.25 % of them"),
        "{given}"
    );
    // side by side both meet the same
    let beside = simulate(&[&[CANARY, "--compare", &*busy][..], &asked].concat());
    assert!(beside.starts_with("assumed: 10 tasks, 200 requests a second, 0.1 % of"), "{beside}");
}

#[test]
fn as_json_everything_is_there() {
    let asked = [CANARY, "--runs", "2", "--rps", "12.5", "--desired", "4", "--json"];
    let read: Value = serde_json::from_str(&simulate(&asked)).unwrap();
    assert_eq!(read["setting"]["milli_rps"], 12_500);
    assert_eq!(read["setting"]["desired"], 4);
    let outcomes = read["specs"][0]["outcomes"].as_array().unwrap();
    let worlds: Vec<&str> = outcomes.iter().filter_map(|of| of["world"].as_str()).collect();
    assert!(worlds.len() >= 15 && worlds[0] == "healthy", "{worlds:?}");
    assert_eq!(outcomes[0]["endings"][0]["ending"], "succeeded");
    assert!(outcomes[0]["requests"]["p50"].as_u64().unwrap() > 0);
    assert!(outcomes[0]["calls"]["mean"].as_f64().unwrap() > 0.0);
}

#[test]
fn what_cannot_be_simulated_exits_2_and_says_why() {
    let unknown = deploy(&["simulate", CANARY, "--world", "rosy"]);
    assert_eq!(code(&unknown), Some(2));
    assert!(stderr(&unknown).contains("there is no world `rosy`"), "{}", stderr(&unknown));
    let share = deploy(&["simulate", CANARY, "--error-rate", "0.1"]);
    assert_eq!(code(&share), Some(2));
    assert!(stderr(&share).contains("as in `0.1%`"), "{}", stderr(&share));
    let text = "
service: {cluster: shop, name: web}
revision:
  task_definition: arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8
strategy:
  rolling: {minimum_healthy_percent: 100, maximum_percent: 110}
";
    let path = spec("no-room.yaml", text);
    let path = path.to_string_lossy();
    let refused = deploy(&["simulate", &path, "--desired", "1", "--world", "healthy"]);
    assert_eq!(code(&refused), Some(2), "{}", stdout(&refused));
    assert!(stderr(&refused).contains("no-room.yaml: there is no plan"), "{}", stderr(&refused));
}
