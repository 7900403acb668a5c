//! What other people and programs do while a deployment runs.

use std::time::Duration;

use super::alarm_spec::AlarmRule;
use super::behaviour::Behaviour;
use crate::model::AlarmName;
use crate::model::Revision;
use crate::ports::AlarmState;

/// What someone or something else does. Rules are numbered from 0 in the order of their making;
/// the test rule comes last.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Action {
    /// Autoscaling, or a colleague, sets the service's desired count.
    SetDesired(u32),
    /// A colleague or `terraform apply` rewrites a rule.
    EditWeights {
        /// Which rule.
        rule: usize,
        /// Raw weight of the blue group.
        blue: u16,
        /// Raw weight of the green group.
        green: u16,
    },
    /// Someone adds a third target group to a rule, with this raw weight.
    AddForeignGroup {
        /// Which rule.
        rule: usize,
        /// Its raw weight.
        weight: u16,
    },
    /// Someone deletes a rule.
    DeleteRule {
        /// Which rule.
        rule: usize,
    },
    /// Another tool creates a task set at full scale.
    CreateForeignTaskSet {
        /// What it runs.
        revision: Revision,
    },
    /// Someone makes the newest foreign task set primary.
    SetForeignPrimary,
    /// Someone deletes every task set that runs this revision, by force.
    DeleteTaskSets {
        /// What they run.
        revision: Revision,
    },
    /// Someone deletes the service.
    DeleteService,
    /// The platform takes running tasks of a revision away (`SpotInterruption`).
    KillTasks {
        /// What they run.
        revision: Revision,
        /// How many.
        count: u32,
    },
    /// No task can be placed for so long.
    NoCapacity {
        /// How long.
        lasts: Duration,
    },
    /// `SetAlarmState`: a metric alarm returns to its true state at its next evaluation.
    SetAlarm {
        /// Which alarm.
        name: AlarmName,
        /// The state to set.
        state: AlarmState,
    },
    /// Someone deletes an alarm.
    DeleteAlarm {
        /// Which alarm.
        name: AlarmName,
    },
    /// Someone edits an alarm.
    EditAlarm {
        /// Which alarm.
        name: AlarmName,
        /// When it fires from now on.
        rule: AlarmRule,
    },
    /// CloudWatch cannot evaluate an alarm for so long.
    AlarmEvaluationError {
        /// Which alarm.
        name: AlarmName,
        /// How long.
        lasts: Duration,
    },
    /// The wall clock of our processes jumps by so many milliseconds.
    WallClockJump {
        /// Milliseconds, negative for backwards.
        by_ms: i64,
    },
    /// A revision behaves differently from now on, in tasks that run already too.
    ChangeBehaviour {
        /// Which revision.
        revision: Revision,
        /// How.
        behaviour: Behaviour,
    },
}
