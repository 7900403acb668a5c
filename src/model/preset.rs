//! How careful a comparison is.

use serde::Deserialize;
use serde::Serialize;

/// A ready choice of settings: what counts as worse, and how much one period may say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preset {
    /// Any worsening, by whatever evidence one period gives. Sees the least and the soonest; on bursty
    /// traffic it blames healthy revisions.
    Strict,
    /// Worse by a quarter, on evidence of at least three periods.
    #[default]
    Default,
    /// Worse by half, on evidence of at least five periods: for traffic whose errors come in bursts.
    Noisy,
}
