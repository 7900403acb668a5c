//! `CloudWatch` alarms as they are read.
#![expect(clippy::exhaustive_structs, reason = "whoever implements the port builds these")]

use serde::Deserialize;
use serde::Serialize;

use crate::model::AlarmName;
use crate::model::Timestamp;

/// `CloudWatch`'s three states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::exhaustive_enums, reason = "CloudWatch has three")]
pub enum AlarmState {
    /// `OK`.
    Ok,
    /// `ALARM`.
    Alarm,
    /// `INSUFFICIENT_DATA`.
    InsufficientData,
}

/// One alarm as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmReading {
    /// Its name.
    pub name: AlarmName,
    /// Its state.
    pub state: AlarmState,
    /// AWS's time of the last change of state.
    pub transitioned_at: Timestamp,
    /// `CloudWatch`'s own trouble with evaluating it (`EVALUATION_ERROR` …), if any: then the state is
    /// not to be believed.
    pub evaluation: Option<String>,
    /// A digest of what the alarm watches and when it fires; a change means someone edited it.
    pub configuration: u64,
    /// The target groups that it watches, by the value of their dimension; none where it watches
    /// something else, or other alarms.
    #[serde(default)]
    pub target_groups: Vec<String>,
    /// The Application Load Balancers that it watches, by the value of their dimension; none where it
    /// watches anything else besides, or other alarms.
    #[serde(default)]
    pub balancers: Vec<String>,
}

/// One change of state from an alarm's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmTransition {
    /// AWS's time of it.
    pub at: Timestamp,
    /// The state it changed to.
    pub to: AlarmState,
}
