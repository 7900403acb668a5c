//! How soon to look again: soon after a change and near an end that can be foreseen, seldom between.

use std::time::Duration;

use crate::model::DelegatedState;
use crate::model::Elapsed;
use crate::model::Limits;
use crate::model::Observation;
use crate::model::Role;

/// No two looks that wait for the world lie closer together, but where an end is foreseen.
const QUICK: Duration = Duration::from_secs(2);

/// No two looks lie closer together where an end is foreseen: with the time that a look takes, the end
/// is then noticed within two seconds.
const NEAR: Duration = Duration::from_millis(1250);

/// What the next look's time depends on.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// When something was last seen to change, or was changed.
    changed_at: Elapsed,
    /// When something was last changed by us.
    wrote_at: Elapsed,
    /// When the last look was.
    seen_at: Option<Elapsed>,
    /// The last look before tasks were on their way out.
    leaving_since: Option<Elapsed>,
    /// Whether the platform moves the tasks by itself: nothing is asked of us before it ends.
    delegated: bool,
}

impl Pace {
    /// A write was answered.
    pub(super) const fn wrote(&mut self, now: Elapsed) {
        self.changed_at = now;
        self.wrote_at = now;
    }

    /// The platform took over what was handed to it.
    pub(super) const fn delegated(&mut self) {
        self.delegated = true;
    }

    /// When a write was last answered.
    pub(super) const fn wrote_at(&self) -> Elapsed {
        self.wrote_at
    }

    /// Takes a look and the one before.
    pub(super) fn seen(&mut self, now: Elapsed, before: Option<&Observation>, world: &Observation) {
        if before != Some(world) {
            self.changed_at = now;
        }
        let roles = [Role::Stable, Role::Candidate].map(|role| world.role(role));
        let delegated = world.fleet.delegated.as_ref();
        let delegated = delegated.filter(|it| it.state == DelegatedState::InProgress);
        self.delegated = delegated.is_some();
        // the last of what it replaces is no longer counted, and still finishes its requests
        let is_last = delegated.is_some_and(|it| match roles {
            [None, Some(only)] | [Some(only), None] => only.revision == it.revision,
            _ => false,
        });
        let mut seen = roles.into_iter().flatten();
        let leaves = is_last || seen.any(|role| role.running > role.target || role.draining);
        let last = self.seen_at.replace(now).unwrap_or(now);
        // where more are asked to go, the last of them is gone last
        let target = |seen: &Observation, role| seen.role(role).map_or(0, |seen| seen.target);
        let more = before.is_some_and(|before| {
            let shrinks = |role| target(world, role) < target(before, role);
            [Role::Stable, Role::Candidate].into_iter().any(shrinks)
        });
        let since = self.leaving_since.filter(|_| !more);
        self.leaving_since = if leaves { since.or(Some(last)) } else { None };
    }

    /// When to look again while the world is to change. `delay` is how long a task that leaves goes
    /// on finishing its requests.
    pub(super) fn next(&self, now: Elapsed, limits: &Limits, delay: Duration) -> Elapsed {
        // It cannot end earlier than the delay after the last look that did not show it; what ends
        // right then is seen soon enough.
        let end = self.leaving_since.map(|since| since.after(delay).after(NEAR));
        let least = if end.is_some() { NEAR } else { QUICK };
        let wait = match end {
            Some(end) if end > now => end.since(now),
            Some(end) => now.since(end.max(self.changed_at)) / 2,
            None if self.delegated => limits.poll,
            None => now.since(self.changed_at) * 3 / 4,
        };
        now.after(wait.clamp(least.min(limits.poll), limits.poll))
    }
}

/// The next time at which a whole number of polls has passed: deployments of one process then look at
/// the same time and share their reads.
pub(super) fn next_poll(now: Elapsed, poll: Duration) -> Elapsed {
    let poll = u64::try_from(poll.as_millis()).unwrap_or(u64::MAX).max(1);
    let rounds = now.as_millis() / poll;
    Elapsed::from_millis(rounds.saturating_add(1).saturating_mul(poll))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DELAY: Duration = Duration::from_secs(30);

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    fn gap(pace: &Pace, now: u64) -> u64 {
        pace.next(at(now), &Limits::default(), DELAY).since(at(now)).as_millis().try_into().unwrap()
    }

    #[test]
    fn looks_are_close_after_a_change_and_never_farther_apart_than_the_poll() {
        let mut pace = Pace::default();
        pace.wrote(at(100));
        assert_eq!(
            [100, 102, 104, 108, 130].map(|now| gap(&pace, now)),
            [2000, 2000, 3000, 6000, 10_000]
        );
    }

    #[test]
    fn looks_close_in_on_the_end_of_the_deregistration_delay() {
        let leaving_since = Some(at(100));
        let pace = Pace { changed_at: at(100), leaving_since, ..Pace::default() };
        assert_eq!(
            [100, 110, 125, 132, 136].map(|now| gap(&pace, now)),
            [10_000, 10_000, 6250, 1250, 2375]
        );
    }

    #[test]
    fn what_the_platform_moves_by_itself_is_looked_at_seldom_until_tasks_leave() {
        let mut pace = Pace::default();
        pace.wrote(at(100));
        pace.delegated();
        assert_eq!([100, 110].map(|now| gap(&pace, now)), [10_000, 10_000]);
        pace.leaving_since = Some(at(110));
        assert_eq!([120, 130, 142].map(|now| gap(&pace, now)), [10_000, 10_000, 1250]);
    }

    #[test]
    fn deployments_that_only_watch_look_together() {
        let next = |now| next_poll(Elapsed::from_millis(now), Duration::from_secs(10)).as_millis();
        assert_eq!([0, 9_999, 10_000, 10_001].map(next), [10_000, 10_000, 20_000, 20_000]);
    }

    #[test]
    fn a_poll_that_is_quicker_than_quick_is_kept() {
        let limits = Limits { poll: Duration::from_millis(500), ..Limits::default() };
        let next = Pace::default().next(at(100), &limits, DELAY);
        assert_eq!(next.since(at(100)), limits.poll);
    }
}
