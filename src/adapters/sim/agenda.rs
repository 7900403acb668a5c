//! What will happen, in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::task::StopCause;
use super::task::TargetHealth;
use crate::model::Elapsed;

/// Something that happens in the world by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// ECS's scheduler looks at a task set.
    Reconcile { set: u32 },
    /// A task's life goes on, if its epoch still is this one.
    Task { task: u64, epoch: u32, change: TaskChange },
    /// The load balancer learns of a target's health, if the task's checks still are these.
    Check { task: u64, checks: u32, health: TargetHealth },
    /// ECS gives up on an unhealthy task, if its checks still are these.
    GiveUp { task: u64, checks: u32 },
    /// A target that was deregistered by hand has drained, if the task's checks still are these.
    Drained { task: u64, checks: u32 },
    /// The load balancer follows a rule.
    Propagate { rule: usize, version: u32 },
    /// The cookies from before a write expire.
    CookiesExpire { rule: usize, version: u32 },
    /// A metric period ends and alarms are evaluated.
    Minute,
    /// Someone else acts.
    Act { action: usize },
    /// A call takes effect.
    Call { ticket: u64 },
}

/// How a task's life goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum TaskChange {
    /// It has its resources.
    Pending,
    /// Its containers run.
    Running,
    /// What runs in it stops working.
    Breaks,
    /// It works again.
    Recovers,
    /// It is gone.
    Stops(StopCause),
}

/// What will happen, in order of time and, within one moment, of planning.
#[derive(Debug, Clone, Default)]
pub(super) struct Agenda {
    planned: u64,
    events: BinaryHeap<Reverse<(Elapsed, u64, Event)>>,
}

impl Agenda {
    /// Plans an event.
    pub(super) fn plan(&mut self, at: Elapsed, event: Event) {
        self.planned += 1;
        self.events.push(Reverse((at, self.planned, event)));
    }

    /// When the next event is due.
    pub(super) fn next(&self) -> Option<Elapsed> {
        self.events.peek().map(|Reverse((at, _, _))| *at)
    }

    /// Takes the next event, if it is due by `limit`.
    pub(super) fn pop(&mut self, limit: Elapsed) -> Option<(Elapsed, Event)> {
        if self.next()? > limit {
            return None;
        }
        self.events.pop().map(|Reverse((at, _, event))| (at, event))
    }
}
