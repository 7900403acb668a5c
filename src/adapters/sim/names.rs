//! The names of what a simulated account holds.

use std::fmt::Debug;

use super::digest::digest;
use crate::model::ListenerRuleArn;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::TargetGroupArn;
use crate::model::TaskDefinitionArn;
use crate::model::TaskSetId;

const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";

#[expect(clippy::expect_used, reason = "the text is built in this file and always well-formed")]
fn valid<T, E: Debug>(parsed: Result<T, E>) -> T {
    parsed.expect("a simulated name is well-formed")
}

/// Revision `number` of the task definition family `web`; 0 counts as 1.
pub fn revision(number: u32) -> Revision {
    let number = number.max(1);
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:{number}");
    Revision::new(valid(arn.parse::<TaskDefinitionArn>()))
}

/// A target group of the simulated load balancer. The simulated service uses `blue` and `green`.
pub(super) fn target_group(name: &str) -> TargetGroupArn {
    valid(format!("{ELB}:targetgroup/{name}/73e2d6bc24d8a067").parse())
}

/// The ARN of something that belongs to Elastic Load Balancing, the `number`th that was made.
pub(super) fn elb_arn(resource: &str, number: u64) -> String {
    format!("{ELB}:{resource}/{:016x}", digest(&(resource, number)))
}

/// The ARN of the simulated load balancer.
pub(super) fn balancer() -> String {
    format!("{ELB}:loadbalancer/app/web/50dc6c495c0c9188")
}

/// The ARN of its listener.
pub(super) fn listener() -> String {
    format!("{ELB}:listener/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2")
}

/// Production rule `index` (from 0), or the test rule.
pub(super) fn rule(kind: &str, index: u32) -> ListenerRuleArn {
    let listener = "app/web/50dc6c495c0c9188/f2f7dc8efc522ab2";
    valid(format!("{ELB}:listener-rule/{listener}/{kind}{index}").parse())
}

/// A task set's id, as ECS makes them.
pub(super) fn task_set(number: u32) -> TaskSetId {
    valid(TaskSetId::new(format!("ecs-svc/{}", digits(number))))
}

/// The ARN of a task set of this service.
pub(super) fn task_set_arn(service: &ServiceId, id: &TaskSetId) -> String {
    let path = [&service.cluster, &service.service, id.as_str()].join("/");
    ecs_arn("task-set", &path)
}

/// The ARN of something of ECS.
pub(super) fn ecs_arn(kind: &str, path: &str) -> String {
    ["arn:aws:ecs:eu-west-1:123456789012:", kind, "/", path].concat()
}

/// Nineteen digits, as deployments, task sets and service revisions have them.
pub(super) fn digits(number: u32) -> String {
    format!("{:019}", 9_223_370_000_000_000_000 + u64::from(number))
}

/// Twenty-one letters and digits, as service deployments have them.
pub(super) fn nano(number: u32) -> String {
    format!("sd{}", digits(number))
}

/// Thirty-two hexadecimal digits, as tasks have them.
pub(super) fn hex(number: u64) -> String {
    let (high, low) =
        (number.wrapping_mul(0x9e37_79b9_7f4a_7c15), number.wrapping_mul(0xff51_afd7_ed55_8ccd));
    format!("{high:016x}{low:016x}")
}

/// The simulated service, unless a scenario names another.
pub(super) fn service() -> ServiceId {
    valid(ServiceId::new("prod", "web"))
}
