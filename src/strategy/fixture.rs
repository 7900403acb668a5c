//! Shapes for the tests of this floor.

use std::time::Duration;

use crate::model::Plan;
use crate::model::Revision;
use crate::model::Scheduling;
use crate::model::ServiceId;
use crate::model::ServiceShape;

/// `web:number`.
pub(super) fn revision(number: u32) -> Revision {
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}");
    Revision::new(arn.parse().unwrap())
}

/// A service that has all a strategy can ask for, on its way from `web:7` to `web:8`.
pub(super) fn shape(desired: u32) -> ServiceShape {
    ServiceShape {
        service: ServiceId::new("shop", "web").unwrap(),
        desired,
        stable: Some(revision(7)),
        stable_task_set: None,
        candidate: revision(8),
        two_roles: true,
        router: true,
        test_traffic: true,
        scheduling: Scheduling::Replica,
        propagation: Duration::ZERO,
    }
}

/// The plan's steps as text.
pub(super) fn words(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(ToString::to_string).collect()
}
