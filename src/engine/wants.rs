//! The writes that a stage wants, at most one for each resource.

use crate::model::Intent;
use crate::model::Role;
use crate::model::Weight;

/// The writes that a stage wants, at most one for each resource.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wants {
    /// Production traffic.
    pub(super) weight: Option<Weight>,
    /// Stable's tasks.
    pub(super) stable: Option<Intent>,
    /// The candidate's tasks.
    pub(super) candidate: Option<Intent>,
    /// Test traffic.
    pub(super) test: Option<Role>,
    /// Autoscaling.
    pub(super) scaling: Option<Intent>,
    /// The service itself.
    pub(super) service: Option<Intent>,
}

impl Wants {
    /// The writes in the order in which they are sent: traffic first.
    pub(super) fn into_intents(self) -> impl Iterator<Item = Intent> {
        let traffic = self.weight.map(|weight| Intent::Shift { weight });
        let test = self.test.map(|role| Intent::RouteTest { role });
        let writes = [traffic, self.stable, self.candidate, test, self.scaling, self.service];
        writes.into_iter().flatten()
    }
}
