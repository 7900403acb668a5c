//! Autoscaling as a port.

use std::fmt;

use async_trait::async_trait;

use super::call_error::CallError;
use super::call_error::WriteError;
use crate::model::ScalableTarget;
use crate::model::ServiceId;
use crate::model::Subject;
use crate::model::Topology;

/// Application Auto Scaling of a service's desired count.
///
/// # Contract
///
/// - A target that does not exist is absent; the order is the same at every read.
/// - `register` sets bounds and suspension of every target given, each in one call, so that a lower
///   minimum and the suspension come together.
/// - A write is one attempt. `Rejected` means surely not applied, to any target.
#[async_trait]
pub trait Autoscaler: fmt::Debug + Send + Sync {
    /// The scalable targets of a service, and of the other service of its pair.
    async fn targets(
        &self,
        service: &ServiceId,
        topology: &Topology,
    ) -> Result<Vec<ScalableTarget>, CallError>;

    /// The targets of the baseline as they are now.
    async fn observe(&self, subject: &Subject) -> Result<Vec<ScalableTarget>, CallError>;

    /// Sets these targets.
    async fn register(
        &self,
        subject: &Subject,
        targets: &[ScalableTarget],
    ) -> Result<(), WriteError>;
}
