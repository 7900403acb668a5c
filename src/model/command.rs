//! What the engine asks for, and what is known of it afterwards.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::hook_spec::HookKey;
use super::id::CallToken;
use super::id::TaskSetId;
use super::role::Role;
use super::scaling::ScalableTarget;
use super::task_definition::Revision;
use super::time::Timestamp;
use super::weight::Weight;

/// An asked-for effect outside the engine. Each is answered by exactly one input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a driver must carry out every kind")]
pub enum Command {
    /// Look at the world. Answered by `Input::Observed`.
    Observe,
    /// Count the requests that reach the target group of a role that is to be removed, by the minute.
    /// Answered by `Input::Counted`.
    Count {
        /// The role.
        role: Role,
        /// From when on minutes are wanted, and when the last answer was given, by AWS's time; none
        /// before the first answer, of which only AWS's time is wanted.
        known: Option<(Timestamp, Timestamp)>,
    },
    /// Ask a gate. Answered by `Input::Evaluated` or `Input::GateMissing`.
    Evaluate {
        /// Its index among the plan's gates.
        gate: usize,
    },
    /// Run a hook. Answered by `Input::HookAnswered`.
    RunHook {
        /// Which run this is.
        key: HookKey,
    },
    /// Change the world: one attempt. Answered by `Input::CallDone`.
    Write {
        /// Numbers this process's writes.
        seq: u64,
        /// What to change.
        intent: Intent,
        /// The idempotency token, the same at every attempt.
        token: CallToken,
    },
}

/// A change to the world, in absolute values: doing it twice is doing it once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "a driver must carry out every kind")]
pub enum Intent {
    /// Create the candidate with this many tasks.
    Launch {
        /// How many.
        tasks: u32,
    },
    /// Set how many tasks a role should have.
    Scale {
        /// Whose.
        role: Role,
        /// How many.
        tasks: u32,
    },
    /// Give the candidate this share of production traffic in every rule.
    Shift {
        /// The candidate's weight.
        weight: Weight,
    },
    /// Send test traffic to this role.
    RouteTest {
        /// Where to.
        role: Role,
    },
    /// Mark the candidate as the service's primary.
    Promote,
    /// Remove a role with all its tasks.
    Retire {
        /// Whose.
        role: Role,
    },
    /// Set the bounds and the suspension of autoscaling.
    Autoscale {
        /// The scalable targets as they are to be.
        targets: Vec<ScalableTarget>,
    },
    /// Hand this revision to the platform's own rolling update.
    Delegate {
        /// What to deploy.
        revision: Revision,
        /// `minimumHealthyPercent`.
        minimum_healthy_percent: u32,
        /// `maximumPercent`.
        maximum_percent: u32,
    },
}

impl Intent {
    /// The one thing it changes.
    pub const fn resource(&self) -> Resource {
        match self {
            Self::Launch { .. } => Resource::Tasks(Role::Candidate),
            Self::Scale { role, .. } | Self::Retire { role } => Resource::Tasks(*role),
            Self::Shift { .. } => Resource::Rules,
            Self::RouteTest { .. } => Resource::TestRule,
            Self::Autoscale { .. } => Resource::Autoscaling,
            Self::Promote | Self::Delegate { .. } => Resource::Service,
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Launch { tasks } => write!(f, "create the candidate with {tasks} tasks"),
            Self::Scale { role, tasks } => write!(f, "scale {role} to {tasks} tasks"),
            Self::Shift { weight } => {
                write!(f, "give the candidate {weight} of production traffic")
            }
            Self::RouteTest { role } => write!(f, "send test traffic to {role}"),
            Self::Promote => f.write_str("make the candidate the service's primary"),
            Self::Retire { role } => write!(f, "remove {role}"),
            Self::Autoscale { targets } => {
                let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
                write!(f, "set autoscaling of {}", targets.join("; "))
            }
            Self::Delegate { revision, .. } => write!(f, "hand {revision} to ECS's rolling update"),
        }
    }
}

/// What one write changes. At most one un-settled write each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "closed by the intents")]
pub enum Resource {
    /// A role's tasks.
    Tasks(Role),
    /// The production rules.
    Rules,
    /// The test rule.
    TestRule,
    /// The scalable targets.
    Autoscaling,
    /// The service's own fields.
    Service,
}

impl Resource {
    /// Every resource.
    pub const ALL: [Self; 6] = [
        Self::Tasks(Role::Stable),
        Self::Tasks(Role::Candidate),
        Self::Rules,
        Self::TestRule,
        Self::Autoscaling,
        Self::Service,
    ];
}

/// Why a call failed, in words for the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "drivers build it")]
pub struct CallFailure {
    /// What is known, without secrets.
    pub message: String,
    /// Whether trying again later can help.
    pub lasting: bool,
}

/// What is known of a write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "three outcomes by definition")]
pub enum Outcome {
    /// It took effect.
    Applied,
    /// It took effect, and the platform calls what it now does so.
    Delegated(TaskSetId),
    /// It did not and will not take effect.
    Rejected(CallFailure),
    /// It may have taken effect, or may yet.
    Unknown(CallFailure),
}
