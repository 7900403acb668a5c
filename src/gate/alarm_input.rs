//! What is read of alarms for one answer.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::metrics::Traffic;
use crate::model::AlarmName;
use crate::ports::AlarmReading;
use crate::ports::AlarmTransition;

/// What is read for one answer.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Input {
    /// The alarms, or why they cannot be read.
    pub(super) alarms: Result<Vec<AlarmReading>, String>,
    /// What became of those that have changed since they were last known, or why that cannot be read.
    pub(super) histories: BTreeMap<AlarmName, Result<Vec<AlarmTransition>, String>>,
    /// Stable's and the candidate's target group, by the value of their dimension.
    #[serde(default)]
    pub(super) groups: [Option<String>; 2],
    /// The candidate's requests, where an alarm has no data and that may be good news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) traffic: Option<Traffic>,
}

impl Input {
    /// Whether an alarm watches stable's target group and not the candidate's.
    pub(super) fn is_of_stable(&self, reading: &AlarmReading) -> bool {
        let [stable, candidate] = &self.groups;
        // where there is no group of its own, the candidate is in stable's
        candidate.is_some() && watches(reading, stable) && !watches(reading, candidate)
    }

    /// The alarms of this name, if they could be read.
    pub(super) fn reading(&self, name: &AlarmName) -> Option<&AlarmReading> {
        self.alarms.iter().flatten().find(|reading| reading.name == *name)
    }

    /// Whether the alarm of this name is of stable's target group alone.
    pub(super) fn is_only_observed(&self, name: &AlarmName) -> bool {
        self.reading(name).is_some_and(|reading| self.is_of_stable(reading))
    }

    /// Why missing data of an alarm are no good news; none where they are.
    pub(super) fn doubt(&self, reading: &AlarmReading) -> Option<String> {
        let [_, candidate] = &self.groups;
        if !reading.target_groups.is_empty() && !watches(reading, candidate) {
            return Some("it does not watch the candidate's target group".to_owned());
        }
        match &self.traffic {
            Some(traffic) => traffic.proves(&reading.balancers).err(),
            None => Some("it watches more than a load balancer".to_owned()),
        }
    }
}

fn watches(reading: &AlarmReading, group: &Option<String>) -> bool {
    group.as_ref().is_some_and(|group| reading.target_groups.contains(group))
}
