//! The two percentages of a roll.

use serde::Deserialize;

use crate::strategy::Rolling;

use super::whole::Whole;

/// ECS's two percentages, each with ECS's default.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RollPercentages {
    pub(super) minimum_healthy_percent: Option<Whole>,
    pub(super) maximum_percent: Option<Whole>,
}

impl RollPercentages {
    pub(super) fn over_defaults(&self) -> (u32, u32) {
        let defaults = Rolling::default();
        (
            self.minimum_healthy_percent.map_or(defaults.minimum_healthy_percent, |given| given.0),
            self.maximum_percent.map_or(defaults.maximum_percent, |given| given.0),
        )
    }
}
