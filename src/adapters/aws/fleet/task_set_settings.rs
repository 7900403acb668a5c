//! What a new task set takes over.

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::operation::create_task_set::builders::CreateTaskSetInputBuilder;
use aws_sdk_ecs::types::AssignPublicIp;
use aws_sdk_ecs::types::AwsVpcConfiguration;
use aws_sdk_ecs::types::CapacityProviderStrategyItem;
use aws_sdk_ecs::types::LaunchType;
use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::NetworkConfiguration;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::ServiceRegistry;
use aws_sdk_ecs::types::Tag;
use aws_sdk_ecs::types::TaskSet;

use super::super::sdk::Operation;
use crate::model;
use crate::model::FirstTaskSet;
use crate::model::Subject;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// The tag with the deployment that made a task set.
pub(crate) const DEPLOYMENT: &str = "cutover:deployment";

/// What a new task set takes over from the stable one, or at a first deployment from the service.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    network: Option<NetworkConfiguration>,
    launch_type: Option<LaunchType>,
    capacity: Vec<CapacityProviderStrategyItem>,
    platform: Option<String>,
    registries: Vec<ServiceRegistry>,
    balancer: Option<LoadBalancer>,
    /// Tags, as they were read.
    pub(crate) tags: Vec<Tag>,
}

impl Settings {
    /// The settings of the stable set.
    pub(super) fn of_set(set: &TaskSet) -> Self {
        Self {
            network: set.network_configuration.clone(),
            launch_type: set.launch_type.clone(),
            capacity: set.capacity_provider_strategy().to_vec(),
            platform: set.platform_version.clone(),
            registries: set.service_registries().to_vec(),
            balancer: set.load_balancers().first().cloned(),
            tags: Vec::new(),
        }
    }

    /// The settings of a service without a stable set, where it has any, and what was said of its
    /// first one.
    pub(super) fn of_service(service: &Service, first: Option<&FirstTaskSet>) -> Self {
        let mut settings = Self {
            network: service.network_configuration.clone(),
            launch_type: service.launch_type.clone(),
            capacity: service.capacity_provider_strategy().to_vec(),
            platform: service.platform_version.clone(),
            registries: service.service_registries().to_vec(),
            balancer: service.load_balancers().first().cloned(),
            tags: Vec::new(),
        };
        let Some(first) = first else { return settings };
        settings.network = network(first).or(settings.network);
        settings.balancer = balancer(first).or(settings.balancer);
        if let Some(launch_type) = first.launch_type {
            settings.launch_type = Some(launch_type_of(launch_type));
            settings.capacity.clear();
        }
        settings
    }

    /// The call that creates the candidate's task set, but for its scale and token.
    pub(crate) fn create(self, subject: &Subject) -> Result<CreateTaskSetInputBuilder, CallError> {
        let group = subject.baseline.candidate_group.as_ref();
        let balancer = group.map(|group| {
            let mut balancer = self.balancer.clone().ok_or_else(|| {
                untold("`topology.first_task_set.container` and `.port` are missing")
            })?;
            balancer.target_group_arn = Some(group.as_str().to_owned());
            // these belong to ECS's own strategies
            balancer.advanced_configuration = None;
            Ok(balancer)
        });
        let mut tags = self.tags;
        tags.retain(|tag| {
            let key = tag.key().unwrap_or_default();
            !key.starts_with("aws:") && key != DEPLOYMENT
        });
        let id = subject.deployment.as_str();
        if is_tag_value(id) {
            tags.push(Tag::builder().key(DEPLOYMENT).value(id).build());
        }
        // a set has one or the other
        let launch_type = self.launch_type.filter(|_| self.capacity.is_empty());
        let some = |empty: bool| (!empty).then_some(());
        let (capacity, registries) = (self.capacity, self.registries);
        Ok(CreateTaskSetInput::builder()
            .cluster(&subject.service.cluster)
            .service(&subject.service.service)
            .external_id(id)
            .task_definition(subject.candidate.task_definition().as_str())
            .set_network_configuration(self.network)
            .set_launch_type(launch_type)
            .set_capacity_provider_strategy(some(capacity.is_empty()).map(|()| capacity))
            .set_platform_version(self.platform)
            .set_service_registries(some(registries.is_empty()).map(|()| registries))
            .set_load_balancers(balancer.transpose()?.map(|balancer| vec![balancer]))
            .set_tags(some(tags.is_empty()).map(|()| tags)))
    }
}

fn network(first: &FirstTaskSet) -> Option<NetworkConfiguration> {
    if first.subnets.is_empty() {
        return None;
    }
    let groups = &first.security_groups;
    let public = if first.public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
    let vpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(first.subnets.clone()))
        .set_security_groups((!groups.is_empty()).then(|| groups.clone()))
        .assign_public_ip(public);
    Some(NetworkConfiguration::builder().awsvpc_configuration(vpc.build().ok()?).build())
}

/// Container and port, still without a target group.
pub(crate) fn balancer(first: &FirstTaskSet) -> Option<LoadBalancer> {
    let (container, port) = (first.container.as_ref()?, first.port?);
    Some(LoadBalancer::builder().container_name(container).container_port(port.into()).build())
}

fn launch_type_of(launch_type: model::LaunchType) -> LaunchType {
    match launch_type {
        model::LaunchType::Ec2 => LaunchType::Ec2,
        model::LaunchType::Fargate => LaunchType::Fargate,
        model::LaunchType::External => LaunchType::External,
    }
}

fn untold(what: &str) -> CallError {
    let why = format!(
        "{what}: the service has no task set yet that tells which container and port gets the \
         load balancer's requests; give both as the task definition names them"
    );
    CallError::new(Operation::CreateTaskSet.name(), ErrorClass::Invalid, why)
}

/// Refuses a first deployment behind a load balancer of which nothing says who gets its requests.
pub(crate) fn told(service: &Service, first: Option<&FirstTaskSet>) -> Result<(), CallError> {
    if !service.load_balancers().is_empty() {
        return Ok(());
    }
    let field = "`topology.first_task_set";
    match first.map(|first| (first.container.is_some(), first.port.is_some())) {
        Some((true, true)) => Ok(()),
        Some((false, true)) => Err(untold(&format!("{field}.container` is missing"))),
        Some((true, false)) => Err(untold(&format!("{field}.port` is missing"))),
        Some((false, false)) | None => {
            Err(untold(&format!("{field}.container` and `.port` are missing")))
        }
    }
}

/// Whether AWS takes this as a tag's value.
fn is_tag_value(text: &str) -> bool {
    text.len() <= 256 && text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
}

#[cfg(test)]
mod tests {
    use super::super::super::fixtures::subject;
    use super::super::super::fixtures::task_set;
    use super::*;

    fn balanced() -> TaskSet {
        let mut set = task_set("ecs-svc/1", "PRIMARY", 1, None);
        let blue = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/1";
        let balancer = LoadBalancer::builder().target_group_arn(blue);
        set.load_balancers =
            Some(vec![balancer.container_name("app").container_port(8080).build()]);
        set
    }

    fn green() -> Subject {
        let mut subject = subject(2);
        let green = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/2";
        subject.baseline.candidate_group = Some(green.parse().unwrap());
        subject
    }

    fn created(set: &TaskSet) -> CreateTaskSetInput {
        let mut settings = Settings::of_set(set);
        settings.tags = set.tags().to_vec();
        settings.create(&green()).unwrap().build().unwrap()
    }

    #[test]
    fn the_candidate_takes_over_container_and_port_with_its_own_group() {
        let input = created(&balanced());
        let balancer = &input.load_balancers()[0];
        assert!(balancer.target_group_arn().unwrap().contains("/green/"));
        assert_eq!(
            (balancer.container_name(), balancer.container_port()),
            (Some("app"), Some(8080))
        );
        assert_eq!(input.external_id(), Some(green().deployment.as_str()));
        assert!(input.task_definition().unwrap().ends_with("web:2"));
    }

    #[test]
    fn where_and_how_stable_runs_is_taken_over() {
        let mut set = balanced();
        let subnets = AwsVpcConfiguration::builder().subnets("subnet-1").build().unwrap();
        let network = NetworkConfiguration::builder().awsvpc_configuration(subnets).build();
        set.network_configuration = Some(network.clone());
        set.platform_version = Some("1.4.0".to_owned());
        set.launch_type = Some(LaunchType::Fargate);
        let registry = ServiceRegistry::builder().registry_arn("arn:registry").build();
        set.service_registries = Some(vec![registry.clone()]);
        set.tags = Some(vec![
            Tag::builder().key("team").value("web").build(),
            Tag::builder().key("aws:cloudformation:stack-id").value("x").build(),
            Tag::builder().key(DEPLOYMENT).value("the one before").build(),
        ]);
        let input = created(&set);
        assert_eq!(input.network_configuration(), Some(&network));
        assert_eq!(input.platform_version(), Some("1.4.0"));
        assert_eq!(input.launch_type(), Some(&LaunchType::Fargate));
        assert_eq!(input.service_registries(), [registry]);
        let tags: Vec<_> = input.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
        let id = green().deployment;
        assert_eq!(tags, [(Some("team"), Some("web")), (Some(DEPLOYMENT), Some(id.as_str()))]);
    }

    #[test]
    fn capacity_providers_exclude_a_launch_type() {
        let mut set = balanced();
        let spot = CapacityProviderStrategyItem::builder().capacity_provider("FARGATE_SPOT");
        set.capacity_provider_strategy = Some(vec![spot.build().unwrap()]);
        set.launch_type = Some(LaunchType::Fargate);
        let input = created(&set);
        assert_eq!(input.launch_type(), None);
        assert_eq!(input.capacity_provider_strategy().len(), 1);
    }

    #[test]
    fn a_group_without_a_known_container_is_refused() {
        let settings = Settings::of_service(&Service::builder().build(), None);
        let error = settings.create(&green()).unwrap_err();
        assert_eq!(error.class, ErrorClass::Invalid);
        assert!(error.message.contains("`topology.first_task_set.container`"), "{error}");
    }

    #[test]
    fn the_first_set_is_made_with_what_was_said_of_it() {
        let first = FirstTaskSet {
            container: Some("app".to_owned()),
            port: Some(8080),
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            public_ip: true,
            launch_type: Some(model::LaunchType::Fargate),
        };
        let service = Service::builder().build();
        let settings = Settings::of_service(&service, Some(&first));
        let input = settings.create(&green()).unwrap().build().unwrap();
        let balancer = &input.load_balancers()[0];
        assert!(balancer.target_group_arn().unwrap().contains("/green/"));
        assert_eq!(
            (balancer.container_name(), balancer.container_port()),
            (Some("app"), Some(8080))
        );
        let vpc = input.network_configuration().unwrap().awsvpc_configuration().unwrap();
        assert_eq!(
            (vpc.subnets(), vpc.security_groups()),
            (&first.subnets[..], &first.security_groups[..])
        );
        assert_eq!(vpc.assign_public_ip(), Some(&AssignPublicIp::Enabled));
        assert_eq!(input.launch_type(), Some(&LaunchType::Fargate));
    }

    #[test]
    fn what_nothing_says_is_named_with_its_field() {
        let service = Service::builder().build();
        let missing = |container: Option<&str>, port| {
            let container = container.map(str::to_owned);
            let first = FirstTaskSet { container, port, ..FirstTaskSet::default() };
            told(&service, Some(&first)).map_err(|error| error.message)
        };
        assert_eq!(missing(Some("app"), Some(80)), Ok(()));
        assert!(
            missing(None, Some(80))
                .unwrap_err()
                .starts_with("`topology.first_task_set.container` is")
        );
        assert!(
            missing(Some("app"), None)
                .unwrap_err()
                .starts_with("`topology.first_task_set.port` is")
        );
        assert!(told(&service, None).unwrap_err().message.contains("give both"));
    }
}
