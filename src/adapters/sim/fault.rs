//! What can go wrong with a call.

use std::time::Duration;

use super::call_kind::CallKind;
use crate::model::Elapsed;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// `ThrottlingException`; not applied.
    Throttled,
    /// A 5xx.
    ServerError {
        /// Whether the call took effect all the same.
        applied: bool,
    },
    /// The request never leaves.
    NotSent,
    /// No answer within the caller's timeout; not applied.
    TimeoutBefore,
    /// Applied, but the answer is lost.
    TimeoutAfter,
    /// No answer within the caller's timeout; takes effect so much later.
    LateEffect(Duration),
    /// Applied twice.
    Duplicate,
    /// A read lacks its last item; of several rules to write only the first is written.
    Partial,
    /// Never answers; not applied.
    Hang,
    /// `AccessDeniedException`; not applied.
    Denied,
    /// A read shows the world as it was so long ago. Writes are not affected.
    Stale(Duration),
}

/// A [`Fault`] without its particulars: what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the fault of the same name")]
#[non_exhaustive]
pub enum FaultKind {
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

impl FaultKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
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

    /// Whether it can happen to a call of this operation.
    pub const fn applies(self, to: CallKind) -> bool {
        match self {
            Self::Stale => !to.is_write(),
            Self::LateEffect | Self::Duplicate => to.is_write(),
            // rules are listed page by page to the end or not at all, never with holes
            Self::Partial => {
                matches!(to, CallKind::ModifyRule)
                    || !(to.is_write() || matches!(to, CallKind::DescribeRules))
            }
            _ => true,
        }
    }
}

impl Fault {
    /// Its kind.
    pub const fn kind(self) -> FaultKind {
        match self {
            Self::Throttled => FaultKind::Throttled,
            Self::ServerError { applied: true } => FaultKind::ServerErrorApplied,
            Self::ServerError { applied: false } => FaultKind::ServerErrorNotApplied,
            Self::NotSent => FaultKind::NotSent,
            Self::TimeoutBefore => FaultKind::TimeoutBefore,
            Self::TimeoutAfter => FaultKind::TimeoutAfter,
            Self::LateEffect(_) => FaultKind::LateEffect,
            Self::Duplicate => FaultKind::Duplicate,
            Self::Partial => FaultKind::Partial,
            Self::Hang => FaultKind::Hang,
            Self::Denied => FaultKind::Denied,
            Self::Stale(_) => FaultKind::Stale,
        }
    }
}

/// Which calls a scheduled fault is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallFilter {
    /// Every call.
    Any,
    /// Calls that change nothing.
    AnyRead,
    /// Calls that change something.
    AnyWrite,
    /// Calls of one operation.
    Only(CallKind),
}

impl CallFilter {
    /// Whether it is for calls of this operation.
    pub fn matches(self, kind: CallKind) -> bool {
        match self {
            Self::Any => true,
            Self::AnyRead => !kind.is_write(),
            Self::AnyWrite => kind.is_write(),
            Self::Only(only) => only == kind,
        }
    }
}

/// A fault for one certain call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "harnesses build it")]
pub struct ScheduledFault {
    /// Which calls are counted.
    pub call: CallFilter,
    /// Which of them meets the fault, from 1.
    pub nth: u32,
    /// The fault.
    pub fault: Fault,
}

/// How often each fault happens by chance, in per mille of all calls it can happen to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FaultRates {
    permille: [u16; FaultKind::ALL.len()],
    /// The latest that a [`Fault::LateEffect`] takes effect. 60 s where zero.
    pub late_up_to: Duration,
    /// The oldest that a [`Fault::Stale`] read is. 30 s where zero.
    pub stale_up_to: Duration,
}

impl FaultRates {
    /// No fault at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Every kind at this rate. Note that a caller without timeouts does not survive a hang.
    pub fn all(permille: u16) -> Self {
        Self { permille: [permille; FaultKind::ALL.len()], ..Self::default() }
    }

    /// The same with this rate for one kind; 0 turns it off.
    #[must_use]
    pub fn with(mut self, kind: FaultKind, permille: u16) -> Self {
        for (of, rate) in FaultKind::ALL.into_iter().zip(&mut self.permille) {
            if of == kind {
                *rate = permille;
            }
        }
        self
    }

    /// The rate of one kind in per mille.
    pub fn rate(&self, kind: FaultKind) -> u16 {
        self.rates().find(|(of, _)| *of == kind).map_or(0, |(_, rate)| rate)
    }

    /// Every kind with its rate.
    pub fn rates(&self) -> impl Iterator<Item = (FaultKind, u16)> + '_ {
        FaultKind::ALL.into_iter().zip(self.permille)
    }
}

/// Every fault of a scenario.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faults {
    /// Faults for certain calls.
    pub scheduled: Vec<ScheduledFault>,
    /// Faults by chance.
    pub rates: FaultRates,
    /// From when on no call fails by chance any more.
    pub stop_at: Option<Elapsed>,
}
