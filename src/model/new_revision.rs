//! Where a revision to deploy comes from, with everything at hand.

use std::collections::BTreeMap;

use super::task_definition::TaskDefinition;

/// Where a revision to deploy comes from, with everything at hand.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NewRevision {
    /// One that is registered already: a full ARN, or `family:7`. Never a bare family, which would be
    /// another revision tomorrow.
    Registered(String),
    /// A task definition to be registered.
    Definition(TaskDefinition),
    /// The revision that serves now with other images, by container name.
    Images(BTreeMap<String, String>),
}
