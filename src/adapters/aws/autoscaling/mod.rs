//! The port [`Autoscaler`](crate::ports::Autoscaler): Application Auto Scaling.

mod autoscaler;
#[cfg(test)]
mod tests;

pub(super) use autoscaler::AwsAutoscaler;
