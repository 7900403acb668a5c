//! Calls as a process makes them.

use super::cloud::Cloud;

/// Makes calls for one process.
#[derive(Debug, Clone)]
pub(super) struct Gateway {
    cloud: Cloud,
}

impl Gateway {
    pub(super) const fn new(cloud: Cloud) -> Self {
        Self { cloud }
    }
}
