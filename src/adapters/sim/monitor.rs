//! Alarms as a [`Monitor`].

use async_trait::async_trait;

use super::gateway::Gateway;
use crate::model::AlarmName;
use crate::model::Timestamp;
use crate::ports::AlarmReading;
use crate::ports::AlarmTransition;
use crate::ports::CallError;
use crate::ports::Monitor;

/// Alarms as a [`Monitor`].
#[derive(Debug)]
pub(super) struct SimMonitor {
    gateway: Gateway,
}

impl SimMonitor {
    pub(super) const fn new(gateway: Gateway) -> Self {
        Self { gateway }
    }
}

#[async_trait]
impl Monitor for SimMonitor {
    async fn alarms(&self, _names: &[AlarmName]) -> Result<Vec<AlarmReading>, CallError> {
        todo!()
    }

    async fn history(
        &self,
        _name: &AlarmName,
        _since: Timestamp,
    ) -> Result<Vec<AlarmTransition>, CallError> {
        todo!()
    }
}
