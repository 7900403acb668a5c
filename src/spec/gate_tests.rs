//! Gates that call, wait or are made of others, as a spec gives them.

use std::time::Duration;

use super::deployment_spec::DeploymentSpec;
use crate::model::GateKind;
use crate::model::HeaderValue;
use crate::model::HttpMethod;
use crate::model::Inconclusive;
use crate::model::StatusRange;
use crate::model::Timestamp;

const HEAD: &str = "service: {cluster: shop, name: web}\n\
    revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:8'}\n\
    strategy: rolling\ngates:\n";

fn kinds(gates: &str) -> Vec<(GateKind, Inconclusive)> {
    let spec = DeploymentSpec::parse(&format!("{HEAD}{gates}"), "a.yaml").unwrap();
    spec.gates().iter().map(|gate| (gate.kind.clone(), gate.inconclusive)).collect()
}

fn error(gates: &str) -> String {
    DeploymentSpec::parse(&format!("{HEAD}{gates}"), "a.yaml").unwrap_err().to_string()
}

#[test]
fn a_probe_is_read_in_full_and_in_short() {
    let text = "
- id: full
  probe:
    url: https://test.web.example:8443/health
    method: POST
    headers: { x-test: '1', authorization: { env: PROBE_TOKEN } }
    body: ping
    status: [200, 204-206]
    contains: pong
    json: { /status: ok, /checks/0/up: true, /build: 8 }
    timeout: 2s
    latency: 500ms
    requests: 5
    failures: 1
    in_a_row: 2
- id: short
  probe: { url: 'http://test.web.example/' }
";
    let kinds = kinds(text);
    let (GateKind::Probe(full), GateKind::Probe(short)) = (&kinds[0].0, &kinds[1].0) else {
        panic!("{kinds:?}");
    };
    assert_eq!((full.method, full.body.as_deref()), (HttpMethod::Post, Some("ping")));
    let secret = HeaderValue::Environment("PROBE_TOKEN".to_owned());
    assert_eq!(full.endpoint.headers["authorization"], secret);
    assert_eq!(full.endpoint.headers["x-test"], HeaderValue::Text("1".to_owned()));
    let ranges = [StatusRange { from: 200, to: 200 }, StatusRange { from: 204, to: 206 }];
    assert_eq!(full.statuses, ranges);
    let fields: Vec<String> =
        full.fields.iter().map(|check| format!("{}={}", check.pointer, check.equals)).collect();
    assert_eq!(fields, ["/build=8", "/checks/0/up=true", "/status=\"ok\""]);
    assert_eq!((full.latency, full.requests), (Duration::from_millis(500), 5));
    assert_eq!((full.failures, full.in_a_row), (1, 2));
    assert_eq!((short.requests, short.failures, short.in_a_row), (1, 0, 3));
    assert_eq!(short.latency, Duration::from_secs(3));
}

#[test]
fn a_webhook_and_a_window_are_read() {
    let text = "
- id: board
  webhook: { url: 'https://board.example/ask', attempts: 2, timeout: 5s, refusal_fails: true }
- id: hours
  window:
    zone: Europe/Zurich
    hours: [{ days: [mon, tue], from: '09:00', to: '16:30' }]
    freezes: [{ from: 2026-12-20, to: 2027-01-03, reason: year-end }]
- id: strict
  window: { zone: UTC, hours: [{ from: '09:00', to: '16:30' }] }
  inconclusive: hold 2h
";
    let kinds = kinds(text);
    let GateKind::Webhook(board) = &kinds[0].0 else { panic!("{kinds:?}") };
    assert!(board.refusal_fails && board.attempts == 2);
    let GateKind::Window(calendar) = &kinds[1].0 else { panic!("{kinds:?}") };
    assert_eq!(kinds[1].1, Inconclusive::Wait);
    assert_eq!(kinds[2].1, Inconclusive::Hold { limit: Duration::from_hours(2) });
    // Sunday 3 January 2027 at 23:00 is the last hour of the freeze
    let last = calendar.at(Timestamp::from_millis(1_799_013_600_000));
    assert_eq!(last.shut.unwrap(), "frozen: year-end");
    assert_eq!(last.changes.unwrap(), "Mon 2027-01-04 09:00 +01:00");
}

#[test]
fn gates_are_made_of_gates() {
    let text = "
- id: either
  any:
    - { id: quiet, alarms: [web-5xx] }
    - id: both
      all: [{ id: own, custom: true }, { id: up, probe: { url: 'http://test.web.example/' } }]
";
    let kinds = kinds(text);
    let leaves = kinds[0].0.leaves();
    let names: Vec<&str> = leaves.iter().map(|(id, _)| id.unwrap().as_str()).collect();
    assert_eq!(names, ["quiet", "own", "up"]);
}

#[test]
fn bad_ones_are_refused_with_field_value_and_fix() {
    for (gates, wanted) in [
        (
            "- {id: a, probe: {url: 'ftp://x'}}",
            "5:24: `gates[0].probe.url` is no URL to call: it has another scheme; begin it with `http://` or \
             `https://`",
        ),
        (
            "- {id: a, probe: {url: 'http://x', status: 99}}",
            "5:44: `gates[0].probe.status` is `99`; give a status such as `200`, or `200-299`",
        ),
        (
            "- {id: a, probe: {url: 'http://x', requests: 9}}",
            "5:3: `gates[0]` has `probe.timeout` that is 3000 ms for each of 9 requests; one look may \
             take 15 s in all, so give less, and more than nothing",
        ),
        (
            "- {id: a, probe: {url: 'http://x', json: {status: ok}}}",
            "5:3: `gates[0]` has `probe.json` that is `status`, no JSON pointer; give one such as \
             `/status`",
        ),
        (
            "- {id: a, webhook: {url: 'http://x', attempts: 0}}",
            "5:3: `gates[0]` has `webhook.attempts` that is 0; give 1 or more",
        ),
        (
            "- {id: a, window: {zone: Europe/Atlantis}}",
            "5:26: `gates[0].window.zone` is `Europe/Atlantis`; give a time zone of the IANA database, such as \
             `Europe/Zurich` or `UTC`",
        ),
        (
            "- {id: a, window: {zone: UTC, hours: [{from: '9', to: '10:00'}]}}",
            "5:46: `gates[0].window.hours[0].from` is `9`; give hours and minutes such as `09:30`, or `24:00` \
             for the end of a day",
        ),
        (
            "- {id: a, window: {zone: UTC}}",
            "5:3: `gates[0]` has `window.hours` that is missing, and `freezes` too; give one at least",
        ),
        (
            "- {id: a, all: [{id: b}]}",
            "5:3: `gates[0]` has a part `b` that has to ask one thing; give one of `alarms: [names]`, \
             `unhealthy_reads: 3`, `metric`, `exposure`, `analysis`, `probe`, `webhook`, `window`, `all`, `any` and \
             `custom: true`",
        ),
        ("- {id: a, any: []}", "5:3: `gates[0]` has `any` that has no part; give one at least"),
    ] {
        assert_eq!(error(gates), format!("a.yaml:{wanted}"), "{gates}");
    }
    let secret = error("- {id: a, webhook: {url: 'https://me:s3cret@board.example/'}}");
    assert!(secret.contains("it holds a user") && !secret.contains("s3cret"), "{secret}");
}
