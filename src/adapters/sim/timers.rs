//! Waits of the processes, in the order of their ends.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::task::Waker;

use crate::model::Elapsed;

/// Names one wait.
pub(super) type TimerId = u64;

/// Waits of the processes, in the order of their ends.
#[derive(Debug, Default)]
pub(super) struct Timers {
    next: TimerId,
    due: BinaryHeap<Reverse<(Elapsed, TimerId)>>,
    /// By rising name.
    waiting: Vec<(TimerId, Waker)>,
}

impl Timers {
    /// Where this wait is among those that go on.
    fn place(&self, id: TimerId) -> Option<usize> {
        self.waiting.binary_search_by_key(&id, |(id, _)| *id).ok()
    }

    /// Begins a wait until `at`.
    pub(super) fn start(&mut self, at: Elapsed, waker: Waker) -> TimerId {
        self.next += 1;
        self.due.push(Reverse((at, self.next)));
        self.waiting.push((self.next, waker));
        self.next
    }

    /// Changes who is woken.
    pub(super) fn update(&mut self, id: TimerId, waker: &Waker) {
        let place = self.place(id);
        if let Some((_, old)) = place.and_then(|place| self.waiting.get_mut(place)) {
            old.clone_from(waker);
        }
    }

    /// Forgets a wait.
    pub(super) fn cancel(&mut self, id: TimerId) {
        if let Some(place) = self.place(id) {
            self.waiting.remove(place);
        }
    }

    /// When the first wait ends.
    pub(super) fn next(&mut self) -> Option<Elapsed> {
        while let Some(Reverse((at, id))) = self.due.peek() {
            if self.place(*id).is_some() {
                return Some(*at);
            }
            self.due.pop();
        }
        None
    }

    /// Wakes everyone whose wait has ended.
    pub(super) fn fire(&mut self, now: Elapsed) {
        while let Some(at) = self.next() {
            if at > now {
                break;
            }
            if let Some(Reverse((_, id))) = self.due.pop()
                && let Some(place) = self.place(id)
            {
                self.waiting.remove(place).1.wake();
            }
        }
    }
}
