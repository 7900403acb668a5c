//! ECS's own record of a deployment of a service.

use std::cmp::Reverse;

use aws_sdk_ecs::types::ServiceDeploymentStatus;

use super::super::sdk::Operation;
use super::ecs::Ecs;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::TaskSetId;
use crate::ports::CallError;

/// How many of the newest are looked through.
const NEWEST: i32 = 20;

/// ECS's own record of a deployment of a service. It stays when the deployment is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceDeployment {
    /// The number of the service revision that it moves to; a deployment's id ends in it.
    pub(crate) number: String,
    /// What that service revision runs, where ECS still knows it.
    pub(crate) revision: Option<Revision>,
    /// How far it is.
    pub(crate) status: ServiceDeploymentStatus,
    /// What ECS says about it.
    pub(crate) reason: String,
}

impl ServiceDeployment {
    /// The newest ones of a service, newest first.
    pub(crate) async fn read(ecs: &Ecs, service: &ServiceId) -> Result<Vec<Self>, CallError> {
        let client = &ecs.clients.ecs;
        let send = || {
            let list = client.list_service_deployments().cluster(&service.cluster);
            list.service(&service.service).max_results(NEWEST).send()
        };
        let listed = ecs.calls.read(Operation::ListServiceDeployments, send).await?;
        let mut briefs = listed.service_deployments.unwrap_or_default();
        briefs.sort_by_key(|brief| Reverse(brief.created_at));
        let arns: Vec<String> =
            briefs.iter().filter_map(|brief| brief.service_deployment_arn.clone()).collect();
        if arns.is_empty() {
            return Ok(Vec::new());
        }
        let send = || {
            let describe = client.describe_service_deployments();
            describe.set_service_deployment_arns(Some(arns.clone())).send()
        };
        let described = ecs.calls.read(Operation::DescribeServiceDeployments, send).await?;
        let targets: Vec<String> =
            briefs.iter().filter_map(|brief| brief.target_service_revision_arn.clone()).collect();
        let send = || {
            let describe = client.describe_service_revisions();
            describe.set_service_revision_arns(Some(targets.clone())).send()
        };
        let revisions = ecs.calls.read(Operation::DescribeServiceRevisions, send).await?;
        let runs = |target: &str| {
            let all = revisions.service_revisions().iter();
            let found = all.into_iter().find(|one| one.service_revision_arn() == Some(target));
            let arn = found.and_then(|one| one.task_definition());
            arn.and_then(|arn| arn.parse().ok()).map(Revision::new)
        };
        let read = briefs.iter().filter_map(|brief| {
            let target = brief.target_service_revision_arn()?;
            let full = described
                .service_deployments()
                .iter()
                .find(|one| one.service_deployment_arn() == brief.service_deployment_arn());
            let rollback = full.and_then(|one| one.rollback()).and_then(|one| one.reason());
            let said = full.and_then(|one| one.status_reason()).or_else(|| brief.status_reason());
            Some(Self {
                number: target.rsplit('/').next().unwrap_or_default().to_owned(),
                revision: runs(target),
                status: full.and_then(|one| one.status()).or_else(|| brief.status())?.clone(),
                reason: rollback.or(said).unwrap_or_default().to_owned(),
            })
        });
        Ok(read.collect())
    }

    /// Whether ECS went, or is going, back by itself.
    pub(crate) const fn went_back(&self) -> bool {
        matches!(
            self.status,
            ServiceDeploymentStatus::RollbackRequested
                | ServiceDeploymentStatus::RollbackInProgress
                | ServiceDeploymentStatus::RollbackSuccessful
                | ServiceDeploymentStatus::RollbackFailed
        )
    }

    /// The record of a deployment: by its number, or the newest to its revision.
    pub(crate) fn find<'a>(
        history: &'a [Self],
        id: Option<&TaskSetId>,
        revision: &Revision,
    ) -> Option<&'a Self> {
        let number = id.and_then(|id| id.as_str().rsplit('/').next());
        let by_number = history.iter().find(|one| Some(one.number.as_str()) == number);
        by_number.or_else(|| history.iter().find(|one| one.revision.as_ref() == Some(revision)))
    }
}
