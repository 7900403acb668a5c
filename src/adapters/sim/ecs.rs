//! Writes to ECS.

use super::answer::Answer;
use super::api_error::ApiError;
use super::call::Call;
use super::ecs_call::EcsCall;
use super::scenario::Controller;
use super::service::Service;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::Revision;
use crate::model::ScalePercent;
use crate::model::ServiceId;
use crate::model::ServiceState;
use crate::model::TargetGroupArn;
use crate::model::TaskDefinitionArn;
use crate::model::TaskSetId;

/// Members of a task set that are kept as they were given.
const SET_MEMBERS: &[&str] = &[
    "networkConfiguration",
    "loadBalancers",
    "serviceRegistries",
    "launchType",
    "capacityProviderStrategy",
    "platformVersion",
];

/// Task sets (and deployments) per service, those that are draining included.
const MOST_SETS: usize = 5;

impl World {
    /// Carries out a write.
    pub(super) fn carry_out(&mut self, call: &Call) -> Result<Answer, ApiError> {
        match call {
            Call::CreateTaskSet { .. } => self.create_task_set(call),
            Call::UpdateTaskSet { service, task_set, scale } => {
                self.check_external(service)?;
                let (number, desired) = self.set_number(service, task_set)?;
                let now = self.now;
                if let Some(set) = self.set_mut(number) {
                    set.scale = *scale;
                    set.computed = scale.computed(desired);
                    set.updated_at = now;
                }
                self.wake_scheduler(number);
                Ok(self.answer_set(number))
            }
            Call::UpdateServicePrimaryTaskSet { service, primary } => {
                self.check_external(service)?;
                let (number, _) = self.set_number(service, primary)?;
                if let Some(service) = self.state.service_mut(service) {
                    service.primary = Some(number);
                }
                Ok(self.answer_set(number))
            }
            Call::DeleteTaskSet { service, task_set, force } => {
                self.check_external(service)?;
                self.delete_set(service, task_set, *force)
            }
            Call::UpdateService { .. } => self.update_service(call),
            Call::DeleteService { service, force } => self.delete_service(service, *force),
            Call::Ecs(call) => self.carry_out_ecs(call),
            Call::Scaling(call) => self.carry_out_scaling(call),
            _ => self.carry_out_elsewhere(call),
        }
    }

    fn carry_out_ecs(&mut self, call: &EcsCall) -> Result<Answer, ApiError> {
        match call {
            EcsCall::CreateCluster { name, settings } => Ok(self.create_cluster(name, settings)),
            EcsCall::DeleteCluster { name } => self.delete_cluster(name),
            EcsCall::RegisterTaskDefinition { document } => self.register_definition(document),
            EcsCall::DeregisterTaskDefinition { definition } => {
                self.deregister_definition(definition)
            }
            EcsCall::CreateService { .. } => self.create_service(call),
            EcsCall::StopTask { cluster, task, reason } => {
                self.stop_named_task(cluster, task, reason.as_deref())
            }
            EcsCall::StopServiceDeployment { arn } => self.stop_service_deployment(arn),
            EcsCall::TagResource { arn, tags } => self.tag(arn, tags),
            EcsCall::UntagResource { arn, keys } => self.untag(arn, keys),
            _ => Err(ApiError::invalid("not a write")),
        }
    }

    fn create_task_set(&mut self, call: &Call) -> Result<Answer, ApiError> {
        let Call::CreateTaskSet {
            service,
            task_definition,
            external_id,
            target_group,
            scale,
            client_token,
            settings,
        } = call
        else {
            return Err(ApiError::invalid("not CreateTaskSet"));
        };
        self.check_external(service)?;
        let revision = self.state.runnable(task_definition)?;
        let definition = revision.task_definition();
        if let Some(answer) = self.deduplicate(service, client_token.as_deref(), definition) {
            return answer;
        }
        if settings.items("loadBalancers").count() > 1 {
            return Err(ApiError::invalid("CreateTaskSet cannot have more than 1 load balancer."));
        }
        let from_outside = settings.members().next().is_some();
        if from_outside {
            self.check_fit(&revision, settings)?;
        }
        let (_, port) = self.balanced(settings)?;
        let group = self.usable_group(target_group.as_ref())?;
        let number = self.create_set(service, &revision, *scale, group)?;
        if let Some(set) = self.set_mut(number) {
            set.external_id.clone_from(external_id);
            set.port = port;
            if from_outside {
                set.settings = settings.only(SET_MEMBERS);
            }
        }
        let arn = self.state.set(number).map(|set| set.arn(service)).unwrap_or_default();
        self.put_tags(&arn, &settings.tags());
        self.tokens.extend(client_token.clone().map(|token| (token, number)));
        self.wake_scheduler(number);
        Ok(self.answer_set(number))
    }

    pub(super) fn check_active(&self, service: &ServiceId) -> Result<&Service, ApiError> {
        self.check_cluster(&service.cluster)?;
        let found = self.state.service(service);
        let found = found
            .ok_or_else(|| ApiError::gone("ServiceNotFoundException", "Service not found."))?;
        if found.status != ServiceState::Active {
            return Err(ApiError::gone("ServiceNotActiveException", "Service was not ACTIVE."));
        }
        Ok(found)
    }

    fn check_external(&self, service: &ServiceId) -> Result<(), ApiError> {
        match self.check_active(service)?.controller {
            Controller::External => Ok(()),
            Controller::Ecs | Controller::CodeDeploy => Err(ApiError::invalid(
                "Amazon ECS only supports task set management on services configured to use \
                 external deployment controllers.",
            )),
        }
    }

    /// The task set that an earlier call with the same token made, if there was one.
    fn deduplicate(
        &self,
        service: &ServiceId,
        token: Option<&str>,
        definition: &TaskDefinitionArn,
    ) -> Option<Result<Answer, ApiError>> {
        let token = token?;
        let (_, number) = self.tokens.iter().find(|(used, _)| used == token)?;
        Some(match self.state.set(*number) {
            None => Err(ApiError::gone("TaskSetNotFoundException", "It was made and deleted.")),
            Some(set) if self.is_that(service, set, definition) => Ok(self.answer_set(*number)),
            Some(_) => Err(ApiError::conflict("The token was used with other parameters.")),
        })
    }

    fn is_that(&self, id: &ServiceId, set: &TaskSet, definition: &TaskDefinitionArn) -> bool {
        let service = self.state.service_of(set.number);
        service.is_some_and(|service| service.id == *id)
            && set.revision.task_definition() == definition
    }

    pub(super) fn usable_group(
        &self,
        arn: Option<&TargetGroupArn>,
    ) -> Result<Option<usize>, ApiError> {
        let Some(arn) = arn else { return Ok(None) };
        let index = self.state.group(arn)?;
        if self.state.groups.get(index).is_some_and(|group| group.attached) {
            return Ok(Some(index));
        }
        Err(ApiError::invalid(format!(
            "The target group with targetGroupArn {arn} does not have an associated load balancer."
        )))
    }

    /// Adds a task set unless there are too many.
    pub(super) fn create_set(
        &mut self,
        service: &ServiceId,
        revision: &Revision,
        scale: ScalePercent,
        group: Option<usize>,
    ) -> Result<u32, ApiError> {
        self.check_room(service)?;
        Ok(self.add_set(service, revision, scale, group))
    }

    /// Refuses one more task set or deployment where there are five.
    pub(super) fn check_room(&self, service: &ServiceId) -> Result<(), ApiError> {
        if self.state.service(service).is_some_and(|of| of.sets.len() >= MOST_SETS) {
            return Err(ApiError::quota(
                "5 deployments exist on the service. Unable to create new TaskSet since this \
                 exceeds the maximum limit.",
            ));
        }
        Ok(())
    }

    /// A task set's number, and how many tasks its service should have.
    fn set_number(&self, service: &ServiceId, id: &TaskSetId) -> Result<(u32, u32), ApiError> {
        let service = self.check_active(service)?;
        let found = service.sets.iter().find(|set| set.id == *id);
        let set = found
            .ok_or_else(|| ApiError::gone("TaskSetNotFoundException", "TaskSet not found."))?;
        if set.draining {
            return Err(ApiError::invalid("TaskSet is DRAINING."));
        }
        Ok((set.number, service.desired))
    }

    fn answer_set(&self, number: u32) -> Answer {
        let service = self.state.shared_service_of(number);
        let described = service.and_then(|service| {
            service.set(number).map(|set| self.state.describe_set(service, set, self.now))
        });
        Answer::TaskSets(described.into_iter().collect())
    }

    fn delete_set(
        &mut self,
        service: &ServiceId,
        id: &TaskSetId,
        force: bool,
    ) -> Result<Answer, ApiError> {
        let now = self.now;
        let service = self
            .state
            .service_mut(service)
            .ok_or_else(|| ApiError::gone("ServiceNotFoundException", "Service not found."))?;
        let found = service.sets.iter_mut().find(|set| set.id == *id);
        let set = found
            .ok_or_else(|| ApiError::gone("TaskSetNotFoundException", "TaskSet not found."))?;
        let number = set.number;
        if !force && service.primary == Some(number) {
            return Err(ApiError::invalid("Primary TaskSet cannot be deleted"));
        }
        if !force && set.scale != ScalePercent::ZERO {
            return Err(ApiError::invalid("TaskSet must be scaled down to 0 first."));
        }
        set.draining = true;
        set.computed = 0;
        set.updated_at = now;
        if service.primary == Some(number) {
            service.primary = None;
        }
        self.wake_scheduler(number);
        Ok(self.answer_set(number))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ledger::Actor;
    use super::super::names;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use super::super::settings::Settings;
    use super::*;
    use crate::model::Elapsed;

    fn create(token: Option<&str>, number: u32) -> Call {
        Call::CreateTaskSet {
            service: names::service(),
            task_definition: revision(number).task_definition().to_string(),
            external_id: Some("ours".to_owned()),
            target_group: Some(names::target_group("green")),
            scale: ScalePercent::percent(10).unwrap(),
            client_token: token.map(str::to_owned),
            settings: Settings::default(),
        }
    }

    fn us() -> Actor {
        Actor::process("us")
    }

    fn delete(world: &World, index: usize, force: bool) -> Call {
        let task_set = world.state().home().sets[index].id.clone();
        Call::DeleteTaskSet { service: names::service(), task_set, force }
    }

    #[test]
    fn a_task_set_has_the_ceiling_of_its_share() {
        let mut world = World::new(Scenario::new(1).with_desired(3));
        world.call(&us(), &create(None, 2)).unwrap();
        world.advance(Elapsed::from_millis(120_000));
        let set = world.state().home().set_of("ours").unwrap();
        assert_eq!((set.computed, set.running(), set.healthy()), (1, 1, 1));
    }

    #[test]
    fn a_token_makes_one_task_set_only() {
        let mut world = World::new(Scenario::new(1));
        world.call(&us(), &create(Some("t"), 2)).unwrap();
        world.call(&us(), &create(Some("t"), 2)).unwrap();
        assert_eq!(world.state().home().sets.len(), 2);
        let error = world.call(&us(), &create(Some("t"), 3)).unwrap_err();
        assert_eq!(error.code, "ConflictException");
    }

    #[test]
    fn a_token_makes_nothing_again_after_its_task_set_is_gone() {
        let mut world = World::new(Scenario::new(1));
        world.call(&us(), &create(Some("t"), 2)).unwrap();
        let call = delete(&world, 1, true);
        world.call(&us(), &call).unwrap();
        world.advance(Elapsed::from_millis(120_000));
        assert_eq!(world.state().home().sets.len(), 1);
        assert!(world.call(&us(), &create(Some("t"), 2)).is_err());
        assert_eq!(world.state().home().sets.len(), 1);
    }

    #[test]
    fn a_sixth_task_set_is_refused_and_draining_ones_count() {
        let mut world = World::new(Scenario::new(1));
        for _ in 0..4 {
            world.call(&us(), &create(None, 2)).unwrap();
        }
        let call = delete(&world, 4, true);
        world.call(&us(), &call).unwrap();
        let error = world.call(&us(), &create(None, 2)).unwrap_err();
        assert!(error.message.starts_with("5 deployments exist on the service."), "{error}");
    }

    #[test]
    fn the_primary_task_set_cannot_be_deleted_without_force() {
        let mut world = World::new(Scenario::new(1));
        let call = delete(&world, 0, false);
        let error = world.call(&us(), &call).unwrap_err();
        assert_eq!(error.message, "Primary TaskSet cannot be deleted");
        let call = delete(&world, 0, true);
        world.call(&us(), &call).unwrap();
        assert!(world.state().home().sets[0].draining);
        world.advance(Elapsed::from_millis(60_000));
        assert!(world.state().home().sets.is_empty());
    }

    #[test]
    fn a_deleted_set_drains_for_the_deregistration_delay() {
        let mut world = World::new(Scenario::new(1));
        let call = delete(&world, 0, true);
        world.call(&us(), &call).unwrap();
        world.advance(Elapsed::from_millis(29_000));
        assert_eq!(world.state().home().sets[0].healthy(), 0);
        assert_eq!(world.state().home().sets[0].tasks.len(), 4);
    }

    #[test]
    fn a_group_that_no_rule_names_is_refused() {
        let mut scenario = Scenario::new(1);
        scenario.green_attached = false;
        let mut world = World::new(scenario);
        let error = world.call(&us(), &create(None, 2)).unwrap_err();
        assert!(error.message.contains("does not have an associated load balancer"), "{error}");
    }

    #[test]
    fn desired_moves_every_task_set_at_once() {
        let mut world = World::new(Scenario::new(1));
        world.call(&us(), &create(None, 2)).unwrap();
        world.apply(&super::super::action::Action::SetDesired(20));
        let computed: Vec<u32> = world.state().home().sets.iter().map(|set| set.computed).collect();
        assert_eq!(computed, [20, 2]);
    }
}
