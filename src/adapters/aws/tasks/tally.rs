//! The tasks and targets of a service at one look.

use std::collections::BTreeMap;

use super::running::RunningTask;
use super::stopped::StoppedTask;
use super::target::Target;

/// The tasks and targets of a service at one look.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    /// Tasks that have not stopped.
    pub(crate) running: Vec<RunningTask>,
    /// Tasks that failed, by ARN: every one that was seen.
    pub(crate) failed: BTreeMap<String, StoppedTask>,
    /// Targets by group.
    pub(crate) targets: BTreeMap<String, Vec<Target>>,
}
