//! What autoscaling may do to a deployment.

use super::finding::Finding;
use crate::model::ScalableTarget;
use crate::model::ScalingPolicy;
use crate::model::ServiceId;
use crate::model::Suspension;

/// What these scalable targets may do to a deployment that treats them so.
pub(crate) fn autoscaling(
    service: &ServiceId,
    targets: &[ScalableTarget],
    policy: Option<ScalingPolicy>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    for target in targets {
        let place = format!("scalable target service/{}/{}", service.cluster, target.service);
        if policy.is_none() {
            let what = format!("autoscaling moves the desired count ({target})");
            let fix = "set topology.autoscaling: `suspend`, `suspend_scale_in`, or `leave`";
            found.push(Finding::error(&place, what, fix));
        }
        if policy == Some(ScalingPolicy::Leave) && targets.len() > 1 && target.minimum > 0 {
            let what = format!(
                "autoscaling lifts the idle service of the pair to {} tasks, and goes on",
                target.minimum
            );
            let fix = "set topology.autoscaling to `suspend` or `suspend_scale_in`, which lower its \
                       minimum to zero for the time";
            found.push(Finding::warning(&place, what, fix));
        }
        if target.suspended != Suspension::default() {
            let what = format!("it is suspended already, at least in part ({target})");
            let fix = "nothing: it is left so at the end; resume it if somebody forgot it";
            found.push(Finding::info(&place, what, fix));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::finding::Level;
    use super::*;

    fn levels(targets: &[ScalableTarget], policy: Option<ScalingPolicy>) -> Vec<Level> {
        let service = ServiceId::new("prod", "web").unwrap();
        autoscaling(&service, targets, policy).iter().map(|finding| finding.level).collect()
    }

    fn target(service: &str, suspended: Suspension) -> ScalableTarget {
        ScalableTarget { service: service.to_owned(), minimum: 2, maximum: 8, suspended }
    }

    #[test]
    fn a_target_that_the_spec_does_not_speak_of_stops_the_deployment() {
        let web = [target("web", Suspension::default())];
        assert_eq!(levels(&web, None), [Level::Error]);
        assert_eq!(levels(&web, Some(ScalingPolicy::Leave)), []);
        assert_eq!(levels(&web, Some(ScalingPolicy::Suspend)), []);
        assert_eq!(levels(&[], None), []);
    }

    #[test]
    fn an_idle_service_that_is_lifted_and_what_somebody_suspended_are_told() {
        let two = [target("blue", Suspension::default()), target("green", Suspension::ALL)];
        let left = [Level::Warning, Level::Warning, Level::Info];
        assert_eq!(levels(&two, Some(ScalingPolicy::Leave)), left);
        assert_eq!(levels(&two, Some(ScalingPolicy::Suspend)), [Level::Info]);
    }
}
