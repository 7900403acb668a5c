//! A cluster.

use super::names;
use super::settings::Settings;
use crate::model::Elapsed;

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Whether it was not deleted.
    pub active: bool,
    /// What its creator gave.
    pub settings: Settings,
    /// When it was created.
    pub created_at: Elapsed,
}

impl Cluster {
    /// Its ARN.
    pub fn arn(&self) -> String {
        names::ecs_arn("cluster", &self.name)
    }
}

/// A cluster with what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClusterDescription {
    /// The cluster.
    pub cluster: Cluster,
    /// Tasks that run.
    pub running: u32,
    /// Tasks that start.
    pub pending: u32,
    /// Services that are `ACTIVE`.
    pub services: u32,
    /// Its tags.
    pub tags: Vec<(String, String)>,
}
