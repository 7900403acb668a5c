//! What `plan` and `check` say of what a plan can see, and from where they know the traffic.

use serde_json::Value;

use super::local_process::LocalProcess;
use super::tool::code;
use super::tool::deploy;
use super::tool::spec;
use super::tool::stderr;
use super::tool::stdout;

const CANARY: &str = "examples/specs/canary.yaml";
/// It compares, and says its traffic.
const WATCHED: &str = "examples/specs/watched.yaml";

fn told(arguments: &[&str]) -> String {
    let output = deploy(&[arguments, &["--simulated"]].concat());
    assert_eq!(code(&output), Some(0), "{arguments:?}: {}{}", stdout(&output), stderr(&output));
    stdout(&output)
}

#[test]
fn without_figures_a_plan_says_how_to_give_them() {
    let shown = told(&["plan", CANARY]);
    let how = "give --rps N and --error-rate P%, or --observe 24h, or `traffic` in the spec";
    assert!(shown.trim_end().ends_with(how), "{shown}");
    assert!(!shown.contains("sees") && !shown.contains("median"), "{shown}");
    assert!(shown.contains("calls to AWS an hour: cloudwatch:DescribeAlarms 360, "), "{shown}");
}

#[test]
fn given_figures_tell_what_a_comparison_would_see_where_there_is_none() {
    let shown = told(&["plan", CANARY, "--rps", "20", "--error-rate", "0.1%"]);
    assert!(
        shown.contains("at 20 requests a second, 0.1 % of them bad:\nno gate compares"),
        "{shown}"
    );
    assert!(shown.contains("step 3: 10 % for 5m: sees ×"), "{shown}");
    assert!(shown.contains("blamed with 1 % at most"), "{shown}");
    for ratio in ["×2: ", "×5: ", "×50: "] {
        assert!(shown.contains(ratio), "{shown}");
    }
    // it claims nothing, so nothing falls short
    assert!(shown.contains("and not enough: step 3: ") && !shown.contains("warning"), "{shown}");
    assert!(
        shown.contains("at the earliest, ") && shown.contains("simulated healthy runs (seed 1)")
    );
    assert!(shown.contains("healthy runs that did not succeed: 0 of "), "{shown}");
    let check = told(&["check", CANARY, "--rps", "20", "--error-rate", "0.1%"]);
    assert!(!check.contains("cannot see"), "{check}");
}

#[test]
fn the_spec_s_own_figures_are_used_and_given_ones_go_first() {
    let shown = told(&["plan", WATCHED]);
    assert!(shown.contains("at 200 requests a second, 0.1 % of them bad:\ngate canary, errors:\n"));
    // seven tenths of one per cent are for errors
    assert!(shown.contains("blamed with 0.7 % at most"), "{shown}");
    assert!(shown.contains("gate canary, slow: nothing is known of how often"), "{shown}");
    assert!(!shown.contains("warning"), "{shown}");
    let quiet = told(&["plan", WATCHED, "--rps", "2"]);
    assert!(quiet.contains("at 2 requests a second, 0.1 % of them bad:\n"), "{quiet}");
    let warning = "gate canary: step 3: 10 % for 15m cannot see less than ×";
    assert!(quiet.contains(&format!("warning: {warning}")), "{quiet}");
    let check = told(&["check", WATCHED, "--rps", "2"]);
    assert!(check.contains(&format!("warning: {warning}")), "{check}");
    assert_eq!(check.matches("cannot see").count(), 1, "{check}");
    assert!(!told(&["check", WATCHED]).contains("cannot see"));
}

#[test]
fn observed_figures_come_from_the_metrics_of_the_load_balancer() {
    let shown = told(&["plan", WATCHED, "--observe", "20h"]);
    let observed = shown.lines().find(|line| line.starts_with("observed from 2026-11-2")).unwrap();
    assert!(observed.contains(": 200.0 requests a second in 1200 minutes; "), "{observed}");
    assert!(shown.contains("the quietest hour, from 2026-11-2"), "{shown}");
    assert!(shown.contains("at 200 requests a second, "), "{shown}");
    // a figure that is given goes before what was observed
    let mixed = told(&["plan", WATCHED, "--observe", "1h", "--error-rate", "0.2%"]);
    assert!(mixed.contains("in 60 minutes; "), "{mixed}");
    assert!(mixed.contains("at 200 requests a second, 0.2 % of them bad:"), "{mixed}");
}

#[test]
fn where_nothing_can_be_observed_that_is_an_error() {
    let rolling = ["plan", "examples/specs/rolling.yaml", "--simulated", "--scenario", "rolling"];
    let output = deploy(&[&rolling[..], &["--observe", "1h"]].concat());
    assert_eq!((code(&output), stdout(&output).as_str()), (Some(1), ""), "{}", stderr(&output));
    assert!(stderr(&output).contains("no rule leads to it"), "{}", stderr(&output));
    let local = LocalProcess::start("task-sets", "1");
    let here = ["plan", "examples/specs/local.yaml", "--endpoint-url", &local.url];
    let output = deploy(&[&here[..], &["--observe", "24h"]].concat());
    assert_eq!((code(&output), stdout(&output).as_str()), (Some(1), ""));
    let said = stderr(&output);
    assert!(
        said.contains("the traffic of prod/web cannot be told: CloudWatch has no request"),
        "{said}"
    );
    assert!(said.contains("give the figures yourself"), "{said}");
    for (span, why) in [("59m", "give 1h to 15d"), ("16d", "give 1h to 15d")] {
        let output = deploy(&[&here[..], &["--observe", span]].concat());
        assert_eq!(code(&output), Some(1), "{span}");
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
    }
}

#[test]
fn figures_that_no_service_has_are_bad_usage() {
    let rps = "give requests a second";
    let cases: [(&[&str], &str); 11] = [
        (&["--rps", "0", "--error-rate", "0.1%"], "`rps` is 0; give requests a second"),
        (&["--rps=-5", "--error-rate", "0.1%"], rps),
        (&["--rps", "NaN", "--error-rate", "0.1%"], rps),
        (&["--rps", "1000001", "--error-rate", "0.1%"], rps),
        (&["--rps", "20", "--error-rate", "0%"], "`error_rate` is 0 as a fraction; give"),
        (&["--rps", "20", "--error-rate", "100%"], "`error_rate` is 1 as a fraction; give"),
        (&["--rps", "20", "--error-rate", "101%"], "give 0% to 100%"),
        (&["--rps", "20", "--error-rate", "0.1"], "as in `0.1%`"),
        (&["--rps", "20"], "--rps says only half; give --error-rate too"),
        (&["--error-rate", "1%"], "--error-rate says only half; give --rps too"),
        (&["--observe", "soon"], "give a time, as in `24h`"),
    ];
    for (arguments, wanted) in cases {
        for command in ["plan", "check"] {
            let output = deploy(&[&[command, CANARY, "--simulated"], arguments].concat());
            let shown = stderr(&output);
            assert_eq!(code(&output), Some(2), "{command} {arguments:?}: {shown}");
            assert!(shown.contains(wanted), "{command} {arguments:?}: {shown}");
        }
    }
    let text = std::fs::read_to_string(WATCHED).unwrap();
    let cases = [
        ("rps: 200", "rps: 0", "`traffic`: `rps` is 0; give"),
        ("rps: 200", "rps: few", "`traffic.rps` is `few`; give a number"),
        ("error_rate: 0.1%", "error_rate: 0%", "`traffic`: `error_rate` is 0"),
        ("error_rate: 0.1%", "error_rate: 0.1", "`traffic.error_rate` is `0.1`; give"),
        ("sees: 5", "sees: 1", "`traffic`: `sees` is 1; give a ratio"),
        ("sees: 5", "see: 5", "`traffic.see` is no field here"),
    ];
    for (from, to, wanted) in cases {
        assert!(text.contains(from), "{from}");
        let path = spec("traffic.yaml", &text.replacen(from, to, 1));
        let output = deploy(&["plan", &path.to_string_lossy(), "--simulated"]);
        assert_eq!(code(&output), Some(2), "{to}");
        assert!(stderr(&output).contains(wanted), "{to}: {}", stderr(&output));
    }
}

#[test]
fn as_json_the_plan_has_its_prospect() {
    let plan: Value = serde_json::from_str(&told(&["plan", WATCHED, "--json"])).unwrap();
    assert_eq!(plan["strategy"], "canary");
    let prospect = &plan["prospect"];
    let [earliest, median, latest] =
        [&prospect["earliest"], &prospect["healthy"]["median"], &prospect["latest"]];
    assert!(earliest.as_u64() < median.as_u64() && median.as_u64() < latest.as_u64(), "{prospect}");
    let step = &prospect["foresight"]["watches"][0]["sight"]["steps"][0];
    assert_eq!(
        (&step["step"], &step["weight"], &step["bake"]),
        (&2.into(), &100.into(), &900_000.into())
    );
    assert!(step["smallest"].as_f64().unwrap() > 1.25, "{step}");
    let regressions = step["regressions"].as_array().unwrap();
    let ratios: Vec<f64> = regressions.iter().filter_map(|of| of["ratio"].as_f64()).collect();
    assert_eq!(ratios, [2.0, 5.0, 50.0]);
    assert!(
        regressions.iter().all(|of| of["exposure"]["failed"].as_f64().unwrap() > 0.0),
        "{step}"
    );
    assert!((step["blames_healthy"].as_f64().unwrap() - 0.007).abs() < 1e-9, "{step}");
    assert!(prospect["calls_per_hour"]["ecs:DescribeServices"].as_f64().unwrap() > 0.0);
    assert!(prospect["observed"].is_null());
    let plain: Value = serde_json::from_str(&told(&["plan", CANARY, "--json"])).unwrap();
    assert!(plain["prospect"]["foresight"].is_null() && plain["prospect"]["healthy"].is_null());
    assert!(plain["prospect"]["calls"].as_f64().unwrap() > 100.0, "{plain}");
}
