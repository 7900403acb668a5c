//! Alarms as a [`Monitor`].

use async_trait::async_trait;

use super::answer::Answer;
use super::call::Call;
use super::gateway::Gateway;
use crate::model::AlarmName;
use crate::model::Timestamp;
use crate::ports::AlarmReading;
use crate::ports::AlarmTransition;
use crate::ports::CallError;
use crate::ports::ErrorClass;
use crate::ports::Monitor;

const HISTORY: &str = "cloudwatch:DescribeAlarmHistory";

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
    async fn alarms(&self, names: &[AlarmName]) -> Result<Vec<AlarmReading>, CallError> {
        let call = Call::DescribeAlarms { names: names.to_vec() };
        match self.gateway.call(call).await?.answer {
            Answer::Alarms(readings) => Ok(readings),
            _ => Err(Gateway::unexpected("cloudwatch:DescribeAlarms")),
        }
    }

    async fn history(
        &self,
        name: &AlarmName,
        since: Timestamp,
    ) -> Result<Vec<AlarmTransition>, CallError> {
        let call = Call::DescribeAlarmHistory { name: name.clone(), since };
        let reply = self.gateway.call(call).await?;
        match reply.answer {
            // a page that does not come makes the whole history unknown
            Answer::AlarmHistory(_) if reply.partial => {
                Err(CallError::new(HISTORY, ErrorClass::Ambiguous, "a page of it is missing"))
            }
            Answer::AlarmHistory(transitions) => Ok(transitions),
            _ => Err(Gateway::unexpected(HISTORY)),
        }
    }
}
