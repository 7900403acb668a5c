//! The port [`Monitor`](crate::ports::Monitor): alarms of `CloudWatch`.

mod alarm;
mod aws_monitor;
mod digest;

pub(super) use alarm::Alarm;
pub(super) use aws_monitor::AwsMonitor;
