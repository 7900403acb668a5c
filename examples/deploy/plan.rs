//! A plan on paper.

use std::io;
use std::io::Write;

use cutover::model::ExposureCap;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GatePart;
use cutover::model::GateSpec;
use cutover::model::HookSpec;
use cutover::model::Inconclusive;
use cutover::model::Limits;
use cutover::model::MetricRule;
use cutover::model::Plan;
use cutover::model::ServiceShape;
use cutover::strategy::Forecast;

use crate::paint::Paint;
use crate::paint::span;

/// Writes a plan for people.
pub(crate) fn print(
    plan: &Plan,
    shape: &ServiceShape,
    limits: &Limits,
    paint: Paint,
) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let forecast = Forecast::of(plan, shape, limits).to_string();
    let (title, rest) = forecast.split_once('\n').unwrap_or((&forecast, ""));
    writeln!(out, "{}\n{rest}", paint.bold(title))?;
    for spec in &plan.gates {
        writeln!(out, "gate {}", gate(spec))?;
    }
    for spec in &plan.hooks {
        writeln!(out, "hook {}", hook(spec))?;
    }
    Ok(())
}

fn asks(kind: &GateKind) -> String {
    let parts = |parts: &[GatePart]| {
        let parts: Vec<String> =
            parts.iter().map(|part| format!("{} ({})", part.id, asks(&part.kind))).collect();
        parts.join(", ")
    };
    match kind {
        GateKind::Alarms { names, accept_red_at_start, insufficient_data } => {
            let names: Vec<&str> = names.iter().map(cutover::model::AlarmName::as_str).collect();
            let red =
                accept_red_at_start.as_ref().map(|why| format!(", red at start accepted: {why}"));
            let proved = !insufficient_data.is_inconclusive();
            let without =
                if proved { ", without data quiet while requests are counted" } else { "" };
            format!("alarms {}{}{without}", names.join(", "), red.unwrap_or_default())
        }
        GateKind::TargetHealth(rule) => {
            let (unhealthy, window) = (rule.most(), rule.window());
            let least = rule.minimum_per_zone;
            let zones = least.map(|least| format!(", at least {least} healthy in every zone"));
            let zones = zones.unwrap_or_default();
            format!("target health, {unhealthy} unhealthy looks of {window} fail{zones}")
        }
        GateKind::Metric(rule) => metric(rule),
        GateKind::Exposure(cap) => exposure(cap),
        GateKind::Analysis(rule) => {
            let names: Vec<&str> = rule.metrics.iter().map(|metric| metric.name.as_str()).collect();
            let early = rule.advance_early.map(|early| {
                format!(", ends a bake early from {} on once all are safe", span(early.after))
            });
            let early = early.unwrap_or_default();
            let policy = rule.insufficient;
            format!("candidate against stable by {}{early}; unproven: {policy}", names.join(", "))
        }
        GateKind::Probe(probe) => {
            let (method, looks) = (probe.method.as_str(), probe.in_a_row);
            format!("{method} {}, {looks} failed looks in a row fail", probe.endpoint.url)
        }
        GateKind::Webhook(webhook) => format!("webhook {}", webhook.endpoint.url),
        GateKind::Window(calendar) => format!("window in {}", calendar.zone),
        GateKind::All(all) => format!("all of {}", parts(all)),
        GateKind::Any(any) => format!("any of {}", parts(any)),
        _ => "the application's own".to_owned(),
    }
}

fn gate(spec: &GateSpec) -> String {
    let asks = asks(&spec.kind);
    let fails = match spec.mode {
        GateMode::Blocking => "a failure rolls back",
        GateMode::HoldOnly => "a failure holds",
        _ => "observed only",
    };
    let unsure = match spec.inconclusive {
        Inconclusive::Hold { limit } => format!("no answer holds for {}", span(limit)),
        Inconclusive::Wait => "no answer waits as long as it takes".to_owned(),
        Inconclusive::Rollback => "no answer rolls back".to_owned(),
        _ => "no answer goes on".to_owned(),
    };
    let when = if spec.always { "always" } else { "in the bakes that name it" };
    format!("{}: {asks}; {when}; {fails}; {unsure}", spec.id)
}

fn metric(rule: &MetricRule) -> String {
    let MetricRule { watched, bound, misses, of, .. } = rule;
    let period = span(rule.period());
    format!("`{watched}` {bound}; {misses} of {of} periods of {period} that are not fail")
}

fn exposure(cap: &ExposureCap) -> String {
    let count = |most: Option<u64>, what| most.map(|most| format!("{most} {what}"));
    let budget = cap
        .budget
        .as_ref()
        .map(|budget| format!("{} failed by its share of the error budget", budget.allowed()));
    let caps = [count(cap.requests, "requests"), count(cap.failed, "failed"), budget];
    let caps: Vec<String> = caps.into_iter().flatten().collect();
    format!("at most {} while the candidate's weight is below {}", caps.join(", "), cap.below)
}

fn hook(spec: &HookSpec) -> String {
    let stages: Vec<&str> = spec.stages.iter().map(|stage| stage.as_str()).collect();
    let (timeout, default) = (span(spec.timeout), spec.default);
    format!("{}: at {}; within {timeout}, else {default}", spec.id, stages.join(", "))
}
