//! What a running local cloud can be told: JSON over HTTP under `/_cutover/`.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::super::sim::Action;
use super::api::Api;
use super::behaviour_document::BehaviourDocument;
use super::calls::Calls;
use super::exchange::Exchange;
use super::fault_rule::FaultRule;
use super::operation;
use super::wire_answer::WireAnswer;
use super::wire_request::WireRequest;

/// What there is below `/_cutover/`.
const DOORS: [&str; 9] = [
    "GET /_cutover/",
    "GET /_cutover/clock",
    "GET /_cutover/faults",
    "POST /_cutover/faults",
    "DELETE /_cutover/faults",
    "POST /_cutover/behaviour",
    "GET /_cutover/calls",
    "DELETE /_cutover/calls",
    "GET /_cutover/operations",
];

/// One rule, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Rules {
    One(FaultRule),
    Several(Vec<FaultRule>),
}

/// Answers a request to the cloud itself; none where it is one to AWS.
pub(super) fn answer(exchange: &Exchange, request: &WireRequest) -> Option<WireAnswer> {
    let what = request.path.strip_prefix("/_cutover")?;
    let (status, value) = match (request.method.as_str(), what.trim_matches('/')) {
        ("GET", "") => (200, json!({ "doors": DOORS })),
        ("GET", "clock") => (200, clock(exchange)),
        ("GET", "operations") => (200, operations()),
        ("GET", "faults") => (200, faults(exchange)),
        ("POST", "faults") => posted(request, |rules: Rules| Ok(inject(exchange, rules))),
        ("DELETE", "faults") => {
            exchange.wire(|wire| wire.faults.clear());
            (200, faults(exchange))
        }
        ("POST", "behaviour") => posted(request, |document| behave(exchange, document)),
        ("GET", "calls") => (200, exchange.wire(|wire| calls(&wire.calls))),
        ("DELETE", "calls") => (200, calls(&exchange.wire(|wire| std::mem::take(&mut wire.calls)))),
        (method, _) => {
            (404, json!({"message": format!("no {method} {}", request.path), "doors": DOORS}))
        }
    };
    Some(WireAnswer::new(status, "application/json", format!("{value:#}\n").into_bytes()))
}

fn posted<'a, T: Deserialize<'a>>(
    request: &'a WireRequest,
    what: impl FnOnce(T) -> Result<Value, String>,
) -> (u16, Value) {
    let read = serde_json::from_slice(&request.body).map_err(|error| error.to_string());
    match read.and_then(what) {
        Ok(value) => (200, value),
        Err(message) => (400, json!({ "message": message })),
    }
}

fn clock(exchange: &Exchange) -> Value {
    let speed = exchange.wire(|wire| wire.clock.speed());
    exchange.now(|world| {
        json!({
            "now": world.aws_wall().to_string(),
            "elapsedMilliseconds": world.now().as_millis(),
            "speed": speed,
        })
    })
}

fn operations() -> Value {
    let of =
        |api: Api| operation::names(api).iter().map(move |name| format!("{}:{name}", api.prefix()));
    Api::ALL.into_iter().flat_map(of).collect()
}

fn faults(exchange: &Exchange) -> Value {
    exchange.wire(|wire| {
        wire.faults.list().map(|(rule, hits)| json!({"rule": rule, "hits": hits})).collect()
    })
}

fn inject(exchange: &Exchange, rules: Rules) -> Value {
    let rules = match rules {
        Rules::One(rule) => vec![rule],
        Rules::Several(rules) => rules,
    };
    exchange.wire(|wire| rules.into_iter().for_each(|rule| wire.faults.add(rule)));
    faults(exchange)
}

fn behave(exchange: &Exchange, document: BehaviourDocument) -> Result<Value, String> {
    let (revision, behaviour) = document.read()?;
    let named = revision.task_definition().to_string();
    exchange.now(|world| world.apply(&Action::ChangeBehaviour { revision, behaviour }));
    Ok(json!({ "revision": named }))
}

fn calls(calls: &Calls) -> Value {
    let by_actor = calls.by_actor().iter().map(|((actor, operation), count)| {
        json!({"actor": actor, "operation": operation, "count": count})
    });
    json!({
        "total": calls.total(),
        "reads": calls.reads(),
        "writes": calls.writes(),
        "byOperation": calls.by_operation(),
        "byActor": by_actor.collect::<Value>(),
    })
}
