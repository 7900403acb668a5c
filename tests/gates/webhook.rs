//! Webhooks.

use std::time::Duration;

use cutover::adapters::sim::{Endpoint, HttpAnswer, HttpExchange, Scenario};
use cutover::model::{GateKind, HeaderValue, HttpMethod, Webhook, Weight};
use serde_json::Value;

use crate::site::{Site, endpoint};

const BOARD: &str = "http://board.example/ask";
const TOKEN: &str = "Bearer s3cr3t-t0ken";

fn webhook() -> Webhook {
    let secret = HeaderValue::Environment("BOARD_TOKEN".to_owned());
    Webhook::new(endpoint(BOARD).header("authorization", secret))
}

fn site(answers: Vec<HttpAnswer>) -> Site {
    let scenario = Scenario::new(5)
        .with_endpoint(Endpoint::new(BOARD, answers))
        .with_variable("BOARD_TOKEN", TOKEN);
    Site::new(scenario).gate("board", GateKind::Webhook(webhook()))
}

fn header<'a>(exchange: &'a HttpExchange, name: &str) -> &'a str {
    let found = exchange.headers.iter().find(|(given, _)| given == name);
    &found.unwrap().1
}

#[test]
fn whoever_is_asked_learns_where_the_deployment_is_and_the_secret_goes_nowhere_else() {
    let site = site(vec![HttpAnswer::status(204, "")]);
    let cloud = site.cloud.clone();
    let story = site.deploy();
    assert!(story.went_well(), "{:?}", story.ending);
    let exchanges = cloud.with(|world| world.exchanges().to_vec());
    let first = &exchanges[0];
    assert_eq!((first.method, header(first, "authorization")), (HttpMethod::Post, TOKEN));
    let document: Value = serde_json::from_str(first.body.as_ref().unwrap()).unwrap();
    for (name, wanted) in [
        ("deployment", "d-1"),
        ("cluster", "prod"),
        ("service", "web"),
        ("gate", "board"),
        ("stage", "RECONCILE"),
        ("idempotency_key", "d-1/board/0/RECONCILE"),
    ] {
        assert_eq!(document[name], wanted, "{name}");
    }
    assert_eq!(document["weight_permille"], 0);
    let last: Value =
        serde_json::from_str(exchanges.last().unwrap().body.as_ref().unwrap()).unwrap();
    assert_eq!((&last["weight_permille"], &last["stage"]), (&1000.into(), &"BAKE".into()));
    assert_eq!(header(first, "idempotency-key"), "d-1/board/0/RECONCILE");
    let told = format!("{:?}{}", story.events, serde_json::to_string(&story.record).unwrap());
    assert!(told.contains("BOARD_TOKEN") && !told.contains("s3cr3t"));
}

#[test]
fn a_decision_in_the_body_rolls_back_with_its_reason() {
    let no = r#"{"decision":"fail","reason":"the board said no"}"#;
    let pass = HttpAnswer::status(200, r#"{"decision":"pass"}"#);
    let mut answers = vec![pass; 12];
    answers.push(HttpAnswer::status(200, no));
    let story = site(answers).deploy();
    assert_eq!(story.cause(), "gate `board` failed: the board said no");
}

#[test]
fn what_cannot_be_understood_holds_and_then_rolls_back_with_nothing_shifted() {
    for answer in [
        HttpAnswer::status(200, "<html>please log in</html>"),
        HttpAnswer::status(403, ""),
        HttpAnswer::status(500, "{}"),
        HttpAnswer::Refused,
        HttpAnswer::Hang,
    ] {
        let story = site(vec![answer.clone()]).deploy();
        assert_eq!(story.peak(), Weight::ZERO, "{answer:?}");
        assert!(!story.went_well(), "{answer:?}");
        assert!(story.took >= Duration::from_mins(10), "{answer:?} {:?}", story.took);
    }
}

#[test]
fn an_attempt_that_fails_is_made_again_within_the_look() {
    let bad = HttpAnswer::status(503, "");
    let answers = vec![bad.clone(), bad, HttpAnswer::status(200, "")];
    let story = site(answers).deploy();
    assert!(story.went_well());
    assert!(story.verdicts("board").iter().all(cutover::model::Verdict::is_pass));
}

#[test]
fn a_webhook_without_its_secret_is_refused_before_the_start() {
    let refused = Site::new(Scenario::new(1)).gate("board", GateKind::Webhook(webhook()));
    assert_eq!(
        refused.refused(false),
        "gate `board`: `webhook` cannot call http://board.example/ask: the environment variable BOARD_TOKEN \
         is not set"
    );
}
