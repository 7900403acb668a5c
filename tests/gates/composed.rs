//! Gates that are made of gates.

use std::time::Duration;

use cutover::adapters::sim::{Behaviour, Endpoint, HttpAnswer, Scenario, revision};
use cutover::gate::from_fn;
use cutover::model::{GateId, GateKind, GatePart, Probe, Verdict, Webhook};

use crate::site::{Site, endpoint};

const BOARD: &str = "http://board.example/ask";

fn part(id: &str, kind: GateKind) -> GatePart {
    GatePart { id: GateId::new(id).unwrap(), kind }
}

fn probe() -> GatePart {
    part("probe", GateKind::Probe(Probe::new(endpoint("http://test.web.example/health"))))
}

fn board() -> GatePart {
    part("board", GateKind::Webhook(Webhook::new(endpoint(BOARD))))
}

fn scenario(behaviour: Behaviour, board: HttpAnswer) -> Scenario {
    Scenario::new(4)
        .with_behaviour(revision(2), behaviour)
        .with_endpoint(Endpoint::new(BOARD, [board]))
}

fn no() -> HttpAnswer {
    HttpAnswer::status(200, r#"{"decision":"fail","reason":"no"}"#)
}

#[test]
fn all_of_them_must_pass() {
    let both = || GateKind::All(vec![probe(), board()]);
    let fine = HttpAnswer::status(200, "");
    let well =
        Site::new(scenario(Behaviour::healthy(), fine.clone())).gate("both", both()).deploy();
    assert!(well.went_well(), "{:?}", well.ending);
    let measures = well.reading("both").grounds.measures;
    let told: Vec<String> = measures.iter().map(ToString::to_string).collect();
    assert!(told.contains(&"probe passes 1 (at least 1)".to_owned()), "{told:?}");
    assert!(told.contains(&"board: attempts 1".to_owned()), "{told:?}");
    let bad = Site::new(scenario(Behaviour::erring(1000), fine)).gate("both", both()).deploy();
    assert!(
        bad.cause().starts_with("gate `both` failed: probe: 1 of 1 requests"),
        "{}",
        bad.cause()
    );
    let refused = Site::new(scenario(Behaviour::healthy(), no())).gate("both", both()).deploy();
    assert_eq!(refused.cause(), "");
    assert!(!refused.went_well(), "it stopped before anything was changed");
}

#[test]
fn one_of_them_is_enough_and_only_all_of_them_fail() {
    let either = || GateKind::Any(vec![probe(), board()]);
    let well = Site::new(scenario(Behaviour::healthy(), no())).gate("either", either()).deploy();
    assert!(well.went_well(), "the probe passes: {:?}", well.ending);
    let bad = Site::new(scenario(Behaviour::erring(1000), no())).gate("either", either()).deploy();
    let cause = bad.cause();
    assert!(cause.contains("probe: 1 of 1") && cause.ends_with("; board: no"), "{cause}");
}

#[test]
fn a_part_that_hangs_or_panics_is_one_part_only() {
    let hang = from_fn(|_| std::future::pending::<Verdict>());
    let panics = from_fn(|question| async move {
        assert!(question.subject.deployment.as_str().is_empty(), "planted");
        Verdict::Pass
    });
    let parts = vec![part("hang", GateKind::Custom), part("panics", GateKind::Custom), probe()];
    let story = Site::new(scenario(Behaviour::healthy(), no()))
        .gate("any", GateKind::Any(parts))
        .code("hang", hang)
        .code("panics", panics)
        .deploy();
    assert!(story.went_well(), "{:?}", story.ending);
}

#[test]
fn too_many_too_deep_or_the_same_twice_is_refused() {
    let refused = |kind| Site::new(Scenario::new(1)).gate("g", kind).refused(false);
    let mut deep = GateKind::Custom;
    for level in 0..=GateKind::DEEPEST {
        deep = GateKind::All(vec![part(&format!("p{level}"), deep)]);
    }
    assert!(refused(deep).contains("lies deeper than 4 gates; flatten it"));
    let twice = GateKind::Any(vec![probe(), probe()]);
    let why = "gate `g`: `any[1].id` is `probe` a second time; give each part a name of its own";
    assert_eq!(refused(twice), why);
    let many = (0..33).map(|nth| part(&format!("p{nth}"), GateKind::Custom)).collect();
    assert!(refused(GateKind::All(many)).contains("more than 32 parts"));
    assert!(refused(GateKind::All(Vec::new())).contains("has no part"));
    assert!(Duration::from_secs(17) > Probe::LONGEST_LOOK);
}
