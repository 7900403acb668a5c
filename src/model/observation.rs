//! One look at the world: facts, never decisions.
#![expect(clippy::exhaustive_structs, reason = "whoever implements a port builds these")]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use super::arn::ListenerRuleArn;
use super::failure_class::FailureClass;
use super::failure_class::exit_words;
use super::id::TaskSetId;
use super::role::Role;
use super::scaling::ScalableTarget;
use super::task_definition::Revision;
use super::weight::Weight;

/// Everything the engine may know about the world at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Tasks and their health.
    pub fleet: FleetObservation,
    /// Traffic; none without a load balancer.
    pub router: Option<RouterObservation>,
    /// The scalable targets; empty where autoscaling is left alone.
    pub scaling: Vec<ScalableTarget>,
}

impl Observation {
    /// One role's tasks, where it exists.
    pub const fn role(&self, role: Role) -> Option<&RoleObservation> {
        match role {
            Role::Stable => self.fleet.stable.as_ref(),
            Role::Candidate => self.fleet.candidate.as_ref(),
        }
    }

    /// One role's healthy targets; zero where it does not exist.
    pub fn healthy(&self, role: Role) -> u32 {
        self.role(role).map_or(0, |role| role.healthy)
    }

    /// The candidate's weight if every rule agrees on it and none holds anything foreign.
    pub fn weight(&self) -> Option<Weight> {
        self.router.as_ref().and_then(RouterObservation::weight)
    }
}

/// Whether the service can still be deployed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "ECS's three states; missing reads as gone")]
pub enum ServiceState {
    /// `ACTIVE`.
    Active,
    /// `DRAINING`.
    Draining,
    /// `INACTIVE` or not found.
    Gone,
}

/// Who is marked as the service's primary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "closed by definition")]
pub enum Primary {
    /// Nobody.
    None,
    /// One of the two roles.
    Role(Role),
    /// Something that is neither stable nor ours.
    Foreign,
}

/// The tasks of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetObservation {
    /// The service itself.
    pub service: ServiceState,
    /// Desired tasks now.
    pub desired: u32,
    /// Stable's tasks.
    pub stable: Option<RoleObservation>,
    /// The candidate's tasks.
    pub candidate: Option<RoleObservation>,
    /// Who is primary.
    pub primary: Primary,
    /// Task sets (or platform deployments) that are neither role nor in the baseline: someone else's.
    pub foreign: Vec<TaskSetId>,
    /// What the platform says about what was delegated to it; none if nothing was.
    pub delegated: Option<Delegated>,
}

impl FleetObservation {
    /// A service that is not there.
    pub const fn gone() -> Self {
        Self {
            service: ServiceState::Gone,
            desired: 0,
            stable: None,
            candidate: None,
            primary: Primary::None,
            foreign: Vec::new(),
            delegated: None,
        }
    }
}

/// One role's tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleObservation {
    /// What holds them.
    pub task_set: TaskSetId,
    /// What they run.
    pub revision: Revision,
    /// How many there should be (`computedDesiredCount`).
    pub target: u32,
    /// How many are starting.
    pub pending: u32,
    /// How many run.
    pub running: u32,
    /// How many are healthy in their target group; without a load balancer, how many run and pass
    /// their container's check.
    pub healthy: u32,
    /// Whether it is on its way out (`DRAINING`).
    pub draining: bool,
    /// Tasks that stopped without being asked to since the role was created.
    pub failed: u32,
    /// Why, most frequent first, at most eight kinds.
    pub failures: Vec<TaskFailure>,
    /// Healthy tasks in each Availability Zone that has one of its tasks, healthy or not; empty where
    /// zones are not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<Cow<'static, str>, u32>,
    /// Why targets are not healthy, most frequent first, at most four kinds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub troubles: Vec<TargetTrouble>,
}

/// One reason for which targets are unhealthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetTrouble {
    /// The load balancer's reason code, `Target.ResponseCodeMismatch`.
    pub reason: String,
    /// How many.
    pub count: u32,
}

/// One kind of failed task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskFailure {
    /// ECS's stop code, `EssentialContainerExited`.
    pub code: String,
    /// ECS's reason, shortened; never with environment values.
    pub reason: String,
    /// How many.
    pub count: u32,
    /// The exit code of the first container that ended with an error; none where none did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
}

impl TaskFailure {
    /// What kind of trouble it is.
    pub fn class(&self) -> FailureClass {
        FailureClass::of(&self.code, &self.reason, self.exit_code)
    }
}

impl fmt::Display for TaskFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.class())?;
        if let Some(code) = self.exit_code {
            write!(f, ", exit code {code}{}", exit_words(code))?;
        }
        write!(f, ": {}: {}", self.code, self.reason)
    }
}

/// What the platform says about a delegated deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegated {
    /// The revision that it moves to, or stands at.
    pub revision: Revision,
    /// How far it is.
    pub state: DelegatedState,
}

/// How far a delegated deployment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum DelegatedState {
    /// The platform is at work.
    InProgress,
    /// The revision runs at full count.
    Completed,
    /// The platform gave up and left things as they are.
    Failed {
        /// What it says.
        reason: String,
    },
    /// The platform went back to the old revision by itself.
    RolledBack {
        /// What it says.
        reason: String,
    },
}

/// Where traffic goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouterObservation {
    /// Every production rule.
    pub rules: Vec<RuleObservation>,
    /// Where test traffic goes, where there is a test rule.
    pub test: Option<Role>,
}

impl RouterObservation {
    /// The candidate's weight if every rule agrees on it and none holds anything foreign.
    pub fn weight(&self) -> Option<Weight> {
        let first = self.rules.first()?.candidate;
        self.rules.iter().all(|rule| !rule.foreign && rule.candidate == first).then_some(first)
    }

    /// The highest weight that any rule gives the candidate.
    pub fn highest(&self) -> Weight {
        self.rules.iter().map(|rule| rule.candidate).max().unwrap_or_default()
    }

    /// The lowest weight that any rule gives the candidate.
    pub fn lowest(&self) -> Weight {
        self.rules.iter().map(|rule| rule.candidate).min().unwrap_or_default()
    }
}

/// One production rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleObservation {
    /// Its ARN.
    pub rule: ListenerRuleArn,
    /// The candidate's share of what it forwards.
    pub candidate: Weight,
    /// Whether it is missing, forwards to a third group, or has lost one of ours.
    pub foreign: bool,
}
