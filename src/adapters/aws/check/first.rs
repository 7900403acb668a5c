//! What may be missing for the first task set of a service.

use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::TaskDefinition;

use super::super::fleet;
use super::super::service::Controller;
use super::super::service::controller;
use super::definition::has_own_address;
use super::finding::Finding;
use crate::model::FirstTaskSet;
use crate::model::Topology;

/// Whether the next task set of a service will be its first one.
fn is_first(service: &Service) -> bool {
    service.task_sets().iter().all(|set| set.status() != Some("PRIMARY"))
        && matches!(controller(service), Ok(Controller::External))
}

/// What the first task set will get requests by, as far as it was said.
pub(super) fn balancer(service: &Service, topology: &Topology) -> Option<LoadBalancer> {
    let first = topology.first_task_set.as_ref().filter(|_| is_first(service));
    first.and_then(fleet::balancer)
}

/// What may be missing for the first task set of a service.
pub(super) fn first(
    service: &Service,
    topology: &Topology,
    definition: Option<&TaskDefinition>,
) -> Vec<Finding> {
    if !is_first(service) {
        return Vec::new();
    }
    let said = topology.first_task_set.as_ref();
    let mut found = Vec::new();
    let balanced = topology.target_groups.is_some() || !topology.rules.is_empty();
    if balanced && let Err(error) = fleet::told(service, said) {
        let fix = "name the container and its port";
        found.push(Finding::error("topology.first_task_set", error.message, fix));
    }
    let subnets = |first: &FirstTaskSet| !first.subnets.is_empty();
    let placed = service.network_configuration().is_some() || said.is_some_and(subnets);
    if definition.is_some_and(has_own_address) && !placed {
        let what = "tasks with addresses of their own (`awsvpc`) need subnets, and none are said";
        let fix = "give `topology.first_task_set.subnets`";
        found.push(Finding::error("topology.first_task_set", what, fix));
    }
    found
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::DeploymentController;
    use aws_sdk_ecs::types::DeploymentControllerType;
    use aws_sdk_ecs::types::NetworkMode;

    use super::super::super::fixtures::task_set;
    use super::*;

    fn service(sets: Vec<aws_sdk_ecs::types::TaskSet>) -> Service {
        let controller = DeploymentController::builder().r#type(DeploymentControllerType::External);
        let service = Service::builder().service_name("web").status("ACTIVE");
        let service = service.deployment_controller(controller.build().unwrap());
        service.set_task_sets(Some(sets)).build()
    }

    fn topology(said: FirstTaskSet) -> Topology {
        let group = |name: &str| {
            let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup";
            format!("{arn}/{name}/73e2d6bc24d8a067").parse().unwrap()
        };
        Topology {
            target_groups: Some([group("blue"), group("green")]),
            first_task_set: Some(said),
            ..Topology::default()
        }
    }

    #[test]
    fn what_is_missing_is_named_and_nothing_is_once_a_set_serves() {
        let awsvpc = TaskDefinition::builder().network_mode(NetworkMode::Awsvpc).build();
        let nothing = topology(FirstTaskSet::default());
        let found = first(&service(Vec::new()), &nothing, Some(&awsvpc));
        let words: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 2, "{words:?}");
        assert!(words[0].contains("`.port`") && words[1].contains("subnets`"), "{words:?}");
        let all = topology(FirstTaskSet {
            container: Some("app".to_owned()),
            port: Some(80),
            subnets: vec!["subnet-1".to_owned()],
            ..FirstTaskSet::default()
        });
        assert_eq!(first(&service(Vec::new()), &all, Some(&awsvpc)), []);
        assert_eq!(balancer(&service(Vec::new()), &all).unwrap().container_name(), Some("app"));
        let serving = service(vec![task_set("ecs-svc/1", "PRIMARY", 1, None)]);
        assert_eq!(first(&serving, &nothing, Some(&awsvpc)), []);
        assert_eq!(balancer(&serving, &all), None);
    }
}
