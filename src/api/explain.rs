//! From a record to why each of its decisions was made.

use super::deployer::Deployer;
use super::deployment_status::DeploymentStatus;
use super::error::Error;
use super::explanation::Checked;
use super::explanation::Explanation;
use super::explanation::Transition;
use crate::engine::Moment;
use crate::engine::last_progress;
use crate::engine::outlook;
use crate::engine::replay;
use crate::engine::retrace;
use crate::gate::rejudge;
use crate::model::Decision;
use crate::model::DeploymentId;
use crate::model::Direction;
use crate::model::Entry;
use crate::model::Facts;
use crate::model::Header;
use crate::model::HolderId;
use crate::model::Record;
use crate::model::State;
use crate::model::Timestamp;
use crate::ports::StoredRequest;

impl Deployer {
    /// Why each transition of a deployment happened, why it waits now and what would change that,
    /// from its record alone: whoever drives it, and after its end too. Takes no lease. Every
    /// decision and every gate's answer is worked out again first; what does not agree is told.
    pub async fn explain(&self, deployment: &DeploymentId) -> Result<Explanation, Error> {
        let DeploymentStatus { holder, record, requests, .. } = self.status(deployment).await?;
        Ok(explain(record, holder, requests, self.ports.clock.wall()))
    }
}

/// Explains a record, as of now.
fn explain(
    record: Record,
    holder: Option<HolderId>,
    requests: Vec<StoredRequest>,
    now: Timestamp,
) -> Explanation {
    let checked = check(&record);
    let (moments, state) = retrace(&record);
    let progress = last_progress(&record);
    let nothing = Facts::default();
    let last = record.entries.last();
    let (facts, at) =
        last.map_or((&nothing, record.header.created), |last| (&last.facts, last.last));
    let outlook = outlook(&record.header, &state, facts, progress.waiting.as_ref(), at);
    let Record { header, entries, folded, .. } = record;
    let transitions = entries.into_iter().zip(moments).map(|(entry, moment)| {
        let what = headline(&header, &moment.state, &entry);
        let Moment { watching, because, .. } = moment;
        Transition { entry, what, because, watching }
    });
    let transitions = transitions.collect();
    Explanation {
        header,
        explained_at: now,
        holder,
        checked,
        folded,
        transitions,
        progress,
        outlook,
        requests,
    }
}

fn check(record: &Record) -> Checked {
    let mut checked = Checked { decisions: 0, verdicts: 0, divergences: Vec::new() };
    match replay(record) {
        Ok(agreed) => checked.decisions = agreed,
        Err(divergence) => {
            checked.decisions = divergence.index;
            checked.divergences.push(divergence.to_string());
        }
    }
    match rejudge(record) {
        Ok(agreed) => checked.verdicts = agreed,
        Err(misjudged) => checked.divergences.push(misjudged.to_string()),
    }
    checked
}

/// What was decided, in a line.
fn headline(header: &Header, state: &State, entry: &Entry) -> String {
    match &entry.decision {
        Decision::Hold { reason } => format!("holds: {reason}"),
        Decision::Enter { stage, .. } if state.direction == Direction::Rollback => {
            format!("rollback, {stage}")
        }
        Decision::Enter { step, stage } => {
            let text = header.plan.steps.get(*step).map(ToString::to_string).unwrap_or_default();
            let (nth, steps) = (step + 1, header.plan.steps.len());
            let first = header.plan.stages(*step).first() == Some(stage);
            let text = if first { format!(": {text}") } else { String::new() };
            format!("step {nth} of {steps}, {stage}{text}")
        }
        Decision::RunHook { hook } => format!("runs hook `{hook}` at {}", state.stage),
        Decision::HookDone { hook, action } => format!("takes hook `{hook}`'s answer: {action}"),
        Decision::Pause => "pauses".to_owned(),
        Decision::Continue => "continues".to_owned(),
        Decision::Approve => "is approved".to_owned(),
        Decision::Promote => "skips the bakes and approvals that are left".to_owned(),
        Decision::Rollback { cause } => format!("turns back: {cause}"),
        Decision::Commit => {
            "commits: from here only forward; the candidate is the new stable".to_owned()
        }
        Decision::End { ending } => format!("ends: {}", ending.status()),
    }
}
