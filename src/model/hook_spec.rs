//! Hooks as data: the application's own code at a stage.

use std::fmt;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::id::DeploymentId;
use super::id::HookId;
use super::role::Direction;
use super::stage::Stage;
use super::time::as_millis;

/// A hook of a plan: which registered code runs at which stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "strategies and specs build it")]
pub struct HookSpec {
    /// The id under which the code is registered on the deployer.
    pub id: HookId,
    /// The stages at which it runs, going forward and going back.
    pub stages: Vec<Stage>,
    /// How long one run may take.
    #[serde(with = "as_millis")]
    pub timeout: Duration,
    /// What counts as its answer when it fails or does not answer in time.
    pub default: HookAction,
}

/// A hook's or an approval's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "ECS's two actions")]
pub enum HookAction {
    /// Go on.
    Continue,
    /// Roll back. Means `Continue` where the deployment rolls back already.
    Rollback,
}

impl fmt::Display for HookAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Continue => "continue",
            Self::Rollback => "roll back",
        })
    }
}

/// What identifies one run of a hook: a second run with the same key is a repeat, not a new one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HookKey {
    /// The deployment.
    pub deployment: DeploymentId,
    /// The hook.
    pub hook: HookId,
    /// Forward or back.
    pub direction: Direction,
    /// The step's index.
    pub step: usize,
    /// The stage.
    pub stage: Stage,
}

impl HookKey {
    /// The key of one run.
    pub const fn new(
        deployment: DeploymentId,
        hook: HookId,
        direction: Direction,
        step: usize,
        stage: Stage,
    ) -> Self {
        Self { deployment, hook, direction, step, stage }
    }
}

impl fmt::Display for HookKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}/{}",
            self.deployment, self.hook, self.direction, self.step, self.stage
        )
    }
}

/// What came of one run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HookResult {
    /// It answered.
    Answered(HookAction),
    /// It failed, panicked or did not answer in time; the spec's default counts.
    Failed(String),
}
