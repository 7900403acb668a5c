//! A task that has not stopped, as far as it is counted.

use aws_sdk_ecs::types::Attachment;
use aws_sdk_ecs::types::Container;
use aws_sdk_ecs::types::HealthStatus;
use aws_sdk_ecs::types::NetworkBinding;
use aws_sdk_ecs::types::Task;

use super::target::Target;

/// A task that has not stopped, as far as it is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RunningTask {
    pub(crate) arn: String,
    /// The task set or deployment that started it.
    pub(crate) started_by: String,
    /// Its task definition's ARN.
    pub(crate) task_definition: String,
    /// `RUNNING`.
    pub(crate) running: bool,
    /// A container's own check fails.
    pub(crate) unhealthy: bool,
    /// Its own addresses (`awsvpc`).
    pub(crate) addresses: Vec<String>,
    /// The container instance that it shares an address with (`bridge`, `host`).
    pub(super) container_instance: Option<String>,
    /// That instance's id in EC2.
    pub(crate) instance: Option<String>,
    /// Its ports on that instance.
    pub(super) host_ports: Vec<i32>,
    /// Its Availability Zone.
    pub(super) zone: Option<String>,
}

impl RunningTask {
    /// The task as ECS describes it.
    pub(crate) fn of(task: &Task) -> Self {
        let interfaces = task.containers().iter().flat_map(|container| {
            let interfaces = container.network_interfaces().iter();
            interfaces.flat_map(|one| [one.private_ipv4_address(), one.ipv6_address()])
        });
        let details = task.attachments().iter().flat_map(Attachment::details);
        let attached = details
            .filter(|detail| matches!(detail.name(), Some("privateIPv4Address" | "ipv6Address")));
        let attached = attached.map(|detail| detail.value());
        let mut addresses: Vec<String> =
            interfaces.chain(attached).flatten().map(str::to_owned).collect();
        addresses.sort();
        addresses.dedup();
        let bindings = task.containers().iter().flat_map(Container::network_bindings);
        Self {
            arn: task.task_arn().unwrap_or_default().to_owned(),
            started_by: task.started_by().unwrap_or_default().to_owned(),
            task_definition: task.task_definition_arn().unwrap_or_default().to_owned(),
            running: task.last_status() == Some("RUNNING"),
            unhealthy: task.health_status() == Some(&HealthStatus::Unhealthy),
            addresses,
            container_instance: task.container_instance_arn().map(str::to_owned),
            instance: None,
            host_ports: bindings.filter_map(NetworkBinding::host_port).collect(),
            zone: task.availability_zone().map(str::to_owned),
        }
    }

    /// Whether this target is this task.
    pub(super) fn is(&self, target: &Target) -> bool {
        let on_host = || {
            self.instance.as_ref() == Some(&target.id)
                && target.port.is_some_and(|port| self.host_ports.contains(&port))
        };
        self.addresses.contains(&target.id) || on_host()
    }

    /// Whether it serves: a healthy target, or where there is no target group a task that runs and
    /// whose own check does not fail.
    pub(crate) fn serves(&self, targets: Option<&[Target]>) -> bool {
        self.running
            && match targets {
                Some(targets) => targets.iter().any(|target| target.healthy && self.is(target)),
                None => !self.unhealthy,
            }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::KeyValuePair;

    use super::*;

    fn target(id: &str, port: i32, healthy: bool) -> Target {
        Target { id: id.to_owned(), port: Some(port), healthy, trouble: None }
    }

    #[test]
    fn a_task_with_its_own_address_is_found_by_it() {
        let detail = KeyValuePair::builder().name("privateIPv4Address").value("10.0.0.7").build();
        let attachment = Attachment::builder().details(detail).build();
        let task = Task::builder().last_status("RUNNING").attachments(attachment).build();
        let task = RunningTask::of(&task);
        assert!(task.serves(Some(&[target("10.0.0.7", 80, true)])));
        assert!(!task.serves(Some(&[target("10.0.0.7", 80, false)])));
        assert!(!task.serves(Some(&[target("10.0.0.8", 80, true)])));
        assert!(
            !RunningTask { running: false, ..task }.serves(Some(&[target("10.0.0.7", 80, true)]))
        );
    }

    #[test]
    fn a_task_on_a_shared_address_is_found_by_instance_and_port() {
        let binding = NetworkBinding::builder().host_port(32_768).container_port(80).build();
        let container = Container::builder().network_bindings(binding).build();
        let task = Task::builder().last_status("RUNNING").containers(container).build();
        let mut task = RunningTask::of(&task);
        task.instance = Some("i-1".to_owned());
        assert!(task.serves(Some(&[target("i-1", 32_768, true)])));
        assert!(!task.serves(Some(&[target("i-1", 32_769, true)])));
        assert!(!task.serves(Some(&[target("i-2", 32_768, true)])));
    }

    #[test]
    fn without_a_target_group_a_running_task_serves_unless_its_own_check_fails() {
        let task = |status: &str, health: HealthStatus| {
            let task = Task::builder().last_status(status).health_status(health).build();
            RunningTask::of(&task).serves(None)
        };
        assert!(task("RUNNING", HealthStatus::from("UNKNOWN")));
        assert!(task("RUNNING", HealthStatus::Healthy));
        assert!(!task("RUNNING", HealthStatus::Unhealthy));
        assert!(!task("PENDING", HealthStatus::Healthy));
    }
}
