//! What may be wrong with a revision.

use aws_sdk_ecs::types::Compatibility;
use aws_sdk_ecs::types::ContainerDefinition;
use aws_sdk_ecs::types::LaunchType;
use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::NetworkMode;
use aws_sdk_ecs::types::TaskDefinition;
use aws_sdk_ecs::types::TaskDefinitionStatus;

use super::finding::Finding;

fn place(definition: &TaskDefinition) -> String {
    let arn = definition.task_definition_arn().unwrap_or_default();
    format!("task definition {}", arn.rsplit('/').next().unwrap_or(arn))
}

fn is_active(definition: &TaskDefinition) -> bool {
    definition.status() == Some(&TaskDefinitionStatus::Active)
}

/// What may be wrong with the revision that a rollback goes back to.
pub(crate) fn stable(definition: &TaskDefinition) -> Option<Finding> {
    (!is_active(definition)).then(|| {
        let what = "it serves now and was deregistered, so nothing can go back to it";
        Finding::error(&place(definition), what, "register it again and deploy that first")
    })
}

/// What may be wrong with the revision to deploy: by itself, and with what it is to run behind.
pub(crate) fn candidate(
    definition: &TaskDefinition,
    balancers: &[LoadBalancer],
    launch_type: Option<&LaunchType>,
) -> Vec<Finding> {
    let place = place(definition);
    let mut found = Vec::new();
    if !is_active(definition) {
        let what = "it was deregistered, so no task of it can start";
        found.push(Finding::error(&place, what, "register it again"));
    }
    let fargate = launch_type == Some(&LaunchType::Fargate);
    let required = definition.requires_compatibilities();
    if fargate && !required.is_empty() && !required.contains(&Compatibility::Fargate) {
        let what = "the service runs on Fargate and the revision does not";
        found.push(Finding::error(&place, what, "add FARGATE to `requiresCompatibilities`"));
    }
    found.extend(balancers.iter().filter_map(|balancer| served(&place, definition, balancer)));
    for container in definition.container_definitions() {
        let image = container.image().unwrap_or_default();
        if !image.contains("@sha256:") {
            let what = format!("the image {image} is named by a tag, and a tag can move");
            let fix =
                "name it by its digest (`image@sha256:…`), or a rollback may run another image";
            found.push(Finding::warning(&place, what, fix));
        }
    }
    found
}

/// The container and port that the load balancer sends to.
fn served(place: &str, definition: &TaskDefinition, balancer: &LoadBalancer) -> Option<Finding> {
    let (name, port) = (balancer.container_name()?, balancer.container_port()?);
    let container = definition.container_definitions().iter().find(|it| it.name() == Some(name));
    let Some(container) = container else {
        let what = format!("it has no container `{name}`, to which the load balancer sends");
        let fix = "name the container so, or change the service's load balancer";
        return Some(Finding::error(place, what, fix));
    };
    (!listens(container, port)).then(|| {
        let what =
            format!("container `{name}` maps no port {port}, to which the load balancer sends");
        let fix = "add it to `portMappings`, or change the service's load balancer";
        Finding::error(place, what, fix)
    })
}

fn listens(container: &ContainerDefinition, port: i32) -> bool {
    container.port_mappings().iter().any(|mapping| {
        let range = mapping.container_port_range().and_then(|range| {
            let (first, last) = range.split_once('-')?;
            Some(first.parse::<i32>().ok()?..=last.parse::<i32>().ok()?)
        });
        mapping.container_port() == Some(port) || range.is_some_and(|range| range.contains(&port))
    })
}

/// Whether the targets of such a definition have addresses of their own.
pub(super) fn has_own_address(definition: &TaskDefinition) -> bool {
    definition.network_mode() == Some(&NetworkMode::Awsvpc)
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::PortMapping;
    use aws_sdk_ecs::types::builders::TaskDefinitionBuilder;

    use super::super::finding::Level;
    use super::*;

    fn definition(image: &str) -> TaskDefinitionBuilder {
        let app = ContainerDefinition::builder().name("app").image(image);
        let app = app.port_mappings(PortMapping::builder().container_port(8080).build());
        let ports = PortMapping::builder().container_port_range("9000-9010").build();
        TaskDefinition::builder()
            .task_definition_arn("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7")
            .status(TaskDefinitionStatus::Active)
            .container_definitions(app.port_mappings(ports).build())
    }

    fn behind(name: &str, port: i32) -> LoadBalancer {
        LoadBalancer::builder().container_name(name).container_port(port).build()
    }

    fn found(definition: TaskDefinitionBuilder, balancer: LoadBalancer) -> Vec<(Level, String)> {
        let fargate = Some(LaunchType::Fargate);
        let found = candidate(&definition.build(), &[balancer], fargate.as_ref());
        found.into_iter().map(|finding| (finding.level, finding.to_string())).collect()
    }

    const PINNED: &str = "app@sha256:0f1e";

    #[test]
    fn a_definition_that_fits_has_no_findings() {
        assert_eq!(found(definition(PINNED), behind("app", 8080)), []);
        assert_eq!(found(definition(PINNED), behind("app", 9005)), []);
        assert_eq!(stable(&definition(PINNED).build()), None);
    }

    #[test]
    fn a_definition_that_cannot_serve_is_an_error() {
        let inactive = definition(PINNED).status(TaskDefinitionStatus::Inactive);
        let ec2 = definition(PINNED).requires_compatibilities(Compatibility::Ec2);
        for (definition, balancer, words) in [
            (definition(PINNED), behind("web", 8080), "no container `web`"),
            (definition(PINNED), behind("app", 80), "maps no port 80"),
            (inactive, behind("app", 8080), "deregistered"),
            (ec2, behind("app", 8080), "Fargate"),
        ] {
            let found = found(definition, balancer);
            let [(Level::Error, text)] = found.as_slice() else { panic!("{found:?}") };
            assert!(text.contains(words), "{text}");
        }
        let gone = definition(PINNED).status(TaskDefinitionStatus::Inactive).build();
        assert_eq!(stable(&gone).unwrap().level, Level::Error);
    }

    #[test]
    fn a_tag_is_warned_of() {
        let found = found(definition("app:latest"), behind("app", 8080));
        let [(Level::Warning, text)] = found.as_slice() else { panic!("{found:?}") };
        assert!(text.contains("app:latest"), "{text}");
    }
}
