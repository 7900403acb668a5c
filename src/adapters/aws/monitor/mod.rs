//! The port [`Monitor`](crate::ports::Monitor): alarms and metrics of `CloudWatch`.

mod alarm;
mod aws_monitor;
mod digest;
mod metrics;
mod sparse;

pub(super) use alarm::Alarm;
pub(super) use aws_monitor::{AwsMonitor, MOST_ALARMS};
