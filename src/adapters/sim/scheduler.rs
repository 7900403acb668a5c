//! ECS's scheduler: launches and stops tasks until a task set has as many as it should.

use std::time::Duration;

use super::agenda::Event;
use super::agenda::TaskChange;
use super::behaviour::Fate;
use super::names;
use super::stopped_task::StoppedTask;
use super::task::StopCause;
use super::task::TargetHealth;
use super::task::Task;
use super::task::TaskState;
use super::task::ZONES;
use super::task_set::TaskSet;
use super::world::World;
use crate::model::ServiceId;
use crate::model::ServiceState;

/// How long ECS waits before it tries again to place what cannot be placed.
const UNPLACEABLE: Duration = Duration::from_secs(30);

impl World {
    /// Makes the scheduler look at a task set soon.
    pub(super) fn wake_scheduler(&mut self, number: u32) {
        let (low, high) = self.scenario.timing.scheduler;
        let at = self.now.after(self.rng.span(low, high));
        if let Some(set) = self.set_mut(number)
            && !set.scheduled
        {
            set.scheduled = true;
            self.agenda.plan(at, Event::Reconcile { set: number });
        }
    }

    /// Makes the scheduler look at every task set of a service soon.
    pub(super) fn wake_scheduler_for_all(&mut self, service: &ServiceId) {
        let sets = self.state.service(service).into_iter().flat_map(|service| &service.sets);
        let numbers: Vec<u32> = sets.map(|set| set.number).collect();
        for number in numbers {
            self.wake_scheduler(number);
        }
    }

    /// Recomputes how many tasks each set of a service should have.
    pub(super) fn recompute(&mut self, id: &ServiceId) {
        let Some(service) = self.state.service_mut(id) else {
            return;
        };
        if service.rolling.is_some() {
            self.roll_service(id);
            return;
        }
        let desired = service.desired;
        for set in &mut service.sets {
            set.computed = if set.draining { 0 } else { set.scale.computed(desired) };
        }
        self.wake_scheduler_for_all(id);
    }

    /// The scheduler looks at a task set.
    pub(super) fn reconcile(&mut self, number: u32) {
        let (now, no_capacity_until) = (self.now, self.no_capacity_until);
        let Some(set) = self.set_mut(number) else {
            return;
        };
        set.scheduled = false;
        if set.has_just_proven(now) {
            set.consecutive_failures = 0;
        }
        let (live, wanted) = (set.live(), if set.draining { 0 } else { set.computed });
        if live < wanted {
            let earliest = set.launch_after.max(no_capacity_until);
            if earliest > now {
                if set.retry_at != earliest {
                    set.retry_at = earliest;
                    self.agenda.plan(earliest, Event::Reconcile { set: number });
                }
                return;
            }
            if !self.is_placeable(number) {
                return;
            }
            let launched: Vec<u64> = (live..wanted).filter_map(|_| self.launch(number)).collect();
            self.say_tasks(number, "has started", "tasks", &launched);
        }
        let stopped: Vec<u64> = (wanted..live).filter_map(|_| self.scale_in(number)).collect();
        self.say_tasks(number, "has stopped", "running tasks", &stopped);
        let service = self.state.service_of(number).map(|service| service.id.clone());
        self.remove_if_empty(number);
        if let Some(service) = service {
            self.roll_service(&service);
        }
    }

    /// Whether tasks of a set can be placed at all; if not, that is said, and tried again later.
    fn is_placeable(&mut self, number: u32) -> bool {
        let Some(set) = self.state.set(number) else {
            return false;
        };
        if self.behaviour(set.behaviour).placeable {
            return true;
        }
        let at = self.now.after(UNPLACEABLE);
        if let Some(set) = self.set_mut(number)
            && set.retry_at != at
        {
            set.retry_at = at;
            self.agenda.plan(at, Event::Reconcile { set: number });
        }
        self.say_of(
            number,
            "was unable to place a task because no container instance or capacity \
                             met all of its requirements. Reason: RESOURCE:CPU.",
        );
        false
    }

    fn say_tasks(&mut self, number: u32, what: &str, whom: &str, tasks: &[u64]) {
        if tasks.is_empty() {
            return;
        }
        let ids: Vec<String> =
            tasks.iter().map(|task| format!("(task {})", names::hex(*task))).collect();
        let what = format!("{what} {} {whom}: {}.", ids.len(), ids.join(" "));
        self.say_of(number, &what);
    }

    /// Lets the service of a task set say something.
    fn say_of(&mut self, number: u32, what: &str) {
        if let Some(id) = self.state.service_of(number).map(|service| service.id.clone()) {
            self.say(&id, what);
        }
    }

    /// Launches one task; answers its number.
    fn launch(&mut self, number: u32) -> Option<u64> {
        let zone = self.zone_for(number);
        let set = self.set_mut(number)?;
        let behaviour = set.behaviour;
        let task = self.new_task(behaviour, zone);
        let (task_number, timing) = (task.number, &self.scenario.timing);
        let fixed = self.state.revisions.get(behaviour).and_then(|(_, behaviour)| behaviour.start);
        let start = fixed.unwrap_or_else(|| self.rng.span(timing.start.0, timing.start.1));
        self.plan_task(task_number, 0, start / 4, TaskChange::Pending);
        self.plan_task(task_number, 0, start, TaskChange::Running);
        if let Some(set) = self.set_mut(number) {
            set.tasks.push(task);
        }
        Some(task_number)
    }

    /// A task that does not run yet.
    pub(super) fn new_task(&mut self, behaviour: usize, zone: u8) -> Task {
        self.tasks_made += 1;
        let permille = self.behaviour(behaviour).afflicted_permille;
        Task {
            number: self.tasks_made,
            state: TaskState::Provisioning,
            target: None,
            zone,
            created_at: self.now,
            running_since: None,
            broken: false,
            afflicted: self.rng.happens(permille),
            epoch: 0,
            checks: 0,
        }
    }

    /// The zone with the fewest tasks of this set.
    fn zone_for(&mut self, number: u32) -> u8 {
        let Some(set) = self.state.set(number) else {
            return 0;
        };
        let held = |zone: u8| set.tasks.iter().filter(|task| task.zone == zone).count();
        ZONES.into_iter().min_by_key(|zone| held(*zone)).unwrap_or(0)
    }

    /// Plans how a task's life goes on.
    pub(super) fn plan_task(&mut self, task: u64, epoch: u32, after: Duration, change: TaskChange) {
        self.agenda.plan(self.now.after(after), Event::Task { task, epoch, change });
    }

    /// Stops one task of a set: first those that do not run, then unhealthy ones, then the newest of
    /// the fullest zone. Answers its number.
    fn scale_in(&mut self, number: u32) -> Option<u64> {
        let set = self.state.set(number)?;
        let crowd = |zone: u8| set.tasks.iter().filter(|t| t.is_live() && t.zone == zone).count();
        let victim = set.tasks.iter().filter(|task| task.is_live()).max_by_key(|task| {
            let starting = task.state != TaskState::Running;
            (starting, !task.is_healthy_target(), crowd(task.zone), task.number)
        });
        let task = victim.map(|task| task.number)?;
        self.stop_task(task, StopCause::ScaledIn);
        Some(task)
    }

    /// Begins to stop a task: its target drains first.
    pub(super) fn stop_task(&mut self, number: u64, cause: StopCause) {
        let (low, high) = self.scenario.timing.stop;
        let stop = self.rng.span(low, high);
        let delay = self.deregistration_delay(number);
        let Some(task) = self.task_mut(number) else {
            return;
        };
        if !task.is_live() {
            return;
        }
        task.state = TaskState::Deactivating;
        task.epoch += 1;
        task.checks += 1;
        let epoch = task.epoch;
        let drains = matches!(
            task.target,
            Some(TargetHealth::Initial | TargetHealth::Healthy | TargetHealth::Unhealthy)
        );
        task.target = drains.then_some(TargetHealth::Draining);
        let after = if drains { delay + stop } else { stop };
        self.plan_task(number, epoch, after, TaskChange::Stops(cause));
    }

    /// A task's life goes on.
    pub(super) fn change_task(&mut self, number: u64, epoch: u32, change: TaskChange) {
        let Some(task) = self.task_mut(number) else {
            return;
        };
        if task.epoch != epoch {
            return;
        }
        match change {
            TaskChange::Pending => task.state = TaskState::Pending,
            TaskChange::Running => self.run_task(number),
            TaskChange::Breaks => {
                self.break_task(number);
                if let Fate::Flaps { down, .. } = self.fate_of(number) {
                    self.plan_task(number, epoch, down, TaskChange::Recovers);
                }
            }
            TaskChange::Recovers => {
                task.broken = false;
                self.plan_checks(number);
                if let Fate::Flaps { up, .. } = self.fate_of(number) {
                    self.plan_task(number, epoch, up, TaskChange::Breaks);
                }
            }
            TaskChange::Stops(cause) => self.remove_task(number, cause),
        }
    }

    fn run_task(&mut self, number: u64) {
        match self.fate_of(number) {
            Fate::FailsToStart => self.remove_task(number, StopCause::FailedToStart),
            Fate::ImagePullError => self.remove_task(number, StopCause::ImagePull),
            Fate::Healthy
            | Fate::CrashesAfter(_)
            | Fate::NeverHealthy
            | Fate::UnhealthyAfter(_)
            | Fate::Flaps { .. } => {
                let now = self.now;
                if let Some(task) = self.task_mut(number) {
                    task.state = TaskState::Running;
                    task.running_since = Some(now);
                }
                self.register_target(number);
                self.plan_fate(number);
                if let Some(set) = self.find_task(number).map(|(set, _)| set) {
                    let (set, unbalanced) = (set.number, set.group.is_none());
                    if unbalanced && self.is_rolling(set) {
                        // until then a rolling update does not count it
                        self.agenda.plan(now.after(TaskSet::PROVEN), Event::Reconcile { set });
                    }
                    self.roll(set);
                }
            }
        }
    }

    /// Whether a task set belongs to a service of the `ECS` controller.
    pub(super) fn is_rolling(&self, set: u32) -> bool {
        self.state.service_of(set).is_some_and(|service| service.rolling.is_some())
    }

    /// Plans what becomes of a task that runs.
    pub(super) fn plan_fate(&mut self, number: u64) {
        let (fate, now) = (self.fate_of(number), self.now);
        let Some(task) = self.task_mut(number) else {
            return;
        };
        let (epoch, age) = (task.epoch, now.since(task.running_since.unwrap_or(now)));
        match fate {
            Fate::CrashesAfter(span) => {
                let left = span.saturating_sub(age);
                self.plan_task(number, epoch, left, TaskChange::Stops(StopCause::Exited));
            }
            Fate::UnhealthyAfter(span) => {
                let left = span.saturating_sub(age);
                self.plan_task(number, epoch, left, TaskChange::Breaks);
            }
            Fate::Flaps { up, .. } => self.plan_task(number, epoch, up, TaskChange::Breaks),
            Fate::NeverHealthy => self.break_task(number),
            Fate::Healthy | Fate::FailsToStart | Fate::ImagePullError => {}
        }
    }

    /// What becomes of a task.
    pub(super) fn fate_of(&self, number: u64) -> Fate {
        let Some((set, task)) = self.find_task(number) else {
            return Fate::Healthy;
        };
        if task.afflicted { self.behaviour(set.behaviour).fate } else { Fate::Healthy }
    }

    /// A task is gone.
    pub(super) fn remove_task(&mut self, number: u64, cause: StopCause) {
        let (now, given) = (self.now, self.reasons.remove(&number));
        let group = self.find_task(number).and_then(|(set, _)| set.group);
        let group = group.and_then(|group| self.state.groups.get(group));
        let group = group.map(|group| group.arn.clone());
        let Some(set) = self.set_of_task_mut(number) else {
            return;
        };
        let set_number = set.number;
        let place = set.tasks.iter().position(|task| task.number == number);
        let Some(task) = place.map(|place| set.tasks.remove(place)) else {
            return;
        };
        let buried = StoppedTask {
            task,
            set: set.id.clone(),
            revision: set.revision.clone(),
            settings: set.settings.clone(),
            cause,
            given,
            group,
            at: now,
        };
        match set.stopped.iter_mut().find(|(of, _)| *of == cause) {
            Some((_, count)) => *count += 1,
            None => set.stopped.push((cause, 1)),
        }
        if cause.is_failure() {
            // the scheduler backs off from tasks that keep failing, by whole rounds of them
            set.consecutive_failures += 1;
            let rounds = set.consecutive_failures / set.computed.max(1);
            set.launch_after = now.after(Duration::from_secs(2 << rounds.min(6)));
        }
        if let Some(service) = self.state.service_of_mut(set_number) {
            service.bury(buried);
        }
        let service = self.state.service_of(set_number).map(|service| service.id.clone());
        if self.remove_if_empty(set_number) {
            if let Some(service) = service {
                self.notice_steady_state(&service);
            }
            return;
        }
        self.wake_scheduler(set_number);
    }

    /// Removes a task set that is draining and has no task left.
    fn remove_if_empty(&mut self, number: u32) -> bool {
        let done = |set: &TaskSet| set.draining && set.tasks.is_empty();
        if !self.state.set(number).is_some_and(done) {
            return false;
        }
        let Some(service) = self.state.service_of_mut(number) else {
            return false;
        };
        service.sets.retain(|set| set.number != number);
        if service.primary == Some(number) {
            service.primary = None;
        }
        if service.status == ServiceState::Draining && service.sets.is_empty() {
            service.status = ServiceState::Gone;
        }
        true
    }
}
