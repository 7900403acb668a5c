//! What an alarm without data is to a gate.

use serde::Deserialize;
use serde::Serialize;

/// What `INSUFFICIENT_DATA` of an alarm is to a gate.
///
/// Many metrics of a load balancer exist only where there is something to count (`HTTPCode_Target_5XX_Count`,
/// `TargetConnectionErrorCount` …): an alarm on one that takes missing data for `missing` has no data while
/// all is well.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InsufficientData {
    /// No answer.
    #[default]
    Inconclusive,
    /// Quiet, as long as request counts prove that data would come: every one of the last complete minutes
    /// has requests of the candidate. Meant for alarms on metrics of the candidate's target group, or of the
    /// load balancer in front of it; of any other alarm it is still no answer.
    OkWithTraffic,
}

impl InsufficientData {
    /// Whether it is no answer, whatever else is known.
    pub const fn is_inconclusive(&self) -> bool {
        matches!(self, Self::Inconclusive)
    }
}
