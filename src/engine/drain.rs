//! Whether the side that goes may be removed: traffic must not reach it any more (rule 4).

use std::time::Duration;

use crate::model::Command;
use crate::model::Direction;
use crate::model::Drain;
use crate::model::Elapsed;
use crate::model::EventKind;
use crate::model::Facts;
use crate::model::GroupMinute;
use crate::model::GroupRequests;
use crate::model::Header;
use crate::model::HoldReason;
use crate::model::Now;
use crate::model::Role;
use crate::model::Stage;
use crate::model::State;
use crate::model::Step;
use crate::model::Timestamp;

use super::counting::Counting;
use super::machine::Cycle;
use super::machine::Engine;
use super::output::Output;
use super::pace::next_poll;
use super::rules::counts_requests;
use super::rules::follows;
use super::rules::guard;

/// Complete minutes without a request that prove that none comes any more.
const QUIET: u32 = 2;

/// How long it takes at most until metrics have told what they can: by the minute that has begun, the quiet
/// ones, the time for which their data may be late, and two reads that failed.
const TELLING: Duration = Duration::from_mins(7);

/// AWS dates its answers to the second.
const SECOND: Duration = Duration::from_secs(1);

/// How often requests are counted: at most once in so many looks, and not less often than in so long.
const LOOKS: u32 = 6;
const OFTEN: Duration = Duration::from_mins(1);

/// The side that is removed, going this way.
pub(super) const fn leaves(direction: Direction) -> Role {
    match direction {
        Direction::Forward => Role::Stable,
        Direction::Rollback => Role::Candidate,
    }
}

/// How long it must have been asked in vain before time alone decides; zero where nothing counts requests.
pub(super) fn telling(header: &Header) -> Duration {
    if counts_requests(header) { TELLING } else { Duration::ZERO }
}

/// Whether the side that goes may be removed, as far as its traffic goes: its weight has been read back
/// as zero for as long as the load balancer takes to follow, and no request came since in whole minutes;
/// or, where that was asked in vain for long enough, the time has passed for which clients stick and
/// requests linger. Requests that were seen keep it until quiet minutes have followed.
pub(super) fn is_drained(header: &Header, facts: &Facts) -> bool {
    let away = facts.accrued.away;
    match &facts.drain {
        Drain::Quiet { .. } => away >= follows(header),
        Drain::Busy { .. } => false,
        Drain::Untold | Drain::Unknown { .. } => {
            away >= guard(header) && facts.accrued.asked >= telling(header)
        }
    }
}

/// Why the side that goes may not be removed yet, if so. Requests are no surprise while clients stick.
pub(super) fn undrained(header: &Header, facts: &Facts) -> Option<HoldReason> {
    let is_late = facts.drain.is_busy() && facts.accrued.away >= guard(header);
    let reason = if is_late { HoldReason::Reached } else { HoldReason::Draining };
    (!is_drained(header, facts)).then_some(reason)
}

/// What is known after one more answer, where minutes count from `since` on. What is missing is nothing;
/// a minute of which nothing is known is neither busy nor quiet.
fn told(before: &Drain, since: Timestamp, answer: &GroupRequests) -> Drain {
    let known = match before {
        Drain::Busy { requests, minute } => Some((*minute, *requests)),
        Drain::Untold | Drain::Quiet { .. } | Drain::Unknown { .. } => None,
    };
    let counted = || answer.minutes.iter().filter(|minute| minute.begin >= since);
    let busy = counted().filter(|minute| minute.requests > 0);
    let busy = busy.map(|minute| (minute.begin, minute.requests)).max().max(known);
    let quiet = counted().filter(|minute| {
        let is_later = busy.is_none_or(|(last, _)| minute.begin > last);
        minute.told && minute.requests == 0 && is_later
    });
    let (minutes, last) = quiet.fold((0_u32, None), |(count, _), minute| (count + 1, Some(minute)));
    match (last, busy) {
        (Some(last), _) if minutes >= QUIET => Drain::Quiet { minutes, until: last.end() },
        (_, Some((minute, requests))) => Drain::Busy { requests, minute },
        _ if answer.closed >= enough(since) => {
            let why = "no other target group of the load balancer has data for the same minutes";
            Drain::Unknown { why: why.to_owned() }
        }
        _ => Drain::Untold,
    }
}

/// The end of the first minutes that can be quiet and enough.
fn enough(since: Timestamp) -> Timestamp {
    let minute = u64::try_from(GroupMinute::LENGTH.as_millis()).unwrap_or(u64::MAX);
    let first = since.as_millis().div_ceil(minute).saturating_mul(minute);
    Timestamp::from_millis(first).after(GroupMinute::LENGTH.saturating_mul(QUIET))
}

/// Whether the side that goes is to be removed now or next, so that what reaches it must be known.
pub(super) fn is_leaving(header: &Header, state: &State) -> bool {
    let rolls = matches!(header.plan.steps.get(state.step), Some(Step::Roll { .. }));
    state.direction == Direction::Rollback
        || state.committed
        || (rolls && state.stage == Stage::ScaleUp)
}

impl Engine {
    /// Since when this process has seen the side that goes without weight, without a gap.
    fn weightless_since(&self) -> Option<Elapsed> {
        let away = u64::try_from(self.facts.accrued.away.as_millis()).unwrap_or(u64::MAX);
        let last = self.last_away?.as_millis();
        Some(Elapsed::from_millis(last.saturating_sub(away)))
    }

    /// The weight is not zero, or was not seen to be: what was counted before says nothing any more.
    /// Requests that were seen are remembered.
    pub(super) fn forget_counts(&mut self) {
        self.counting = Counting { asked: self.counting.asked, ..Counting::default() };
        if !self.facts.drain.is_busy() {
            self.facts.drain = Drain::Untold;
        }
    }

    /// Asks how many requests still reach the side that goes, where that is to be known and metrics can
    /// tell. Before that, one answer says from when on minutes count.
    pub(super) fn count_requests(&mut self, now: Now) {
        let (header, state, facts) = (&self.record.header, &self.state, &self.facts);
        let role = leaves(state.direction);
        let is_there =
            facts.seen().and_then(|world| world.role(role)).is_some_and(|seen| !seen.draining);
        let follows = follows(header);
        let is_zero = self.last_away == Some(now.elapsed) && facts.accrued.away >= follows;
        let counting = &mut self.counting;
        let is_wanted = is_leaving(header, state) || counting.since.is_none();
        let is_due = counting.asked.is_none() && counting.due <= now.elapsed;
        if is_there && is_zero && is_wanted && is_due && counts_requests(header) {
            counting.asked = Some(now.elapsed);
            let known = counting.since.zip(counting.seen);
            self.out.push_back(Output::Execute(Command::Count { role, known }));
        }
    }

    /// Takes how many requests still reach the side that goes, and looks again at once where that is news.
    pub(super) fn counted(
        &mut self,
        now: Now,
        role: Role,
        requests: Result<GroupRequests, String>,
    ) {
        if role != leaves(self.state.direction) {
            return;
        }
        let Some(asked) = self.counting.asked.take() else { return };
        let follows = follows(&self.record.header);
        let zero = self.weightless_since();
        if zero.is_none_or(|zero| zero.after(follows) > asked) {
            return;
        }
        let before = &self.facts.drain;
        let poll = self.record.header.limits.poll;
        let pause = poll.saturating_mul(LOOKS).min(OFTEN).saturating_sub(poll);
        self.counting.due = next_poll(asked.after(pause), poll);
        let drain = match requests {
            // what was seen is not forgotten because the next read fails
            Err(_) if before.is_busy() => before.clone(),
            Err(why) => Drain::Unknown { why },
            Ok(answer) => {
                let since = *self.counting.since.get_or_insert_with(|| answer.at.after(SECOND));
                self.counting.seen = Some(answer.at);
                told(before, since, &answer)
            }
        };
        if drain == *before {
            return;
        }
        if drain.is_busy() && !before.is_busy() {
            // whoever takes over must know it: it is recorded with the next decision
            self.checkpointed = Elapsed::default();
        }
        self.facts.drain = drain.clone();
        self.tell(now, EventKind::Drain { role, requests: drain });
        if let Cycle::Idle(_) = self.cycle {
            self.cycle = Cycle::Idle(now.elapsed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u64) -> Timestamp {
        Timestamp::from_millis(minute * 60_000)
    }

    /// Minutes count from 10:30 on, so 11 is the first; each is its number, its requests, and whether a
    /// missing datum is nothing.
    fn after(before: &Drain, closed: u64, minutes: &[(u64, u64, bool)]) -> Drain {
        let minutes = minutes.iter().map(|(minute, requests, told)| GroupMinute {
            begin: at(*minute),
            requests: *requests,
            told: *told,
        });
        let (at, closed) = (at(closed).after(GroupRequests::SETTLE), at(closed));
        let answer = GroupRequests { at, closed, minutes: minutes.collect() };
        told(before, Timestamp::from_millis(10 * 60_000 + 30_000), &answer)
    }

    fn busy(minute: u64, requests: u64) -> Drain {
        Drain::Busy { requests, minute: at(minute) }
    }

    #[test]
    fn minutes_count_when_they_begin_after_the_weight_was_zero_for_long_enough() {
        let before = [(8, 0, true), (9, 0, true), (10, 7, true)];
        assert_eq!(after(&Drain::Untold, 11, &before), Drain::Untold);
        let one = [(10, 7, true), (11, 0, true)];
        assert_eq!(after(&Drain::Untold, 12, &one), Drain::Untold);
        let two = [(10, 7, true), (11, 0, true), (12, 0, true)];
        let quiet = Drain::Quiet { minutes: 2, until: at(13) };
        assert_eq!(after(&Drain::Untold, 13, &two), quiet);
    }

    #[test]
    fn after_a_request_two_quiet_minutes_are_needed_again() {
        let mut minutes = vec![(11, 0, true), (12, 0, true), (13, 5, true), (14, 0, true)];
        assert_eq!(after(&Drain::Untold, 15, &minutes), busy(13, 5));
        // of which nothing is known counts neither way
        minutes.push((15, 0, false));
        assert_eq!(after(&Drain::Untold, 16, &minutes), busy(13, 5));
        minutes.push((16, 0, true));
        let quiet = Drain::Quiet { minutes: 2, until: at(17) };
        assert_eq!(after(&Drain::Untold, 17, &minutes), quiet);
        minutes.push((17, 1, true));
        assert_eq!(after(&quiet, 18, &minutes), busy(17, 1));
    }

    #[test]
    fn requests_that_were_seen_count_although_the_answer_does_not_show_them() {
        let minutes = [(11, 0, true), (12, 0, true), (14, 0, true)];
        assert_eq!(after(&busy(13, 2), 15, &minutes), busy(13, 2));
        let minutes = [(14, 0, true), (15, 0, true)];
        assert!(matches!(after(&busy(13, 2), 16, &minutes), Drain::Quiet { minutes: 2, .. }));
    }

    #[test]
    fn minutes_of_which_nothing_is_known_tell_nothing() {
        let minutes = [(11, 0, false), (12, 0, false)];
        assert_eq!(after(&Drain::Untold, 12, &minutes), Drain::Untold);
        assert!(matches!(after(&Drain::Untold, 13, &minutes), Drain::Unknown { .. }));
        assert!(matches!(after(&Drain::Untold, 13, &[]), Drain::Unknown { .. }));
    }
}
