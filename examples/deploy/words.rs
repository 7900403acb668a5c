//! Events in words, one line each.

use std::time::Duration;

use cutover::model::Direction;
use cutover::model::Drain;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::Finding;
use cutover::model::GateState;
use cutover::model::HookResult;
use cutover::model::Measure;
use cutover::model::Operator;
use cutover::model::Outcome;
use cutover::model::Progress;
use cutover::model::Proof;
use cutover::model::RoleProgress;
use cutover::model::Stage;
use cutover::model::Verdict;

use crate::paint::Paint;
use crate::paint::span;

/// What an event says, coloured; none for what a line of its own would only repeat.
pub(crate) fn line(event: &Event, paint: Paint) -> Option<String> {
    Some(match &event.kind {
        EventKind::Started => paint.bold("deployment started"),
        EventKind::Resumed => paint.bold("deployment taken up again"),
        EventKind::Stage { direction, step, stage } => {
            paint.dim(&format!("{direction}, step {}, {stage}", step + 1))
        }
        EventKind::Gate { gate, verdict } => {
            format!("gate `{gate}`: {}", verdict_words(verdict, paint))
        }
        EventKind::BakeEnded { watched, bake, proof, .. } => ended(*watched, *bake, proof, paint),
        EventKind::Holding { reason } => paint.dim(&format!("… {reason}")),
        EventKind::Writing { intent } => paint.blue(&format!("→ {intent}")),
        EventKind::Written { intent, outcome } => written(&intent.to_string(), outcome, paint)?,
        EventKind::HookCalled { key } => format!("hook `{}` called", key.hook),
        EventKind::HookAnswered { key, result } => format!("hook `{}`: {}", key.hook, hook(result)),
        EventKind::Blind { why } => paint.yellow(&format!("cannot see: {why}")),
        EventKind::Drain { role, requests } => {
            let line = format!("requests that still reach {role}: {requests}");
            let is_quiet = matches!(requests, Drain::Quiet { .. });
            if is_quiet { paint.dim(&line) } else { paint.yellow(&line) }
        }
        EventKind::Drift { what } => paint.yellow(&format!("someone else changed {what}")),
        EventKind::Accepted { request } => format!("request taken: {}", asked(*request)),
        EventKind::Refused { request, why } => {
            paint.yellow(&format!("request refused: {}: {why}", asked(*request)))
        }
        EventKind::RollbackStarted { cause } => paint.red(&format!("rolling back: {cause}")),
        EventKind::Committed => paint.green("committed: the candidate is the new stable"),
        EventKind::Finished { status, .. } => paint.bold(&format!("ended: {status}")),
        _ => return None,
    })
}

/// What a bake that compared the candidate with stable has shown.
fn ended(watched: Duration, bake: Duration, proof: &Proof, paint: Paint) -> String {
    if proof.finding == Finding::Safe && watched < bake {
        let (watched, bake) = (span(watched), span(bake));
        return paint.green(&format!("{proof}; the bake ended early at {watched} of {bake}"));
    }
    let text = format!("the bake is over: {proof}");
    if proof.finding == Finding::Safe { paint.green(&text) } else { paint.yellow(&text) }
}

fn written(intent: &str, outcome: &Outcome, paint: Paint) -> Option<String> {
    match outcome {
        Outcome::Applied | Outcome::Delegated(_) => None,
        Outcome::Rejected(failure) => {
            Some(paint.yellow(&format!("not applied: {intent}: {}", failure.message)))
        }
        Outcome::Unknown(failure) => {
            Some(paint.yellow(&format!("unknown whether applied: {intent}: {}", failure.message)))
        }
    }
}

fn verdict_words(verdict: &Verdict, paint: Paint) -> String {
    match verdict {
        Verdict::Pass => paint.green("pass"),
        Verdict::Fail(_) => paint.red(&verdict.to_string()),
        Verdict::Inconclusive(_) => paint.yellow(&verdict.to_string()),
    }
}

fn hook(result: &HookResult) -> String {
    match result {
        HookResult::Answered(action) => action.to_string(),
        HookResult::Failed(why) => format!("failed: {why}"),
        _ => "answered".to_owned(),
    }
}

pub(crate) fn asked(request: Operator) -> String {
    format!("{request:?}").to_lowercase()
}

/// The state of a gate in a few characters.
pub(crate) fn gate(state: &GateState, paint: Paint) -> String {
    match &state.verdict {
        None => paint.dim(&format!("· {}", state.gate)),
        Some(Verdict::Pass) => paint.green(&format!("✔ {}", state.gate)),
        Some(Verdict::Fail(_)) => paint.red(&format!("✘ {}", state.gate)),
        Some(Verdict::Inconclusive(_)) => paint.yellow(&format!("? {}", state.gate)),
    }
}

/// A gate's answer and the number nearest to deciding it, in one line.
pub(crate) fn gate_line(state: &GateState) -> String {
    let Some(verdict) = &state.verdict else {
        return format!("{}: has not answered", state.gate);
    };
    let beyond = |measure: &&Measure| measure.bound.is_some_and(|it| !it.holds(measure.value));
    let bounded = |measure: &&Measure| measure.bound.is_some();
    let mut measures = state.measures.iter();
    let key = measures.clone().find(beyond).or_else(|| measures.find(bounded));
    let key = key.or_else(|| state.measures.first()).map_or_else(String::new, |key| {
        let bound = key.bound.map_or_else(String::new, |bound| format!(" ({bound})"));
        format!("; {} {}{bound}", key.what, key.value)
    });
    let proof = state.proof.map_or_else(String::new, |proof| format!("; {proof}"));
    format!("{}: {verdict}{proof}{key}", state.gate)
}

/// The counts and the weight in one line, for places without bars.
pub(crate) fn progress(progress: &Progress) -> String {
    if unseen(progress) {
        return format!("step {} of {}  the world is not seen", progress.step + 1, progress.steps);
    }
    let role = |name: &str, healthy: u32, target: u32| format!("{name} {healthy}/{target} healthy");
    let mut parts = vec![format!("step {} of {}", progress.step + 1, progress.steps)];
    if let Some(weight) = progress.weight {
        parts.push(format!("weight {weight}"));
    }
    parts.push(role("stable", progress.stable.healthy, progress.stable.target));
    parts.push(role("candidate", progress.candidate.healthy, progress.candidate.target));
    if let Some((baked, bake)) = baking(progress) {
        parts.push(format!("baked {} %", baked * 4 / bake * 25));
    }
    parts.join("  ")
}

/// Whether the counts and the weight are unknown, before the first look and while reads fail.
pub(crate) fn unseen(progress: &Progress) -> bool {
    let nothing = RoleProgress::default();
    let empty = progress.stable == nothing && progress.candidate == nothing;
    empty && progress.desired == 0 && progress.weight.is_none()
}

/// How much of the current bake has passed and how much it needs, in milliseconds; none outside one.
pub(crate) fn baking(progress: &Progress) -> Option<(u64, u64)> {
    let ahead = progress.direction == Direction::Forward && progress.stage != Stage::CleanUp;
    let bake = u64::try_from(progress.bake.as_millis()).ok().filter(|bake| ahead && *bake > 0)?;
    Some((u64::try_from(progress.baked.as_millis()).ok()?.min(bake), bake))
}
