//! Waits of the processes, in the order of their ends.

use std::cmp::Reverse;
use std::collections::BTreeMap;
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
    waiting: BTreeMap<TimerId, Waker>,
}

impl Timers {
    /// Begins a wait until `at`.
    pub(super) fn start(&mut self, at: Elapsed, waker: Waker) -> TimerId {
        self.next += 1;
        self.due.push(Reverse((at, self.next)));
        self.waiting.insert(self.next, waker);
        self.next
    }

    /// Changes who is woken.
    pub(super) fn update(&mut self, id: TimerId, waker: &Waker) {
        if let Some(old) = self.waiting.get_mut(&id) {
            old.clone_from(waker);
        }
    }

    /// Forgets a wait.
    pub(super) fn cancel(&mut self, id: TimerId) {
        self.waiting.remove(&id);
    }

    /// When the first wait ends.
    pub(super) fn next(&mut self) -> Option<Elapsed> {
        while let Some(Reverse((at, id))) = self.due.peek() {
            if self.waiting.contains_key(id) {
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
                && let Some(waker) = self.waiting.remove(&id)
            {
                waker.wake();
            }
        }
    }
}
