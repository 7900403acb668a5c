//! Probes through the test listener.

use std::time::Duration;

use cutover::adapters::sim::{Behaviour, Endpoint, HttpAnswer, Scenario, revision};
use cutover::model::{FieldCheck, GateKind, Probe, Weight};
use cutover::strategy::BlueGreen;

use crate::site::{Site, endpoint};

fn health() -> Probe {
    let equals = serde_json::Value::from("ok");
    let fields = vec![FieldCheck { pointer: "/status".to_owned(), equals }];
    Probe { fields, ..Probe::new(endpoint("http://test.web.example/health")) }
}

fn site(behaviour: Behaviour, probe: Probe) -> Site {
    let scenario = Scenario::new(3).with_behaviour(revision(2), behaviour);
    Site::new(scenario).gate("health", GateKind::Probe(probe))
}

#[test]
fn a_candidate_that_answers_as_it_should_is_deployed_and_was_asked_itself() {
    let probe = Probe { contains: Some("\"web:2\"".to_owned()), ..health() };
    let site = site(Behaviour::healthy(), probe);
    let cloud = site.cloud.clone();
    let story = site.deploy();
    assert!(story.went_well(), "{}", story.cause());
    let asked = cloud.with(|world| world.exchanges().len());
    assert!(asked > 30, "{asked} requests: at every look from the test traffic on");
    let reading = story.reading("health");
    assert_eq!(reading.grounds.measures[0].to_string(), "failed requests 0 (at most 0)");
}

#[test]
fn a_candidate_that_fails_its_probe_never_gets_production_traffic() {
    let story = site(Behaviour::erring(1000), health()).deploy();
    assert_eq!(
        story.cause(),
        "gate `health` failed: 1 of 1 requests failed: status 500, 3 looks in a row"
    );
    assert_eq!(story.peak(), Weight::ZERO);
}

#[test]
fn a_slow_candidate_fails_where_the_probe_bounds_the_latency() {
    let slow = Behaviour::healthy().with_latency_ms(1200);
    let quick = Probe { latency: Duration::from_millis(200), requests: 3, ..health() };
    let story = site(slow.clone(), quick).deploy();
    assert!(story.cause().contains("the answer took "), "{}", story.cause());
    assert!(site(slow, Probe { latency: Duration::from_secs(3), ..health() }).deploy().went_well());
}

#[test]
fn a_listener_that_cannot_be_reached_holds_and_then_rolls_back() {
    let mut probe = health();
    probe.endpoint = endpoint("http://nobody.example/health");
    let story = site(Behaviour::healthy(), probe).deploy();
    assert_eq!(
        story.cause(),
        "gate `health` could not tell for too long: the candidate was not reached: connection refused"
    );
    assert_eq!(story.peak(), Weight::ZERO);
}

#[test]
fn an_answer_that_never_comes_is_a_failure() {
    let url = "http://test.web.example/slow";
    let scenario = Scenario::new(3).with_endpoint(Endpoint::new(url, [HttpAnswer::Hang]));
    let probe = Probe::new(endpoint(url));
    let story = Site::new(scenario).gate("health", GateKind::Probe(probe)).deploy();
    assert!(story.cause().contains("no answer within 3000 ms, 3 looks in a row"));
}

#[test]
fn a_probe_that_could_never_ask_is_refused_before_the_start() {
    let probe = || GateKind::Probe(health());
    let mut untested = Site::new(Scenario::new(1)).gate("health", probe());
    untested.strategy = Box::new(BlueGreen::default());
    assert_eq!(
        untested.refused(false),
        "gate `health`: `probe` asks the candidate through the test listener, and no step leads it there; \
         take a strategy with test traffic"
    );
    assert_eq!(
        Site::new(Scenario::new(1)).gate("health", probe()).refused(true),
        "gate `health`: `probe` needs HTTP calls, and the ports have none; give `Ports.http`, such as \
         `HostHttp`"
    );
    let none = Probe { requests: 0, ..health() };
    assert_eq!(
        Site::new(Scenario::new(1)).gate("health", GateKind::Probe(none)).refused(false),
        "gate `health`: `probe.requests` is 0; give 1 or more"
    );
}
