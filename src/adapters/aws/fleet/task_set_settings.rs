//! What a new task set takes over.

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::operation::create_task_set::builders::CreateTaskSetInputBuilder;
use aws_sdk_ecs::types::CapacityProviderStrategyItem;
use aws_sdk_ecs::types::LaunchType;
use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::NetworkConfiguration;
use aws_sdk_ecs::types::Service;
use aws_sdk_ecs::types::ServiceRegistry;
use aws_sdk_ecs::types::Tag;
use aws_sdk_ecs::types::TaskSet;

use super::super::sdk::Operation;
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
    /// The settings of the stable set, or of the service where there is none.
    pub(crate) fn of(service: &Service, stable: Option<&TaskSet>) -> Self {
        match stable {
            Some(set) => Self {
                network: set.network_configuration.clone(),
                launch_type: set.launch_type.clone(),
                capacity: set.capacity_provider_strategy().to_vec(),
                platform: set.platform_version.clone(),
                registries: set.service_registries().to_vec(),
                balancer: set.load_balancers().first().cloned(),
                tags: Vec::new(),
            },
            None => Self {
                network: service.network_configuration.clone(),
                launch_type: service.launch_type.clone(),
                capacity: service.capacity_provider_strategy().to_vec(),
                platform: service.platform_version.clone(),
                registries: service.service_registries().to_vec(),
                balancer: service.load_balancers().first().cloned(),
                tags: Vec::new(),
            },
        }
    }

    /// The call that creates the candidate's task set, but for its scale and token.
    pub(crate) fn create(self, subject: &Subject) -> Result<CreateTaskSetInputBuilder, CallError> {
        let group = subject.baseline.candidate_group.as_ref();
        let balancer = group.map(|group| {
            let mut balancer = self.balancer.clone().ok_or_else(|| {
                let why = "the service has no task set that tells which container and port \
                           receives traffic; create its first task set by hand";
                CallError::new(Operation::CreateTaskSet.name(), ErrorClass::Invalid, why)
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

/// Whether AWS takes this as a tag's value.
fn is_tag_value(text: &str) -> bool {
    text.len() <= 256 && text.chars().all(|c| c.is_alphanumeric() || " _.:/=+-@".contains(c))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::AwsVpcConfiguration;

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
        let mut settings = Settings::of(&Service::builder().build(), Some(set));
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
        let settings = Settings::of(&Service::builder().build(), None);
        let error = settings.create(&green()).unwrap_err();
        assert_eq!(error.class, ErrorClass::Invalid);
    }
}
