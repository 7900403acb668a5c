//! What goes wrong, as plain data: with calls, with the store, by others, by crashes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::case::CandidateCase;
use crate::case::StateCase;

/// What goes wrong with calls.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct FaultsCase {
    /// Per mille, by the fault's name.
    pub rates: BTreeMap<FaultName, u16>,
    pub late_up_to: u32,
    pub stale_up_to: u32,
    pub scheduled: Vec<ScheduledCase>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum FaultName {
    Throttled,
    ServerErrorApplied,
    ServerErrorNotApplied,
    NotSent,
    TimeoutBefore,
    TimeoutAfter,
    LateEffect,
    Duplicate,
    Partial,
    Hang,
    Denied,
    Stale,
}

impl FaultName {
    pub(crate) const ALL: [Self; 12] = [
        Self::Throttled,
        Self::ServerErrorApplied,
        Self::ServerErrorNotApplied,
        Self::NotSent,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::LateEffect,
        Self::Duplicate,
        Self::Partial,
        Self::Hang,
        Self::Denied,
        Self::Stale,
    ];
}

/// A fault for one certain call.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScheduledCase {
    /// Whether reads are counted, or else writes.
    pub read: bool,
    /// Which of them, from 1.
    pub nth: u32,
    pub fault: FaultName,
    /// How late or how stale.
    pub seconds: u32,
}

/// What goes wrong with the store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct StoreCase {
    /// Per mille of appends whose answer is lost: applied, not applied, applied later.
    pub unknown: u16,
    /// Spans in which nothing answers but an error.
    pub down: Vec<(u32, u32)>,
    /// Spans in which every answer takes so long.
    pub slow: Vec<(u32, u32, u32)>,
    /// The answer to these appends (from 1) is lost.
    pub lost: Vec<(u32, LostCase)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LostCase {
    Applied,
    NotApplied,
    /// Applied so many seconds later.
    Later(u32),
}

/// What others do.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum ActionCase {
    SetDesired(u32),
    /// Rule, raw weights of blue and green.
    EditWeights(usize, u16, u16),
    /// Rule, raw weight.
    AddForeignGroup(usize, u16),
    DeleteRule(usize),
    CreateForeignTaskSet,
    SetForeignPrimary,
    DeleteCandidate,
    DeleteStable,
    DeleteService,
    /// How many.
    KillStable(u32),
    KillCandidate(u32),
    /// How long.
    NoCapacity(u32),
    SetAlarm(u32, StateCase),
    DeleteAlarm(u32),
    /// Raises an alarm's threshold so that it never fires.
    EditAlarm(u32),
    /// Which, how long.
    AlarmEvaluationError(u32, u32),
    WallClockJump(i64),
    /// From now on the candidate behaves so.
    Candidate(CandidateCase),
}

/// A crash of the process that drives, and who takes over.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CrashCase {
    pub at: CrashPoint,
    /// How long until another process takes over; none for never.
    pub back_after: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) enum CrashPoint {
    /// After so many polls of that process's tasks.
    Poll(u32),
    /// At this time.
    Second(u32),
    /// When so many writes were sent, while the last is on its way.
    Sent(u32),
    /// When so many writes took effect, before the last is answered.
    Done(u32),
}

/// What an operator may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Operation {
    Pause,
    Continue,
    Approve,
    Promote,
    Abort,
    Rollback,
}
