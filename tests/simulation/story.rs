//! What happened last, for people.

use std::env;

use cutover::model::EventKind;

use crate::history::History;
use crate::history::Millis;
use crate::truth::Sample;

/// How many lines are told unless `CUTOVER_LINES` says otherwise.
const LINES: usize = 50;

fn truth(sample: &Sample) -> String {
    let role = |index: usize| {
        let role = &sample.roles[index];
        format!("{}/{}/{}", role.healthy, role.live, role.target)
    };
    let rules: Vec<String> =
        sample.rules().map(|rule| format!("{}({})", rule.control[1], rule.data[1])).collect();
    format!(
        "desired {}, stable {}, candidate {} (healthy/live/target), candidate's weight {}",
        sample.desired,
        role(0),
        role(1),
        rules.join(" ")
    )
}

/// The last events (but for progress), writes and changes of the truth, in order of time.
pub(crate) fn last(history: &History) -> Vec<String> {
    let mut lines: Vec<(Millis, String)> = Vec::new();
    for told in &history.told {
        if !matches!(told.event.kind, EventKind::Progress(_)) {
            let event = serde_json::to_string(&told.event.kind).unwrap();
            lines.push((told.at, format!("process {} tells {event}", told.process)));
        }
    }
    for write in &history.writes {
        let answered = write.answered.map(|(at, known)| format!("{known:?} at {at} ms"));
        let answered = answered.unwrap_or_else(|| "never answered".to_owned());
        let what = format!("process {} SENDS {:?}, {answered}", write.process, write.intent);
        lines.push((write.sent, what));
    }
    for sample in &history.samples {
        lines.push((sample.at, format!("TRUTH {}", truth(sample))));
    }
    for crash in &history.crashes {
        lines.push((*crash, "CRASH".to_owned()));
    }
    lines.sort_by_key(|(at, _)| *at);
    let told = env::var("CUTOVER_LINES").ok().and_then(|told| told.parse().ok());
    let skipped = lines.len().saturating_sub(told.unwrap_or(LINES));
    lines[skipped..].iter().map(|(at, line)| format!("{at:>8} ms  {line}")).collect()
}
