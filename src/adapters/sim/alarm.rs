//! Alarms as they are.

use std::sync::Arc;

use super::alarm_spec::AlarmRule;
use crate::model::AlarmName;
use crate::model::Elapsed;
use crate::model::Timestamp;
use crate::ports::AlarmState;
use crate::ports::AlarmTransition;

/// An alarm with its state and history.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Alarm {
    /// Its name.
    pub name: AlarmName,
    /// When it fires.
    pub rule: AlarmRule,
    /// Its state.
    pub state: AlarmState,
    /// When its state last changed.
    pub transitioned_at: Timestamp,
    /// Every change of its state, oldest first.
    pub history: Vec<AlarmTransition>,
    /// Until when CloudWatch cannot evaluate it.
    pub broken_until: Option<Elapsed>,
    /// A digest of its rule.
    pub configuration: u64,
    /// When its rule changed last.
    pub configured_at: Timestamp,
    /// When its state or the reason for it was set last.
    pub updated_at: Timestamp,
    /// The reason of every change in `history`.
    pub(super) reasons: Vec<Arc<str>>,
    /// A digest of what its children were when it was evaluated last, for a composite alarm.
    pub(super) heard: Option<u64>,
}

impl Alarm {
    /// Why it is in its state.
    pub(super) fn reason(&self) -> &str {
        self.reasons.last().map_or("Unchecked: Initial alarm creation", |reason| reason)
    }

    /// Changes its state, if that is a change.
    pub(super) fn set(&mut self, state: AlarmState, at: Timestamp, reason: &str) {
        if self.state != state {
            self.state = state;
            self.transitioned_at = at;
            self.updated_at = at;
            self.history.push(AlarmTransition { at, to: state });
            self.reasons.push(reason.into());
        }
    }
}
