//! Which call meets which fault.

use std::collections::BTreeMap;
use std::time::Duration;

use super::call_kind::CallKind;
use super::fault::Fault;
use super::fault::FaultKind;
use super::fault::Faults;
use super::rng::Rng;
use crate::model::Elapsed;

/// Decides which call meets which fault, and counts.
#[derive(Debug)]
pub(super) struct Injector {
    faults: Faults,
    /// How many calls each scheduled fault has counted.
    seen: Vec<u32>,
    rng: Rng,
    label: String,
    counts: BTreeMap<(FaultKind, String), u64>,
}

impl Injector {
    pub(super) fn new(faults: Faults, rng: Rng) -> Self {
        let seen = vec![0; faults.scheduled.len()];
        Self { faults, seen, rng, label: String::new(), counts: BTreeMap::new() }
    }

    pub(super) fn set_label(&mut self, label: &str) {
        if self.label != label {
            label.clone_into(&mut self.label);
        }
    }

    pub(super) const fn counts(&self) -> &BTreeMap<(FaultKind, String), u64> {
        &self.counts
    }

    /// How far back stale reads may look; none where no read is ever stale.
    pub(super) fn reach(&self) -> Option<Duration> {
        let by_chance = self.faults.rates.rate(FaultKind::Stale) > 0;
        let chance = by_chance.then(|| self.stale_up_to());
        let planned = self.faults.scheduled.iter().filter_map(|scheduled| match scheduled.fault {
            Fault::Stale(by) => Some(by),
            _ => None,
        });
        chance.into_iter().chain(planned).max()
    }

    fn stale_up_to(&self) -> Duration {
        or_seconds(self.faults.rates.stale_up_to, 30)
    }

    /// What goes wrong with the call that is being sent now.
    pub(super) fn draw(&mut self, kind: CallKind, now: Elapsed) -> Option<Fault> {
        let fault = self.scheduled(kind).or_else(|| self.by_chance(kind, now))?;
        *self.counts.entry((fault.kind(), self.label.clone())).or_insert(0) += 1;
        Some(fault)
    }

    fn scheduled(&mut self, kind: CallKind) -> Option<Fault> {
        let mut found = None;
        for (scheduled, seen) in self.faults.scheduled.iter().zip(&mut self.seen) {
            if scheduled.call.matches(kind) {
                *seen += 1;
                if *seen == scheduled.nth && scheduled.fault.kind().applies(kind) {
                    found = found.or(Some(scheduled.fault));
                }
            }
        }
        found
    }

    fn by_chance(&mut self, kind: CallKind, now: Elapsed) -> Option<Fault> {
        if self.faults.stop_at.is_some_and(|at| now >= at) {
            return None;
        }
        let mut left = self.rng.below(1000);
        let hit = self.faults.rates.rates().filter(|(of, _)| of.applies(kind)).find(|(_, rate)| {
            let hit = left < u64::from(*rate);
            left = left.saturating_sub(u64::from(*rate));
            hit
        });
        let (late, stale) = (or_seconds(self.faults.rates.late_up_to, 60), self.stale_up_to());
        Some(match hit?.0 {
            FaultKind::Throttled => Fault::Throttled,
            FaultKind::ServerErrorApplied => Fault::ServerError { applied: true },
            FaultKind::ServerErrorNotApplied => Fault::ServerError { applied: false },
            FaultKind::NotSent => Fault::NotSent,
            FaultKind::TimeoutBefore => Fault::TimeoutBefore,
            FaultKind::TimeoutAfter => Fault::TimeoutAfter,
            FaultKind::LateEffect => {
                Fault::LateEffect(self.rng.span(Duration::from_millis(100), late))
            }
            FaultKind::Duplicate => Fault::Duplicate,
            FaultKind::Partial => Fault::Partial,
            FaultKind::Hang => Fault::Hang,
            FaultKind::Denied => Fault::Denied,
            FaultKind::Stale => Fault::Stale(self.rng.span(Duration::from_millis(100), stale)),
        })
    }
}

fn or_seconds(span: Duration, seconds: u64) -> Duration {
    if span.is_zero() { Duration::from_secs(seconds) } else { span }
}
