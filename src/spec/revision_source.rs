//! Where the revision to deploy comes from.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::Revision;

/// Where the revision to deploy comes from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RevisionSource {
    /// A task definition that is registered already.
    TaskDefinition(Revision),
    /// A file with a task definition as `aws ecs describe-task-definition` prints it, still to be
    /// registered. The path is as written; whoever reads the spec resolves it relative to the spec.
    File(String),
    /// The revision that serves now with other images, by container name; still to be registered.
    Images(BTreeMap<String, String>),
}
