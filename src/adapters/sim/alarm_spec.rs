//! Alarms as a scenario describes them.

use std::time::Duration;

use super::cloudwatch::AlarmDocument;
use crate::model::AlarmName;
use crate::ports::AlarmState;

/// One of the service's two target groups, by colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Colour {
    /// The group that serves when the simulation begins.
    Blue,
    /// The other one.
    Green,
}

impl Colour {
    /// The group's index in [`State::groups`](super::State).
    pub const fn index(self) -> usize {
        match self {
            Self::Blue => 0,
            Self::Green => 1,
        }
    }
}

/// What a metric alarm watches. Every metric has one datum per minute, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// `RequestCount` of a target group; no datum without requests.
    Requests(Colour),
    /// `HTTPCode_Target_5XX_Count` of a target group; no datum where there was none.
    Errors(Colour),
    /// Metric math: 5xx in per mille of a target group's requests; no datum without requests.
    ErrorPermille(Colour),
    /// `TargetResponseTime` p99 of a target group in milliseconds; no datum without requests.
    LatencyMs(Colour),
    /// `HTTPCode_ELB_5XX_Count`: requests for which there was no target; no datum where there was none.
    Unserved,
}

impl Metric {
    /// Whose metric it is; none for the load balancer's.
    pub const fn colour(self) -> Option<Colour> {
        match self {
            Self::Requests(colour)
            | Self::Errors(colour)
            | Self::ErrorPermille(colour)
            | Self::LatencyMs(colour) => Some(colour),
            Self::Unserved => None,
        }
    }
}

/// `TreatMissingData`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "CloudWatch has four")]
pub enum MissingData {
    /// Counts as beyond the threshold.
    Breaching,
    /// Counts as good.
    NotBreaching,
    /// Leaves the state as it is.
    Ignore,
    /// `INSUFFICIENT_DATA` where there is no datum at all.
    Missing,
}

/// When an alarm fires.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlarmRule {
    /// A metric alarm: fires when `datapoints` of the last `periods` data are above the threshold.
    Metric {
        /// What it watches.
        metric: Metric,
        /// The length of a period in whole minutes.
        period_minutes: u32,
        /// `EvaluationPeriods`: N.
        periods: u32,
        /// `DatapointsToAlarm`: M.
        datapoints: u32,
        /// Fires above this (`GreaterThanThreshold`).
        threshold: u64,
        /// What a missing datum counts as.
        missing: MissingData,
    },
    /// A composite alarm: fires while any of these does.
    AnyOf(Vec<AlarmName>),
    /// A metric or composite alarm in CloudWatch's own words.
    Given(AlarmDocument),
}

/// One alarm of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AlarmSpec {
    /// Its name.
    pub name: AlarmName,
    /// When it fires.
    pub rule: AlarmRule,
    /// Its state when the simulation begins; CloudWatch's own for a new alarm is
    /// `INSUFFICIENT_DATA`.
    pub state: AlarmState,
    /// When its state last changed, before the simulation began. 1 h.
    pub quiet_for: Duration,
}

impl AlarmSpec {
    /// An alarm that is `OK` when the simulation begins.
    pub const fn new(name: AlarmName, rule: AlarmRule) -> Self {
        Self { name, rule, state: AlarmState::Ok, quiet_for: Duration::from_hours(1) }
    }

    /// Fires when more than `permille` of a group's requests failed in one minute; missing data are
    /// good.
    pub const fn errors(name: AlarmName, colour: Colour, permille: u64) -> Self {
        let rule = AlarmRule::Metric {
            metric: Metric::ErrorPermille(colour),
            period_minutes: 1,
            periods: 1,
            datapoints: 1,
            threshold: permille,
            missing: MissingData::NotBreaching,
        };
        Self::new(name, rule)
    }

    /// The same in another state.
    #[must_use]
    pub const fn in_state(mut self, state: AlarmState) -> Self {
        self.state = state;
        self
    }
}
