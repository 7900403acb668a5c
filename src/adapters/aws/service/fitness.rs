//! Which services can be deployed to, and why others cannot.

use aws_sdk_ecs::types::Deployment;
use aws_sdk_ecs::types::DeploymentConfiguration;
use aws_sdk_ecs::types::DeploymentControllerType;
use aws_sdk_ecs::types::DeploymentRolloutState;
use aws_sdk_ecs::types::DeploymentStrategy;
use aws_sdk_ecs::types::SchedulingStrategy;
use aws_sdk_ecs::types::Service;

use super::ecs::gone;
use super::ecs::refused;
use crate::model::Scheduling;
use crate::model::ServiceState;
use crate::ports::CallError;
use crate::ports::ErrorClass;

/// Who carries a service's deployments out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Controller {
    /// `EXTERNAL`: task sets, which this crate makes.
    External,
    /// `ECS`: its rolling update.
    Ecs,
}

/// The state of a service.
pub(crate) fn state(service: &Service) -> ServiceState {
    match service.status() {
        Some("ACTIVE") => ServiceState::Active,
        Some("DRAINING") => ServiceState::Draining,
        _ => ServiceState::Gone,
    }
}

/// How ECS schedules a service.
pub(crate) fn scheduling(service: &Service) -> Scheduling {
    match service.scheduling_strategy() {
        Some(SchedulingStrategy::Daemon) => Scheduling::Daemon,
        _ => Scheduling::Replica,
    }
}

/// Who carries the deployments of this service out; refused where it is not active, where `CodeDeploy`
/// does, or where ECS shifts traffic by itself.
pub(crate) fn controller(service: &Service) -> Result<Controller, CallError> {
    let name = service.service_name().unwrap_or("the service");
    if state(service) != ServiceState::Active {
        let status = service.status().unwrap_or("without a status");
        return Err(gone(format!("{name} is {status}, not ACTIVE")));
    }
    let controller = service.deployment_controller().map(|controller| &controller.r#type);
    match controller {
        Some(DeploymentControllerType::External) => Ok(Controller::External),
        Some(DeploymentControllerType::CodeDeploy) => {
            let why = format!(
                "{name} has the deployment controller CODE_DEPLOY; change it to ECS (rolling) or \
                 EXTERNAL (task sets) with `aws ecs update-service --deployment-controller type=ECS`"
            );
            Err(refused(ErrorClass::Invalid, why))
        }
        Some(DeploymentControllerType::Ecs) | None => {
            let configuration = service.deployment_configuration();
            match configuration.and_then(|configuration| configuration.strategy()) {
                None | Some(DeploymentStrategy::Rolling) => Ok(Controller::Ecs),
                Some(strategy) => {
                    let why = format!(
                        "{name} has ECS's own deployment strategy {strategy}, which moves traffic by \
                         itself; set `deploymentConfiguration.strategy` to ROLLING, or deploy it with \
                         a service pair or task sets"
                    );
                    Err(refused(ErrorClass::Invalid, why))
                }
            }
        }
        Some(other) => {
            let why = format!("{name} has the unknown deployment controller {other}");
            Err(refused(ErrorClass::Invalid, why))
        }
    }
}

/// The newest deployment of a service with the `ECS` controller.
pub(crate) fn primary(service: &Service) -> Option<&Deployment> {
    service.deployments().iter().find(|deployment| deployment.status() == Some("PRIMARY"))
}

/// A service's deployment configuration as it may be sent again: what ECS describes of its other
/// strategies does not go with a rolling update.
pub(crate) fn configuration(service: &Service) -> Option<DeploymentConfiguration> {
    let mut configuration = service.deployment_configuration.clone()?;
    configuration.bake_time_in_minutes = None;
    configuration.linear_configuration = None;
    configuration.canary_configuration = None;
    configuration.lifecycle_hooks = configuration.lifecycle_hooks.filter(|it| !it.is_empty());
    Some(configuration)
}

/// Refuses a service that ECS is still deploying.
pub(crate) fn at_rest(service: &Service) -> Result<(), CallError> {
    let name = service.service_name().unwrap_or("the service");
    let going = service
        .deployments()
        .iter()
        .find(|deployment| deployment.rollout_state() == Some(&DeploymentRolloutState::InProgress));
    match going {
        None => Ok(()),
        Some(deployment) => {
            let (id, what) = (deployment.id(), deployment.task_definition());
            let why = format!(
                "{name} is being deployed: {} moves it to {}; wait until it has ended, or stop it",
                id.unwrap_or("a deployment"),
                what.unwrap_or("another revision"),
            );
            Err(refused(ErrorClass::Conflict, why))
        }
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecs::types::DeploymentController;

    use super::*;

    fn service(controller: DeploymentControllerType, strategy: DeploymentStrategy) -> Service {
        let controller = DeploymentController::builder().r#type(controller).build().unwrap();
        let configuration = DeploymentConfiguration::builder().strategy(strategy).build();
        let service = Service::builder().service_name("web").status("ACTIVE");
        service.deployment_controller(controller).deployment_configuration(configuration).build()
    }

    #[test]
    fn a_service_that_somebody_else_deploys_is_refused_with_the_way_out() {
        use DeploymentControllerType::CodeDeploy;
        use DeploymentControllerType::Ecs;
        use DeploymentControllerType::External;
        let of = |who, how| controller(&service(who, how));
        assert_eq!(of(Ecs, DeploymentStrategy::Rolling).unwrap(), Controller::Ecs);
        assert_eq!(of(External, DeploymentStrategy::Rolling).unwrap(), Controller::External);
        let error = of(CodeDeploy, DeploymentStrategy::Rolling).unwrap_err();
        assert_eq!(error.class, ErrorClass::Invalid);
        assert!(error.message.contains("--deployment-controller"), "{error}");
        for strategy in
            [DeploymentStrategy::BlueGreen, DeploymentStrategy::Canary, DeploymentStrategy::Linear]
        {
            let error = of(Ecs, strategy.clone()).unwrap_err();
            assert!(error.message.contains(strategy.as_str()), "{error}");
            assert!(error.message.contains("ROLLING"), "{error}");
        }
    }

    #[test]
    fn a_service_that_is_not_active_is_gone() {
        let mut draining = service(DeploymentControllerType::Ecs, DeploymentStrategy::Rolling);
        draining.status = Some("DRAINING".to_owned());
        assert_eq!(controller(&draining).unwrap_err().class, ErrorClass::Gone);
        assert_eq!(state(&draining), ServiceState::Draining);
        draining.status = Some("INACTIVE".to_owned());
        assert_eq!(state(&draining), ServiceState::Gone);
    }

    #[test]
    fn a_service_under_deployment_is_refused_by_name() {
        let deployment = Deployment::builder().id("ecs-svc/9").status("PRIMARY");
        let deployment = deployment.rollout_state(DeploymentRolloutState::InProgress).build();
        let busy = Service::builder().service_name("web").deployments(deployment).build();
        let error = at_rest(&busy).unwrap_err();
        assert_eq!(error.class, ErrorClass::Conflict);
        assert!(error.message.contains("ecs-svc/9"), "{error}");
        assert!(primary(&busy).is_some());
    }
}
