//! Creating, changing and deleting services.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use super::answer::Answer;
use super::api_error::ApiError;
use super::call::Call;
use super::ecs_call::EcsCall;
use super::scenario::Controller;
use super::service::Service;
use super::settings::Settings;
use super::world::World;
use crate::model::Revision;
use crate::model::ServiceId;
use crate::model::ServiceState;
use crate::model::TargetGroupArn;

/// Members of a service that are kept as they were given.
const MEMBERS: &[&str] = &[
    "availabilityZoneRebalancing",
    "loadBalancers",
    "serviceRegistries",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
    "role",
    "placementConstraints",
    "placementStrategy",
    "networkConfiguration",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Members whose change starts a deployment.
const DEPLOYED: &[&str] = &[
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
];

/// Members that a service with task sets does not take, for its task sets have them.
const OF_TASK_SETS: &[&str] = &[
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "capacityProviderStrategy",
    "launchType",
];

impl World {
    pub(super) fn create_service(&mut self, call: &EcsCall) -> Result<Answer, ApiError> {
        let EcsCall::CreateService {
            service: id,
            controller,
            desired_count,
            task_definition,
            client_token,
            settings,
        } = call
        else {
            return Err(ApiError::invalid("not CreateService"));
        };
        self.check_cluster(&id.cluster)?;
        if let Some(known) = self.state.service(id) {
            match known.status {
                ServiceState::Active if client_token.is_some() && known.token == *client_token => {
                    return Ok(self.state.describe_service(id, self.now));
                }
                ServiceState::Active => {
                    return Err(ApiError::invalid("Creation of service was not idempotent."));
                }
                ServiceState::Draining => {
                    return Err(ApiError::invalid(
                        "Unable to Start a service that is still Draining.",
                    ));
                }
                ServiceState::Gone => {}
            }
        }
        check_modelled(settings)?;
        let revision = self.first_revision(*controller, task_definition.as_deref(), settings)?;
        let mut service = Service::new(id.clone(), *controller, *desired_count);
        service.token.clone_from(client_token);
        service.created_at = self.now;
        service.settings = settings.only(MEMBERS);
        service.settings = with_configuration(&service, settings, (None, None));
        (service.group, service.port) = self.balanced(settings)?;
        service.grace = Some(grace(settings));
        let arn = service.arn();
        self.state.services.retain(|known| known.id != *id);
        self.state.services.push(service.into());
        self.put_tags(&arn, &settings.tags());
        if let (Controller::Ecs, Some(revision)) = (controller, revision) {
            self.deploy_configured(id, &revision)?;
        }
        Ok(self.state.describe_service(id, self.now))
    }

    /// What a new service is to run; none where task sets say it.
    fn first_revision(
        &self,
        controller: Controller,
        name: Option<&str>,
        settings: &Settings,
    ) -> Result<Option<Revision>, ApiError> {
        if controller == Controller::External {
            if name.is_some() {
                return Err(ApiError::invalid("TaskDefinition must be empty or null."));
            }
            if settings.items("loadBalancers").next().is_some() {
                return Err(ApiError::invalid("LoadBalancers must be empty or null."));
            }
            return Ok(None);
        }
        let name = name.ok_or_else(|| ApiError::invalid("TaskDefinition can not be blank."))?;
        let revision = self.state.runnable(name)?;
        self.check_fit(&revision, settings)?;
        Ok(Some(revision))
    }

    /// Refuses settings that the revision cannot run with.
    pub(super) fn check_fit(
        &self,
        revision: &Revision,
        settings: &Settings,
    ) -> Result<(), ApiError> {
        let Some(definition) = self.state.definition(revision) else { return Ok(()) };
        let awsvpc = definition.document.text("networkMode") == Some("awsvpc");
        let network = settings.get("networkConfiguration").is_some();
        if awsvpc && !network {
            return Err(ApiError::invalid(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
            ));
        }
        if network && !awsvpc {
            return Err(ApiError::invalid(
                "Network Configuration is not valid for the given networkMode of this task \
                 definition.",
            ));
        }
        for balancer in settings.items("loadBalancers") {
            let name = balancer.get("containerName").and_then(Value::as_str).unwrap_or_default();
            let mut names = definition.containers().filter_map(|container| container.get("name"));
            if !names.any(|named| named.as_str() == Some(name)) {
                return Err(ApiError::invalid(format!(
                    "The container {name} does not exist in the task definition."
                )));
            }
        }
        Ok(())
    }

    /// The target group and port of the first of `loadBalancers`.
    pub(super) fn balanced(&self, settings: &Settings) -> Result<(Option<usize>, u16), ApiError> {
        let Some(first) = settings.items("loadBalancers").next() else { return Ok((None, 80)) };
        let port = first.get("containerPort").and_then(Value::as_u64);
        let port = port.and_then(|port| u16::try_from(port).ok()).unwrap_or(80);
        let arn = first.get("targetGroupArn").and_then(Value::as_str);
        let arn: Option<TargetGroupArn> = match arn {
            None => None,
            Some(arn) => Some(arn.parse().map_err(|_| {
                ApiError::invalid(format!("Unable to assume role or invalid target group: {arn}"))
            })?),
        };
        Ok((self.usable_group(arn.as_ref())?, port))
    }

    fn deploy_configured(&mut self, id: &ServiceId, revision: &Revision) -> Result<(), ApiError> {
        let service = self.state.service(id);
        let percents = service.map_or((100, 200), |service| {
            (service.minimum_healthy_percent(), service.maximum_percent())
        });
        self.deploy(id, revision, percents)
    }

    pub(super) fn update_service(&mut self, call: &Call) -> Result<Answer, ApiError> {
        let Call::UpdateService {
            service: id,
            desired_count,
            task_definition,
            force,
            minimum_healthy_percent,
            maximum_percent,
            settings,
        } = call
        else {
            return Err(ApiError::invalid("not UpdateService"));
        };
        let service = self.check_active(id)?;
        let name = task_definition.as_deref();
        check_controller(service, name, *force, settings)?;
        check_modelled(settings)?;
        let revision = match name {
            Some(name) => Some(self.state.runnable(name)?),
            None => service.primary_revision().cloned(),
        };
        let mut merged = service.settings.merged(&settings.only(MEMBERS));
        if let Some(revision) = revision.as_ref().filter(|_| settings.members().next().is_some()) {
            self.check_fit(revision, &merged)?;
        }
        let changed = revision.as_ref() != service.primary_revision()
            || merged.only(DEPLOYED) != service.settings.only(DEPLOYED);
        let balanced = match settings.get("loadBalancers") {
            Some(_) => self.balanced(settings)?,
            None => (service.group, service.port),
        };
        let ours = service.controller == Controller::Ecs;
        if ours && (changed || *force) {
            self.check_room(id)?;
        }
        let grace = settings.get("healthCheckGracePeriodSeconds").map(|_| grace(settings));
        let Some(service) = self.state.service_mut(id) else {
            return Err(ApiError::gone("ServiceNotFoundException", "Service not found."));
        };
        std::mem::swap(&mut service.settings, &mut merged);
        let percents = (*minimum_healthy_percent, *maximum_percent);
        service.settings = with_configuration(service, settings, percents);
        (service.group, service.port) = balanced;
        service.grace = grace.or(service.grace);
        if let Some(desired) = desired_count {
            service.desired = *desired;
            self.recompute(id);
        }
        if let Some(revision) = revision.filter(|_| ours && (changed || *force)) {
            self.deploy_configured(id, &revision)?;
        }
        Ok(self.state.describe_service(id, self.now))
    }

    pub(super) fn delete_service(
        &mut self,
        id: &ServiceId,
        force: bool,
    ) -> Result<Answer, ApiError> {
        let service = self.check_active(id)?;
        let scaled = if service.controller == Controller::External {
            service.sets.iter().any(|set| set.computed > 0)
        } else {
            service.desired > 0
        };
        if scaled && !force {
            return Err(ApiError::invalid(
                "The service cannot be stopped while it is scaled above 0.",
            ));
        }
        let Some(service) = self.state.service_mut(id) else {
            return Err(ApiError::gone("ServiceNotFoundException", "Service not found."));
        };
        service.status = ServiceState::Draining;
        for set in &mut service.sets {
            set.draining = true;
            set.computed = 0;
        }
        if service.sets.is_empty() {
            service.status = ServiceState::Gone;
        }
        self.wake_scheduler_for_all(id);
        Ok(self.state.describe_service(id, self.now))
    }
}

/// Refuses what the service's controller does not take.
fn check_controller(
    service: &Service,
    definition: Option<&str>,
    force: bool,
    settings: &Settings,
) -> Result<(), ApiError> {
    let name = match service.controller {
        Controller::Ecs => return Ok(()),
        Controller::External => "an EXTERNAL",
        Controller::CodeDeploy => "a CODE_DEPLOY",
    };
    let what = if definition.is_some() {
        "update task definition"
    } else if force {
        "force a new deployment"
    } else if settings.get("networkConfiguration").is_some() {
        "update network parameters"
    } else if let Some(member) = OF_TASK_SETS.iter().find(|it| settings.get(it).is_some()) {
        return Err(ApiError::invalid(format!(
            "Unable to update {member} on services with {name} deployment controller."
        )));
    } else {
        return Ok(());
    };
    Err(ApiError::invalid(format!(
        "Unable to {what} on services with {name} deployment controller."
    )))
}

/// Refuses what is not simulated, rather than do something else.
fn check_modelled(settings: &Settings) -> Result<(), ApiError> {
    let unsupported = |what: &str| {
        let message = format!("The simulated ECS does not do {what}.");
        Err(ApiError::refused("UnsupportedFeatureException", &message))
    };
    let configuration = settings.get("deploymentConfiguration");
    let strategy = configuration.and_then(|it| it.get("strategy")).and_then(Value::as_str);
    match strategy {
        None | Some("ROLLING") => {}
        Some(other) => return unsupported(&format!("deployments with the strategy {other}")),
    }
    if settings.text("schedulingStrategy") == Some("DAEMON") {
        return unsupported("services with the scheduling strategy DAEMON");
    }
    Ok(())
}

/// The settings with the whole `deploymentConfiguration`: what is given, then what was, then the
/// defaults.
fn with_configuration(
    service: &Service,
    given: &Settings,
    (minimum, maximum): (Option<u32>, Option<u32>),
) -> Settings {
    let mut whole = Settings::new(&json!({ "minimumHealthyPercent": 100, "maximumPercent": 200 }));
    if service.controller == Controller::Ecs {
        whole = whole.with("strategy", json!("ROLLING"));
        let off = json!({ "enable": false, "rollback": false });
        whole = whole.with("deploymentCircuitBreaker", off);
    }
    for known in
        [service.settings.get("deploymentConfiguration"), given.get("deploymentConfiguration")]
    {
        whole = whole.merged(&known.map(Settings::new).unwrap_or_default());
    }
    for (name, percent) in [("minimumHealthyPercent", minimum), ("maximumPercent", maximum)] {
        if let Some(percent) = percent {
            whole = whole.with(name, json!(percent));
        }
    }
    let members = whole.members().map(|(name, value)| (name.to_owned(), value.clone())).collect();
    service.settings.with("deploymentConfiguration", Value::Object(members))
}

fn grace(settings: &Settings) -> Duration {
    let given = settings.get("healthCheckGracePeriodSeconds").and_then(Value::as_u64);
    Duration::from_secs(given.unwrap_or(0))
}
