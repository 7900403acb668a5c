//! A deployment whose process is killed at any moment is finished by the next one.

use std::io::BufRead;
use std::io::BufReader;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Stdio;
use std::thread;

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

/// Simulated seconds per real one: tasks start within a second.
const SPEED: &str = "40";

/// As short as it goes: over TCP the time of whoever deploys is real.
const SPEC: &str = "
service: {cluster: prod, name: web}
revision: {images: {app: 'web@sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae'}}
strategy: {canary: {weight: 10%, bake: 3s, final_bake: 3s}}
alarms: [web-5xx]
limits:
  poll: 300ms
  freshness: 3s
  settle: 2s
  propagation: 1s
  checkpoint: 500ms
  progress_deadline: 1m
";

/// When the process is killed.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// As soon as so many requests for an operation have come in.
    Called(&'static str, u64),
    /// As soon as an event says all of this.
    Event(&'static [(&'static str, &'static str)]),
}

/// What happens to the world after that.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    Nothing,
    AlarmGoesRed,
    AlarmWasRed,
}

/// Every moment, with what happens then.
const MOMENTS: [(&str, Moment, Then); 12] = [
    ("checking", Moment::Called("ecs:DescribeTaskDefinition", 1), Then::Nothing),
    ("registered", Moment::Called("ecs:RegisterTaskDefinition", 1), Then::Nothing),
    ("started", Moment::Event(&[("/event", "started")]), Then::Nothing),
    ("launching", Moment::Event(&[("/event", "writing"), ("/intent/launch", "")]), Then::Nothing),
    ("launched", Moment::Event(&[("/event", "written"), ("/intent/launch", "")]), Then::Nothing),
    ("shifting", Moment::Event(&[("/event", "writing"), ("/intent/shift", "")]), Then::Nothing),
    ("shifted", Moment::Event(&[("/event", "written"), ("/intent/shift", "")]), Then::Nothing),
    ("baking", Moment::Event(&[("/event", "stage"), ("/step", "2")]), Then::AlarmGoesRed),
    ("last-bake", Moment::Event(&[("/event", "stage"), ("/stage", "BAKE")]), Then::Nothing),
    ("committed", Moment::Event(&[("/event", "committed")]), Then::Nothing),
    ("removing", Moment::Event(&[("/event", "writing"), ("/intent/retire", "")]), Then::Nothing),
    ("going-back", Moment::Event(&[("/event", "rollback_started")]), Then::AlarmWasRed),
];

fn says(event: &Value, wanted: &[(&str, &str)]) -> bool {
    wanted.iter().all(|(path, text)| match event.pointer(path) {
        Some(Value::String(found)) => found == text,
        Some(Value::Number(found)) => text.parse() == Ok(found.as_u64().unwrap()),
        Some(_) => text.is_empty(),
        None => false,
    })
}

/// Kills the process when the moment has come.
fn kill(run: &mut Child, cloud: &LocalProcess, moment: Moment, then: Then) {
    match moment {
        Moment::Called(operation, times) => {
            while cloud.count(operation) < times {
                assert!(run.try_wait().unwrap().is_none(), "it ended before it was killed");
                pause();
            }
        }
        Moment::Event(wanted) => {
            let lines: &mut ChildStdout = run.stdout.as_mut().unwrap();
            let mut reddened = false;
            let reached = BufReader::new(lines).lines().map_while(Result::ok).any(|line| {
                let event: Value = serde_json::from_str(&line).unwrap();
                if then == Then::AlarmWasRed && !reddened && says(&event, &[("/step", "2")]) {
                    cloud.alarm();
                    reddened = true;
                }
                says(&event, wanted)
            });
            assert!(reached, "it ended before {moment:?}");
        }
    }
    // SIGKILL on Unix
    run.kill().unwrap();
    run.wait().unwrap();
}

fn killed_and_run_again(name: &str, moment: Moment, then: Then) {
    let cloud = LocalProcess::start("task-sets", SPEED);
    let (spec, state) = (spec(&format!("{name}.yaml"), SPEC), state(name));
    let spec = spec.to_string_lossy();
    let way = ["run", &spec, "--endpoint-url", &cloud.url, "--state", &state];
    let mut first = command(&[&way[..], &["--json"]].concat());
    let mut first = first.stdout(Stdio::piped()).spawn().unwrap();
    kill(&mut first, &cloud, moment, then);
    if then == Then::AlarmGoesRed {
        cloud.alarm();
    }
    let again = deploy(&way);
    let shown = format!("{name}: {}{}", stdout(&again), stderr(&again));
    let back = then != Then::Nothing;
    assert_eq!(code(&again), Some(if back { 3 } else { 0 }), "{shown}");
    if matches!(moment, Moment::Event(_)) {
        assert!(shown.contains("prod/web: going on with deployment web-2"), "{shown}");
    }
    let world = cloud.world();
    let serves = if back { "web:1" } else { "web:2" };
    assert_eq!(world.sets, [("PRIMARY".to_owned(), serves.to_owned())], "{shown}");
    let (all, weights) = (&world.serving, &world.weights);
    assert!(weights.iter().all(|(group, weight)| (group == all) == (*weight > 0)), "{world:?}");
    assert_eq!(world.revisions, 2, "{shown}");
    assert_eq!(cloud.count("ecs:RegisterTaskDefinition"), 1, "{shown}");
    let known = stdout(&deploy(&["list", "--state", &state]));
    assert_eq!(known.lines().count(), 1, "{known}");
}

#[test]
fn whoever_runs_the_same_command_again_finishes_what_a_killed_process_began() {
    thread::scope(|all| {
        let tests = MOMENTS.map(|(name, moment, then)| {
            (name, all.spawn(move || killed_and_run_again(name, moment, then)))
        });
        let failed: Vec<&str> = tests
            .into_iter()
            .filter_map(|(name, test)| test.join().is_err().then_some(name))
            .collect();
        assert!(failed.is_empty(), "{failed:?}");
    });
}
