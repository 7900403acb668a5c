//! How ECS carries out its rolling update.

use super::api_error::ApiError;
use super::rolling::Breaker;
use super::rolling::Rolling;
use super::rolling::RollingState;
use super::service::Service;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::CrashLoop;
use crate::model::Elapsed;
use crate::model::Revision;
use crate::model::ScalePercent;
use crate::model::ServiceId;

impl World {
    /// Starts a deployment of this revision with the settings that the service has now.
    pub(super) fn deploy(
        &mut self,
        id: &ServiceId,
        revision: &Revision,
        (minimum, maximum): (u32, u32),
    ) -> Result<(), ApiError> {
        let group = self.state.service(id).and_then(|service| service.group);
        let target = self.create_set(id, revision, ScalePercent::ZERO, group)?;
        let Some(service) = self.state.service_mut(id) else { return Ok(()) };
        let unfinished = service.rolling.take().filter(|rolling| {
            matches!(rolling.state, RollingState::InProgress | RollingState::Failed)
        });
        let origin = unfinished.map_or(service.primary, |rolling| rolling.origin);
        service.primary = Some(target);
        service.rolling = Some(Rolling {
            minimum_healthy_percent: minimum,
            maximum_percent: maximum,
            target,
            origin,
            going_back: false,
            breaker: service.breaker(),
            state: RollingState::InProgress,
        });
        self.record_begin(id, target);
        self.roll_service(id);
        Ok(())
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
        self.set_counts(id);
        self.notice_steady_state(id);
    }

    fn set_counts(&mut self, id: &ServiceId) {
        let Some(service) = self.state.service(id) else { return };
        let desired = service.desired;
        let Some(rolling) = &service.rolling else { return };
        let target = rolling.target;
        match rolling.state {
            RollingState::InProgress => {}
            RollingState::Failed => {
                // nothing is launched any more for what failed; what served before goes on
                self.set_computed(
                    id,
                    |set| {
                        if set.number == target { set.live() } else { set.computed }
                    },
                );
                return;
            }
            RollingState::Completed | RollingState::RolledBack => {
                self.set_computed(id, |set| if set.number == target { desired } else { 0 });
                return;
            }
        }
        let (floor, ceiling) = (rolling.floor(desired), rolling.ceiling(desired));
        let sets = &service.sets;
        let now = self.now;
        let of_target = || sets.iter().filter(|set| set.number == target);
        let live: u32 = sets.iter().map(TaskSet::live).sum();
        let live_of_target: u32 = of_target().map(TaskSet::live).sum();
        let proven: u32 = of_target().map(|set| set.proven(now)).sum();
        let old = sets.iter().filter(|set| set.number != target);
        let healthy = proven + old.map(TaskSet::healthy).sum::<u32>();
        if proven >= desired && live == live_of_target {
            self.complete(id);
            return;
        }
        let wanted = desired.min(live_of_target + ceiling.saturating_sub(live));
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
        let failed = failed.map_or(0, TaskSet::failed_in_a_row);
        if rolling.state != RollingState::InProgress || rolling.going_back || failed < threshold {
            return;
        }
        match (rolling.breaker, rolling.origin) {
            (Breaker::Disabled, _) => {}
            (Breaker::GoesBack, Some(_)) => {
                let reason = "Service deployment rolled back because the circuit breaker threshold \
                              was exceeded.";
                self.go_back(id, reason);
            }
            (Breaker::Fails | Breaker::GoesBack, _) => {
                rolling.state = RollingState::Failed;
                self.record_failure(id, target);
            }
        }
    }

    /// Goes back to the revision that was completed before, as a new deployment: its tasks run on.
    pub(super) fn go_back(&mut self, id: &ServiceId, reason: &str) {
        let (now, number) = (self.now, self.sets_made + 1);
        let Some(service) = self.state.service_mut(id) else { return };
        let Some(rolling) = &mut service.rolling else { return };
        let failed = rolling.target;
        let place = service.sets.iter().position(|set| Some(set.number) == rolling.origin);
        let Some(place) = place else {
            rolling.state = RollingState::Failed;
            self.record_failure(id, failed);
            return;
        };
        rolling.going_back = true;
        rolling.target = number;
        rolling.origin = Some(number);
        service.primary = Some(number);
        let mut origin = service.sets.remove(place);
        origin.begin_again(number, now);
        let revision = origin.service_revision;
        restore(service, revision);
        service.sets.push(origin);
        self.sets_made = number;
        self.record_way_back(id, failed, number, revision, reason);
        self.wake_scheduler(number);
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
                set.computed = service.desired;
            } else {
                set.draining = true;
                empty.push(set.number);
            }
        }
        self.record_completion(id, target);
        for number in empty {
            self.wake_scheduler(number);
        }
    }

    /// Says so when a service has reached a steady state.
    pub(super) fn notice_steady_state(&mut self, id: &ServiceId) {
        let Some(service) = self.state.service_mut(id) else { return };
        let steady = service.is_steady();
        if std::mem::replace(&mut service.steady, steady) != steady && steady {
            self.say(id, "has reached a steady state.");
        }
    }

    /// Lets a service say something.
    pub(super) fn say(&mut self, id: &ServiceId, what: &str) {
        self.events_made += 1;
        let (number, now): (u64, Elapsed) = (self.events_made, self.now);
        if let Some(service) = self.state.service_mut(id) {
            service.say(number, now, what);
        }
    }
}

/// Gives a service the settings of an earlier service revision again.
fn restore(service: &mut Service, number: u32) {
    let revision = service.revisions.iter().find(|revision| revision.number == number);
    if let Some(settings) = revision.map(|revision| revision.settings.clone()) {
        service.settings = service.settings.merged(&settings);
    }
}

#[cfg(test)]
mod tests {
    use super::super::behaviour::Behaviour;
    use super::super::behaviour::Fate;
    use super::super::call::Call;
    use super::super::ledger::Actor;
    use super::super::names::revision;
    use super::super::scenario::Controller;
    use super::super::scenario::Scenario;
    use super::super::settings::Settings;
    use super::*;
    use crate::model::Elapsed;

    fn update(minimum: u32, maximum: u32) -> Call {
        Call::UpdateService {
            service: ServiceId::new("prod", "web").unwrap(),
            desired_count: None,
            task_definition: Some("web:2".to_owned()),
            force: false,
            minimum_healthy_percent: Some(minimum),
            maximum_percent: Some(maximum),
            settings: Settings::default(),
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
