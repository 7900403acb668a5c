//! A plan on paper.

use std::io;
use std::io::Write;

use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::HookSpec;
use cutover::model::Inconclusive;
use cutover::model::Plan;
use cutover::model::ServiceShape;
use cutover::model::Step;

use crate::paint::Paint;
use crate::paint::span;

/// What is about to change, `web:7 → web:8`.
pub(crate) fn change(shape: &ServiceShape) -> String {
    match &shape.stable {
        Some(stable) => format!("{stable} → {}", shape.candidate),
        None => format!("first deployment of {}", shape.candidate),
    }
}

/// Writes a plan for people.
pub(crate) fn print(plan: &Plan, shape: &ServiceShape, paint: Paint) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let head = format!("{} of {}: {}", plan.strategy, shape.service, change(shape));
    writeln!(out, "{}\n", paint.bold(&head))?;
    writeln!(
        out,
        "{}",
        paint.dim(&format!("{:>4}  {:<50} {:>8} {:>6}", "step", "what", "weight", "tasks"))
    )?;
    for (at, step) in plan.steps.iter().enumerate() {
        let weight = plan.weight_after(at).to_string();
        let tasks = plan.share_after(at).of(shape.desired);
        writeln!(out, "{:>4}  {:<50} {weight:>8} {tasks:>6}", at + 1, step.to_string())?;
        for gate in watched_by(step) {
            writeln!(out, "      watched by gate `{gate}`")?;
        }
    }
    writeln!(out)?;
    for spec in &plan.gates {
        writeln!(out, "{:>4}  {}", "gate", gate(spec))?;
    }
    for spec in &plan.hooks {
        writeln!(out, "{:>4}  {}", "hook", hook(spec))?;
    }
    for note in &plan.notes {
        writeln!(out, "{:>4}  {note}", "note")?;
    }
    Ok(())
}

fn watched_by(step: &Step) -> impl Iterator<Item = &str> {
    let gates = match step {
        Step::Bake { gates, .. } => gates.as_slice(),
        _ => &[],
    };
    gates.iter().map(cutover::model::GateId::as_str)
}

fn gate(spec: &GateSpec) -> String {
    let asks = match &spec.kind {
        GateKind::Alarms { names, accept_red_at_start } => {
            let names: Vec<&str> = names.iter().map(cutover::model::AlarmName::as_str).collect();
            let red =
                accept_red_at_start.as_ref().map(|why| format!(", red at start accepted: {why}"));
            format!("alarms {}{}", names.join(", "), red.unwrap_or_default())
        }
        GateKind::TargetHealth { unhealthy_reads } => {
            format!("target health, {unhealthy_reads} unhealthy reads in a row fail")
        }
        _ => "the application's own".to_owned(),
    };
    let fails = match spec.mode {
        GateMode::Blocking => "a failure rolls back",
        GateMode::HoldOnly => "a failure holds",
        _ => "observed only",
    };
    let unsure = match spec.inconclusive {
        Inconclusive::Hold { limit } => format!("no answer holds for {}", span(limit)),
        Inconclusive::Rollback => "no answer rolls back".to_owned(),
        _ => "no answer goes on".to_owned(),
    };
    let when = if spec.always { "always" } else { "in the bakes that name it" };
    format!("{}: {asks}; {when}; {fails}; {unsure}", spec.id)
}

fn hook(spec: &HookSpec) -> String {
    let stages: Vec<&str> = spec.stages.iter().map(|stage| stage.as_str()).collect();
    let (timeout, default) = (span(spec.timeout), spec.default);
    format!("{}: at {}; within {timeout}, else {default}", spec.id, stages.join(", "))
}
