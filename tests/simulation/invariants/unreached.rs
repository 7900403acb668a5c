//! The part of rule 4 that metrics can say: no request reached what is drained.
//!
//! Truth is counted by the minute. A minute is visible two minutes after its end, to whoever could read
//! metrics then. Where they could not be read, or nobody had a request, time decides.

use cutover::model::Role;

use crate::history::History;
use crate::history::Millis;
use crate::history::Write;
use crate::truth::index;

const MINUTE: Millis = 60_000;
/// How late a minute's data may be.
const LATE: Millis = 2 * MINUTE;
/// How long after that whoever asks once a minute has read them.
const READ: Millis = MINUTE + 20_000;
/// Minutes without a request that prove that none comes.
const QUIET: usize = 2;

/// Whether this role, whose weight has been zero since then, may be drained by this write.
pub(super) fn unreached(
    history: &History,
    write: &Write,
    role: Role,
    since: Millis,
) -> Result<(), String> {
    let terms = &history.terms;
    let (process, sent) = (write.process, write.sent);
    let away = sent.saturating_sub(since);
    let of = |what: String| Err(format!("process {process} drains {role} at {sent} ms: {what}"));
    if away < terms.follows {
        return of(format!("{away} ms after its weight became 0, {} are needed", terms.follows));
    }
    let first = (since + terms.follows).div_ceil(MINUTE);
    let was_due = |minute: u64| (minute + 1) * MINUTE + LATE + READ <= sent;
    let minutes: Vec<(u64, u64, u64)> = (first..sent.saturating_sub(LATE) / MINUTE)
        .filter_map(|minute| {
            let [own, others] = [role, role.other()].map(|role| requests(history, minute, role));
            Some((minute, own?, others?))
        })
        .collect();
    // sums are whole, so one request more or less says nothing
    let mut busy = minutes.iter().rev().filter(|(minute, own, _)| *own > 1 && was_due(*minute));
    let busy = busy.next();
    let is_later = |minute: u64| busy.is_none_or(|(last, ..)| minute > *last);
    let quiet = minutes
        .iter()
        .filter(|(minute, own, others)| *own == 0 && *others > 0 && is_later(*minute));
    if quiet.count() >= QUIET {
        return Ok(());
    }
    if let Some((minute, own, _)) = busy {
        let seen = (minute + 1) * MINUTE + LATE;
        let was_read = history.counted.iter().any(|at| (seen..=sent).contains(at));
        let is_blind = history.uncounted.iter().any(|at| (seen..=sent).contains(at));
        if was_read || !is_blind {
            let second = minute * MINUTE / 1000;
            return of(format!("{own} requests reached it in the minute from {second} s"));
        }
    }
    let least = terms.drain.max(terms.follows + QUIET as Millis * MINUTE + LATE);
    if away < least {
        return of(format!(
            "{away} ms after its weight became 0 without two quiet minutes, {least} are needed"
        ));
    }
    Ok(())
}

/// Whole requests that a role's targets served in a minute; none before it is over.
fn requests(history: &History, minute: u64, role: Role) -> Option<u64> {
    let until = |minute: u64| history.served.get(usize::try_from(minute).ok()?);
    let before = minute.checked_sub(1).map_or(Some([0; 2]), |last| until(last).copied())?;
    Some(until(minute)?[index(role)] - before[index(role)])
}
