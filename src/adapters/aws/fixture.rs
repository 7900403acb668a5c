//! What the fleet's tests share.

use std::time::Duration;

use aws_sdk_ecs::types::TaskSet;

use crate::model::Baseline;
use crate::model::DeploymentId;
use crate::model::Revision;
use crate::model::Scheduling;
use crate::model::ServiceId;
use crate::model::Subject;

/// A task definition's ARN.
pub(super) fn definition(number: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}")
}

/// A revision.
pub(super) fn revision(number: u32) -> Revision {
    Revision::new(definition(number).parse().unwrap())
}

/// The service of all tests.
pub(super) fn service_id() -> ServiceId {
    ServiceId::new("prod", "web").unwrap()
}

/// A deployment from revision 1 to this one.
pub(super) fn subject(candidate: u32) -> Subject {
    Subject {
        deployment: DeploymentId::new("d-1").unwrap(),
        service: service_id(),
        candidate: revision(candidate),
        baseline: Baseline {
            desired: 4,
            scheduling: Scheduling::Replica,
            two_roles: false,
            stable: Some("ecs-svc/1".parse().unwrap()),
            candidate: None,
            stable_revision: Some(revision(1)),
            others: Vec::new(),
            stable_group: None,
            candidate_group: None,
            rules: Vec::new(),
            test_rule: None,
            stickiness: Duration::ZERO,
            deregistration_delay: Duration::ZERO,
            scaling: None,
        },
    }
}

/// A task set.
pub(super) fn task_set(id: &str, status: &str, number: u32, owner: Option<&str>) -> TaskSet {
    TaskSet::builder()
        .id(id)
        .status(status)
        .task_definition(definition(number))
        .set_external_id(owner.map(str::to_owned))
        .build()
}
