//! The tasks and targets of a service at one look.

use std::collections::BTreeMap;

use super::running_task::RunningTask;
use super::stopped_task::StoppedTask;
use super::target::Target;

/// The tasks and targets of a service at one look.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Tasks that have not stopped.
    pub(super) running: Vec<RunningTask>,
    /// Tasks that failed, by ARN: every one that was seen.
    pub(super) failed: BTreeMap<String, StoppedTask>,
    /// Targets by group.
    pub(super) targets: BTreeMap<String, Vec<Target>>,
}
