//! How ECS carries out its rolling update.

use super::answer::Answer;
use super::api_error::ApiError;
use super::call::Call;
use super::rolling::Rolling;
use super::rolling::RollingState;
use super::scenario::Controller;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::CrashLoop;
use crate::model::ScalePercent;
use crate::model::ServiceId;

impl World {
    /// The part of `UpdateService` that starts a rolling update.
    pub(super) fn update_rolling(
        &mut self,
        id: &ServiceId,
        call: &Call,
    ) -> Result<Answer, ApiError> {
        let Call::UpdateService {
            task_definition: Some(definition),
            minimum_healthy_percent,
            maximum_percent,
            ..
        } = call
        else {
            return Ok(self.state.describe_services(id));
        };
        let Some(service) = self.state.service(id) else {
            return Err(ApiError::gone("ServiceNotFoundException", "Service not found."));
        };
        if service.controller == Controller::External {
            return Err(ApiError::invalid(
                "Unable to update task definition on services with an EXTERNAL deployment \
                 controller.",
            ));
        }
        let current = service.primary;
        let primary = current.and_then(|number| service.set(number));
        if primary.is_some_and(|set| set.revision.task_definition() == definition) {
            // the same task definition starts no deployment
            return Ok(self.state.describe_services(id));
        }
        let group = primary.and_then(|set| set.group).or(service.group);
        let target = self.create_set(id, definition, ScalePercent::ZERO, group)?;
        let Some(service) = self.state.service_mut(id) else {
            return Ok(Answer::Done);
        };
        let unfinished = service.rolling.take();
        let unfinished = unfinished.filter(|rolling| rolling.state == RollingState::InProgress);
        service.primary = Some(target);
        service.rolling = Some(Rolling {
            minimum_healthy_percent: minimum_healthy_percent.unwrap_or(100),
            maximum_percent: maximum_percent.unwrap_or(200),
            target,
            origin: unfinished.map_or(current, |rolling| rolling.origin),
            going_back: false,
            state: RollingState::InProgress,
        });
        self.roll_service(id);
        Ok(self.state.describe_services(id))
    }

    /// One round of the rolling update that a task set takes part in, if there is one.
    pub(super) fn roll(&mut self, set: u32) {
        if let Some(service) = self.state.service_of(set) {
            let id = service.id.clone();
            self.roll_service(&id);
        }
    }

    /// One round of a service's rolling update, if there is one: counts are set, the scheduler does
    /// the rest.
    pub(super) fn roll_service(&mut self, id: &ServiceId) {
        self.open_breaker(id);
        let Some(service) = self.state.service(id) else { return };
        let desired = service.desired;
        let Some(rolling) = &service.rolling else { return };
        let target = rolling.target;
        if rolling.state != RollingState::InProgress {
            self.set_computed(id, |set| if set.number == target { desired } else { 0 });
            return;
        }
        let (floor, ceiling) = (rolling.floor(desired), rolling.ceiling(desired));
        let sets = &service.sets;
        let of_target = |count: fn(&TaskSet) -> u32| {
            sets.iter().filter(|set| set.number == target).map(count).sum::<u32>()
        };
        let live: u32 = sets.iter().map(TaskSet::live).sum();
        let healthy: u32 = sets.iter().map(TaskSet::healthy).sum();
        if of_target(TaskSet::healthy) >= desired && live == of_target(TaskSet::live) {
            self.complete(id);
            return;
        }
        let wanted = desired.min(of_target(TaskSet::live) + ceiling.saturating_sub(live));
        // tasks that are not healthy may go at once, healthy ones only above the floor
        let mut spare = healthy.saturating_sub(floor);
        self.set_computed(id, |set| {
            if set.number == target {
                return wanted;
            }
            let going = set.healthy().min(spare);
            spare -= going;
            set.healthy() - going
        });
    }

    fn set_computed(&mut self, id: &ServiceId, mut wanted: impl FnMut(&TaskSet) -> u32) {
        let Some(service) = self.state.service_mut(id) else { return };
        let mut due = Vec::new();
        for set in &mut service.sets {
            set.computed = if set.draining { 0 } else { wanted(set) };
            if set.computed != set.live() {
                due.push(set.number);
            }
        }
        for number in due {
            self.wake_scheduler(number);
        }
    }

    /// The circuit breaker opens after too many failed tasks in a row.
    fn open_breaker(&mut self, id: &ServiceId) {
        let Some(service) = self.state.service_mut(id) else { return };
        let threshold = CrashLoop::default().threshold(service.desired);
        let Some(rolling) = &mut service.rolling else { return };
        let target = rolling.target;
        let failed = service.sets.iter().find(|set| set.number == target);
        let failed = failed.map_or(0, |set| set.consecutive_failures);
        if rolling.state != RollingState::InProgress || rolling.going_back || failed < threshold {
            return;
        }
        if let Some(origin) = rolling.origin {
            rolling.going_back = true;
            rolling.target = origin;
            service.primary = Some(origin);
        } else {
            rolling.state = RollingState::Failed;
        }
    }

    fn complete(&mut self, id: &ServiceId) {
        let Some(service) = self.state.service_mut(id) else { return };
        let Some(rolling) = &mut service.rolling else { return };
        rolling.state =
            if rolling.going_back { RollingState::RolledBack } else { RollingState::Completed };
        let target = rolling.target;
        let mut empty = Vec::new();
        for set in &mut service.sets {
            if set.number == target {
                set.scale = ScalePercent::FULL;
            } else {
                set.draining = true;
                empty.push(set.number);
            }
        }
        for number in empty {
            self.wake_scheduler(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::behaviour::Behaviour;
    use super::super::behaviour::Fate;
    use super::super::ledger::Actor;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use super::*;
    use crate::model::Elapsed;

    fn update(minimum: u32, maximum: u32) -> Call {
        Call::UpdateService {
            service: ServiceId::new("prod", "web").unwrap(),
            desired_count: None,
            task_definition: Some(revision(2).task_definition().clone()),
            minimum_healthy_percent: Some(minimum),
            maximum_percent: Some(maximum),
        }
    }

    fn begin(behaviour: Behaviour, (minimum, maximum): (u32, u32)) -> World {
        let scenario = Scenario::new(1).with_controller(Controller::Ecs);
        let mut world = World::new(scenario.with_behaviour(revision(2), behaviour));
        world.call(&Actor::process("us"), &update(minimum, maximum)).unwrap();
        world
    }

    /// Runs for an hour; answers the fewest healthy and the most live tasks on the way.
    fn watch(world: &mut World) -> (u32, u32) {
        let (mut fewest, mut most) = (u32::MAX, 0);
        while world.step(Elapsed::from_millis(3_600_000)) {
            let sets = &world.state().home().sets;
            fewest = fewest.min(sets.iter().map(TaskSet::healthy).sum());
            most = most.max(sets.iter().map(TaskSet::live).sum());
        }
        (fewest, most)
    }

    fn state(world: &World) -> RollingState {
        world.state().home().rolling.as_ref().unwrap().state
    }

    #[test]
    fn a_rolling_update_keeps_to_its_two_percentages() {
        for (percentages, bounds) in
            [((100, 200), (4, 8)), ((50, 100), (2, 4)), ((75, 125), (3, 5))]
        {
            let mut world = begin(Behaviour::healthy(), percentages);
            let (fewest, most) = watch(&mut world);
            assert_eq!(state(&world), RollingState::Completed);
            assert_eq!(world.state().home().sets.len(), 1);
            assert_eq!(world.state().home().sets[0].revision, revision(2));
            assert!(fewest >= bounds.0 && most <= bounds.1, "{percentages:?} {fewest} {most}");
        }
    }

    #[test]
    fn a_rolling_update_with_no_room_never_moves() {
        let mut world = begin(Behaviour::healthy(), (100, 100));
        watch(&mut world);
        assert_eq!(state(&world), RollingState::InProgress);
        assert_eq!(world.state().home().sets[0].healthy(), 4);
    }

    #[test]
    fn the_circuit_breaker_goes_back_to_the_revision_before() {
        let unpullable = Behaviour::doomed(Fate::ImagePullError);
        let mut world = begin(unpullable, (50, 200));
        let (fewest, _) = watch(&mut world);
        assert_eq!(state(&world), RollingState::RolledBack);
        assert_eq!(world.state().home().sets.len(), 1);
        assert_eq!(world.state().home().sets[0].revision, revision(1));
        assert_eq!(world.state().home().sets[0].healthy(), 4);
        assert!(fewest >= 2, "{fewest}");
    }
}
