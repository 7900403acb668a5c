//! Waits of the processes, in the order of their ends.

use std::task::Waker;

use crate::model::Elapsed;

/// Names one wait.
pub(super) type TimerId = u64;

/// One wait.
#[derive(Debug)]
struct Waiting {
    id: TimerId,
    at: Elapsed,
    waker: Waker,
}

/// Waits of the processes, in the order of their ends. There is a handful at most.
#[derive(Debug, Default)]
pub(super) struct Timers {
    next: TimerId,
    /// By rising name.
    waiting: Vec<Waiting>,
}

impl Timers {
    /// Where this wait is among those that go on.
    fn place(&self, id: TimerId) -> Option<usize> {
        self.waiting.binary_search_by_key(&id, |wait| wait.id).ok()
    }

    /// Where the one is that ends first.
    fn first(&self) -> Option<(Elapsed, usize)> {
        let ends = self.waiting.iter().enumerate().map(|(place, wait)| (wait.at, place));
        ends.min()
    }

    /// Begins a wait until `at`.
    pub(super) fn start(&mut self, at: Elapsed, waker: Waker) -> TimerId {
        self.next += 1;
        self.waiting.push(Waiting { id: self.next, at, waker });
        self.next
    }

    /// Changes who is woken.
    pub(super) fn update(&mut self, id: TimerId, waker: &Waker) {
        let place = self.place(id);
        if let Some(wait) = place.and_then(|place| self.waiting.get_mut(place)) {
            wait.waker.clone_from(waker);
        }
    }

    /// Forgets a wait.
    pub(super) fn cancel(&mut self, id: TimerId) {
        if let Some(place) = self.place(id) {
            self.waiting.remove(place);
        }
    }

    /// When the first wait ends.
    pub(super) fn next(&self) -> Option<Elapsed> {
        self.first().map(|(at, _)| at)
    }

    /// Wakes everyone whose wait has ended.
    pub(super) fn fire(&mut self, now: Elapsed) {
        while let Some((_, place)) = self.first().filter(|(at, _)| *at <= now) {
            self.waiting.remove(place).waker.wake();
        }
    }
}
