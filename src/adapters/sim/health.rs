//! Health checks of targets.

use std::time::Duration;

use super::agenda::Event;
use super::task::StopCause;
use super::task::TargetHealth;
use super::task::TaskState;
use super::world::World;

impl World {
    /// A running task's target appears in its group.
    pub(super) fn register_target(&mut self, number: u64) {
        let Some((set, task)) = self.find_task(number) else {
            return;
        };
        let (set_number, broken) = (set.number, task.broken);
        let Some(group) = set.group else {
            if !broken
                && !self.is_rolling(set_number)
                && let Some(set) = self.set_mut(set_number)
            {
                set.consecutive_failures = 0;
            }
            return;
        };
        let attached = self.state.groups.get(group).is_some_and(|group| group.attached);
        let health = if attached { TargetHealth::Initial } else { TargetHealth::Unused };
        if let Some(task) = self.task_mut(number) {
            task.target = Some(health);
        }
        self.plan_checks(number);
    }

    /// Plans the next change of a target's health, and forgets what was planned before.
    pub(super) fn plan_checks(&mut self, number: u64) {
        let group = self.find_task(number).and_then(|(set, _)| set.group);
        let group = group.and_then(|group| self.state.groups.get(group));
        let (interval, successes, failures) =
            group.map_or((self.scenario.timing.health_interval, 1, 1), |group| {
                let of = &group.settings;
                (of.interval, of.healthy_threshold, of.unhealthy_threshold)
            });
        let phase = self.rng.span(Duration::from_millis(1), interval);
        let Some(task) = self.task_mut(number) else {
            return;
        };
        task.checks += 1;
        let (checks, broken) = (task.checks, task.broken);
        let (health, after) = match task.target {
            // a new target needs one success only
            Some(TargetHealth::Initial) if !broken => (TargetHealth::Healthy, 0),
            Some(TargetHealth::Unhealthy) if !broken => (TargetHealth::Healthy, successes - 1),
            Some(TargetHealth::Initial | TargetHealth::Healthy) if broken => {
                (TargetHealth::Unhealthy, failures - 1)
            }
            _ => return,
        };
        let at = self.now.after(phase + interval * after);
        self.agenda.plan(at, Event::Check { task: number, checks, health });
    }

    /// How long a task's target drains.
    pub(super) fn deregistration_delay(&self, number: u64) -> Duration {
        let group = self.find_task(number).and_then(|(set, _)| set.group);
        let group = group.and_then(|group| self.state.groups.get(group));
        group.map_or(Duration::ZERO, |group| group.settings.deregistration_delay)
    }

    /// What runs in a task stops working.
    pub(super) fn break_task(&mut self, number: u64) {
        let wait =
            self.scenario.timing.health_interval * self.scenario.timing.unhealthy_threshold.max(1);
        let balanced = self.find_task(number).is_some_and(|(set, _)| set.group.is_some());
        let Some(task) = self.task_mut(number) else {
            return;
        };
        task.broken = true;
        if balanced {
            self.plan_checks(number);
            return;
        }
        // without a load balancer the container's own check finds it
        task.checks += 1;
        let (checks, at) = (task.checks, self.now.after(wait));
        self.agenda.plan(at, Event::GiveUp { task: number, checks });
    }

    /// The load balancer learns of a target's health.
    pub(super) fn check(&mut self, number: u64, checks: u32, health: TargetHealth) {
        let service = self.find_task(number).and_then(|(set, _)| self.state.service_of(set.number));
        let own = service.and_then(|service| service.grace);
        let grace = own.unwrap_or(self.scenario.timing.health_grace);
        let (low, high) = self.scenario.timing.scheduler;
        let reaction = self.now.after(self.rng.span(low, high));
        let Some(task) = self.task_mut(number) else {
            return;
        };
        if task.checks != checks || task.state != TaskState::Running {
            return;
        }
        task.target = Some(health);
        let since = task.running_since;
        let set = self.set_of_task_mut(number).map(|set| {
            if health == TargetHealth::Healthy {
                set.consecutive_failures = 0;
            }
            set.number
        });
        if health != TargetHealth::Healthy {
            let at = since.map_or(reaction, |since| since.after(grace)).max(reaction);
            self.agenda.plan(at, Event::GiveUp { task: number, checks });
        }
        if let Some(set) = set {
            self.roll(set);
        }
    }

    /// ECS stops a task that stays unhealthy, and replaces it.
    pub(super) fn give_up(&mut self, number: u64, checks: u32) {
        let Some((set, task)) = self.find_task(number) else {
            return;
        };
        if task.checks != checks || !task.is_live() {
            return;
        }
        let set = set.number;
        self.stop_task(number, StopCause::FailedHealthChecks);
        self.wake_scheduler(set);
    }

    /// Finds out which groups are named by a rule, and what that means for their targets.
    pub(super) fn reattach(&mut self) {
        for group in 0..self.state.groups.len() {
            let mut rules = self.state.rules.iter().flatten();
            let naming = rules.find(|rule| rule.control.iter().any(|(of, _)| *of == group));
            let named = naming.is_some();
            let balancer = naming.map(|rule| self.state.balancer_of_listener(rule.listener));
            let now = self.now;
            let Some(entry) = self.state.groups.get_mut(group) else {
                continue;
            };
            entry.balancer = balancer.or(entry.balancer);
            if entry.attached != named {
                entry.attached = named;
                entry.switched_at = now;
                self.switch_checks(group, named);
            }
        }
    }

    fn switch_checks(&mut self, group: usize, on: bool) {
        let mut targets = Vec::new();
        for set in self.state.sets_mut().filter(|set| set.group == Some(group)) {
            for task in &mut set.tasks {
                if task.target.is_some_and(|target| target != TargetHealth::Draining) {
                    let health = if on { TargetHealth::Initial } else { TargetHealth::Unused };
                    task.target = Some(health);
                    targets.push(task.number);
                }
            }
        }
        for task in targets {
            self.plan_checks(task);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::action::Action;
    use super::super::behaviour::Behaviour;
    use super::super::behaviour::Fate;
    use super::super::names::revision;
    use super::super::scenario::Scenario;
    use super::*;
    use crate::model::Elapsed;

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    #[test]
    fn the_targets_of_a_group_that_no_rule_names_are_unused() {
        let mut world = World::new(Scenario::new(1));
        world.apply(&Action::DeleteRule { rule: 0 });
        let targets = |world: &World| -> Vec<_> {
            world.state().home().sets[0].tasks.iter().map(|task| task.target).collect()
        };
        world.advance(at(600));
        assert_eq!(targets(&world), [Some(TargetHealth::Unused); 4]);
        assert_eq!(world.state().healthy_targets(0), 0);
    }

    #[test]
    fn a_broken_task_is_found_stopped_and_replaced() {
        let fate = Fate::UnhealthyAfter(Duration::from_secs(100));
        let scenario = Scenario::new(1).with_behaviour(revision(1), Behaviour::doomed(fate));
        let mut world = World::new(scenario);
        world.advance(at(99));
        assert_eq!(world.state().home().sets[0].healthy(), 4);
        world.advance(at(121));
        assert_eq!(world.state().home().sets[0].healthy(), 0);
        world.advance(at(200));
        let set = &world.state().home().sets[0];
        assert_eq!(set.failed(), 4);
        assert!(set.tasks.iter().any(|task| !task.broken));
    }

    #[test]
    fn a_flapping_task_is_unhealthy_and_healthy_in_turns() {
        let (up, down) = (Duration::from_mins(2), Duration::from_secs(40));
        let fate = Behaviour::doomed(Fate::Flaps { up, down });
        let mut scenario = Scenario::new(1).with_desired(1).with_behaviour(revision(1), fate);
        scenario.timing.health_grace = Duration::from_hours(1);
        let mut world = World::new(scenario);
        let healthy = [119, 150, 190, 279].map(|second| {
            world.advance(at(second));
            world.state().home().sets[0].healthy()
        });
        assert_eq!(healthy, [1, 0, 1, 1]);
        assert_eq!(world.state().home().sets[0].failed(), 0);
    }

    #[test]
    fn a_revision_that_recovers_becomes_healthy_again() {
        let sick = Behaviour::doomed(Fate::NeverHealthy);
        let mut scenario = Scenario::new(1).with_behaviour(revision(1), sick);
        scenario.timing.health_grace = Duration::from_hours(1);
        let mut world = World::new(scenario);
        world.advance(at(60));
        assert_eq!(world.state().home().sets[0].healthy(), 0);
        let behaviour = Behaviour::healthy();
        world.apply(&Action::ChangeBehaviour { revision: revision(1), behaviour });
        world.advance(at(90));
        assert_eq!(world.state().home().sets[0].healthy(), 4);
        assert_eq!(world.state().home().sets[0].failed(), 0);
    }
}
