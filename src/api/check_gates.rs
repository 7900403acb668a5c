//! Whether the gates of a plan can do here what they are for.

use super::error::Error;
use super::request::DeploymentRequest;
use crate::gate::Unusable;
use crate::gate::usable;
use crate::model::Baseline;
use crate::model::GateKind;
use crate::model::GateSpec;
use crate::model::HttpEndpoint;
use crate::model::HttpMethod;
use crate::model::Inconclusive;
use crate::model::Plan;
use crate::model::Subject;
use crate::ports::HttpRequest;
use crate::ports::Ports;

/// What is wrong, as a field and a reason with its fix.
type Fault = (String, String);

/// Refuses gates that could never answer, or never ask. Calls nobody.
pub(super) fn check_gates(ports: &Ports, plan: &Plan, baseline: &Baseline) -> Result<(), Error> {
    plan.gates.iter().find_map(|gate| fault(ports, plan, baseline, gate)).map_or(Ok(()), Err)
}

fn fault(ports: &Ports, plan: &Plan, baseline: &Baseline, gate: &GateSpec) -> Option<Error> {
    let leaves = || gate.kind.leaves().into_iter();
    let found = gate
        .kind
        .fault()
        .or_else(|| leaves().find_map(|(_, kind)| unreachable(ports, kind)))
        .or_else(|| leaves().find_map(|(_, kind)| unasked(plan, baseline, kind)))
        .or_else(|| hasty(gate));
    let (field, why) = found?;
    Some(Error::UnusableGate { gate: gate.id.clone(), field, why })
}

/// What keeps a gate from calling whom it asks, if anything does.
fn unreachable(ports: &Ports, kind: &GateKind) -> Option<Fault> {
    let (name, endpoint): (_, &HttpEndpoint) = match kind {
        GateKind::Probe(probe) => ("probe", &probe.endpoint),
        GateKind::Webhook(webhook) => ("webhook", &webhook.endpoint),
        _ => return None,
    };
    let Some(http) = &ports.http else {
        let why =
            "needs HTTP calls, and the ports have none; give `Ports.http`, such as `HostHttp`";
        return Some((name.to_owned(), why.to_owned()));
    };
    let (method, endpoint) = (HttpMethod::Get, endpoint.clone());
    let request = HttpRequest { method, endpoint, body: None };
    let error = http.check(&request).err()?;
    Some((name.to_owned(), format!("cannot call {}: {}", request.endpoint.url, error.message)))
}

/// What keeps a probe from ever asking the candidate, if anything does.
fn unasked(plan: &Plan, baseline: &Baseline, kind: &GateKind) -> Option<Fault> {
    let GateKind::Probe(_) = kind else { return None };
    let why = if baseline.test_rule.is_none() {
        "asks the candidate through the test listener, and there is none; give `test_rule` in the topology"
    } else if !plan.tests_after(plan.steps.len()) {
        "asks the candidate through the test listener, and no step leads it there; take a strategy with \
         test traffic"
    } else {
        return None;
    };
    Some(("probe".to_owned(), why.to_owned()))
}

/// A window that rolls back when it shuts is a mistake.
fn hasty(gate: &GateSpec) -> Option<Fault> {
    let is_window = matches!(gate.kind, GateKind::Window(_));
    (is_window && gate.inconclusive == Inconclusive::Rollback).then(|| {
        let why = "is `rollback` for a window, which would roll back whatever runs when it shuts; \
                   give `wait`, or `hold` with a limit";
        ("inconclusive".to_owned(), why.to_owned())
    })
}

/// Refuses gates on metrics whose numbers promise nothing or whose dimensions this service does not have.
pub(super) fn check_metrics(
    request: &DeploymentRequest<'_>,
    baseline: &Baseline,
    plan: &Plan,
) -> Result<(), Error> {
    let subject = Subject {
        deployment: request.id.clone(),
        service: request.service.clone(),
        candidate: request.revision.clone(),
        baseline: baseline.clone(),
    };
    plan.gates.iter().try_for_each(|gate| {
        let refused = |Unusable { gate, field, why }| Error::UnusableGate { gate, field, why };
        usable(gate, &subject).map_err(refused)
    })
}
