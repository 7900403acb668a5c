//! Service deployments and service revisions of the `ECS` controller.

use super::names;
use super::settings::Settings;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ServiceId;

/// Where a service deployment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeploymentStatus {
    /// `IN_PROGRESS`.
    InProgress,
    /// `SUCCESSFUL`.
    Successful,
    /// `STOPPED`: superseded, or failed with nothing to go back to.
    Stopped,
    /// `ROLLBACK_IN_PROGRESS`.
    RollbackInProgress,
    /// `ROLLBACK_SUCCESSFUL`.
    RollbackSuccessful,
    /// `ROLLBACK_FAILED`.
    RollbackFailed,
}

impl DeploymentStatus {
    /// ECS's word.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InProgress => "IN_PROGRESS",
            Self::Successful => "SUCCESSFUL",
            Self::Stopped => "STOPPED",
            Self::RollbackInProgress => "ROLLBACK_IN_PROGRESS",
            Self::RollbackSuccessful => "ROLLBACK_SUCCESSFUL",
            Self::RollbackFailed => "ROLLBACK_FAILED",
        }
    }

    /// Whether it goes on.
    pub const fn is_running(self) -> bool {
        matches!(self, Self::InProgress | Self::RollbackInProgress)
    }
}

/// The way back of a service deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WayBack {
    /// The deployment that goes back, by its number.
    pub set: u32,
    /// The service revision that it goes back to.
    pub revision: u32,
    /// Why.
    pub reason: String,
    /// Since when.
    pub started_at: Elapsed,
}

/// One service deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceDeployment {
    /// The number of the deployment (`ecs-svc/…`) that it began with.
    pub set: u32,
    /// Where it is.
    pub status: DeploymentStatus,
    /// Why, in ECS's words.
    pub reason: String,
    /// Whether its own deployment is `FAILED`.
    pub failed: bool,
    /// The service revision that it goes to.
    pub target: u32,
    /// The service revisions that it comes from.
    pub sources: Vec<u32>,
    /// `deploymentConfiguration` when it began.
    pub configuration: Settings,
    /// Tasks that failed in a row when it ended.
    pub failures: u32,
    /// How many such tasks open the circuit breaker.
    pub threshold: u32,
    /// When it began.
    pub created_at: Elapsed,
    /// When it last changed.
    pub updated_at: Elapsed,
    /// When it ended.
    pub finished_at: Option<Elapsed>,
    /// Its way back, if it took one.
    pub way_back: Option<WayBack>,
}

impl ServiceDeployment {
    /// Its ARN.
    pub fn arn(&self, service: &ServiceId) -> String {
        let path = format!("{}/{}/{}", service.cluster, service.service, names::nano(self.set));
        names::ecs_arn("service-deployment", &path)
    }
}

/// What a service deployment goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceRevision {
    /// The number of the first deployment that carried it.
    pub number: u32,
    /// The task definition.
    pub revision: Revision,
    /// The service's settings of that time.
    pub settings: Settings,
    /// When it was made.
    pub created_at: Elapsed,
}

impl ServiceRevision {
    /// The ARN of a service's revision with this number.
    pub fn arn(service: &ServiceId, number: u32) -> String {
        let path = format!("{}/{}/{}", service.cluster, service.service, names::digits(number));
        names::ecs_arn("service-revision", &path)
    }
}

/// A service revision with its images, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceRevisionDescription {
    /// The service.
    pub service: ServiceId,
    /// The revision.
    pub revision: ServiceRevision,
    /// Its containers and their images.
    pub images: Vec<(String, String)>,
}

/// A service deployment with the counts of its revisions, as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceDeploymentDescription {
    /// The service.
    pub service: ServiceId,
    /// The deployment.
    pub deployment: ServiceDeployment,
    /// Service revisions with their requested, running and pending tasks.
    pub counts: Vec<(u32, [u32; 3])>,
}
