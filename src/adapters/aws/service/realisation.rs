//! How a service keeps its two roles.

use crate::model::Baseline;

/// How a service keeps its two roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Realisation {
    /// Task sets of one service (`EXTERNAL`).
    TaskSets,
    /// Two services that take turns.
    Pair,
    /// One service that ECS updates in place.
    InPlace,
}

impl Realisation {
    /// As the baseline tells it.
    pub(crate) const fn of(baseline: &Baseline) -> Self {
        match (&baseline.candidate, baseline.two_roles) {
            (Some(_), _) => Self::Pair,
            (None, true) => Self::TaskSets,
            (None, false) => Self::InPlace,
        }
    }
}
