//! The executor that makes time jump.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::Wake;
use std::task::Waker;

use super::cloud::Cloud;
use super::ledger::Actor;
use super::process::lock;
use super::world::World;
use crate::model::Elapsed;
use crate::ports::Task;

/// Names a spawned task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(u64);

/// Why [`Executor::run_until`] returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "three reasons by definition")]
pub enum Stopped {
    /// The deadline has come.
    Deadline,
    /// The callback asked for it.
    Broken,
    /// The last task ended.
    Finished,
}

/// What one [`Executor::step`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "four outcomes by definition")]
pub enum Step {
    /// This task was polled.
    Polled(TaskId),
    /// This task was polled and ended.
    Ended(TaskId),
    /// Something happened in the world (one event, or the effect of one call).
    Event,
    /// Time passed up to the first wait, or to the limit.
    Time,
}

type Ready = Arc<Mutex<VecDeque<TaskId>>>;

struct Signal {
    id: TaskId,
    ready: Ready,
    queued: AtomicBool,
}

impl Wake for Signal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::Relaxed) {
            lock(&self.ready).push_back(self.id);
        }
    }
}

struct Slot {
    actor: Actor,
    task: Task,
    signal: Arc<Signal>,
    waker: Waker,
}

/// A single-threaded executor over one [`Cloud`]. When no task is ready, time jumps to the next event
/// of the world or to the end of the first wait, whichever is earlier.
pub struct Executor {
    cloud: Cloud,
    ready: Ready,
    slots: BTreeMap<TaskId, Slot>,
    next: u64,
}

impl Executor {
    /// An executor without tasks.
    pub fn new(cloud: &Cloud) -> Self {
        Self { cloud: cloud.clone(), ready: Ready::default(), slots: BTreeMap::new(), next: 0 }
    }

    /// Starts a task of the process whose handle the executor was made with.
    pub fn spawn(&mut self, task: Task) -> TaskId {
        self.spawn_as(self.cloud.actor().clone(), task)
    }

    fn spawn_as(&mut self, actor: Actor, task: Task) -> TaskId {
        self.next += 1;
        let id = TaskId(self.next);
        let ready = Arc::clone(&self.ready);
        let signal = Arc::new(Signal { id, ready, queued: AtomicBool::new(false) });
        let waker = Waker::from(Arc::clone(&signal));
        waker.wake_by_ref();
        self.slots.insert(id, Slot { actor, task, signal, waker });
        id
    }

    /// Drops a task: its process crashes at this point. Answers whether it still ran.
    pub fn kill(&mut self, id: TaskId) -> bool {
        self.slots.remove(&id).is_some()
    }

    /// Drops every task of the process that `cloud` belongs to; answers how many there were.
    pub fn kill_process(&mut self, cloud: &Cloud) -> usize {
        self.adopt();
        let before = self.slots.len();
        self.slots.retain(|_, slot| slot.actor != *cloud.actor());
        before - self.slots.len()
    }

    /// The tasks that have not ended, oldest first.
    pub fn tasks(&mut self) -> Vec<TaskId> {
        self.adopt();
        self.slots.keys().copied().collect()
    }

    /// Takes over what was spawned through the port.
    fn adopt(&mut self) {
        let has_spawned = &self.cloud.process.shared.has_spawned;
        // mostly there is none: only looking is cheap
        if !has_spawned.load(Ordering::Acquire) || !has_spawned.swap(false, Ordering::Acquire) {
            return;
        }
        loop {
            let spawned = lock(&self.cloud.process.shared.spawned).pop_front();
            let Some((actor, task)) = spawned else { break };
            self.spawn_as(actor, task);
        }
    }

    fn poll_one(&mut self) -> Option<Step> {
        self.adopt();
        loop {
            let id = lock(&self.ready).pop_front()?;
            let Some(slot) = self.slots.get_mut(&id) else {
                continue;
            };
            slot.signal.queued.store(false, Ordering::Relaxed);
            let done = slot.task.as_mut().poll(&mut Context::from_waker(&slot.waker)).is_ready();
            if done {
                self.slots.remove(&id);
                return Some(Step::Ended(id));
            }
            return Some(Step::Polled(id));
        }
    }

    /// Does one thing: polls one ready task, or else lets one event happen, or else lets time pass,
    /// but never beyond `limit`.
    pub fn step(&mut self, limit: Elapsed) -> Step {
        if let Some(step) = self.poll_one() {
            return step;
        }
        let timer = lock(&self.cloud.process.shared.timers).next();
        let to = timer.map_or(limit, |at| at.min(limit));
        let (happened, now) = self.cloud.with(|world| (world.step(to), world.now()));
        if timer.is_some_and(|timer| timer <= now) {
            lock(&self.cloud.process.shared.timers).fire(now);
        }
        if happened { Step::Event } else { Step::Time }
    }

    /// Runs until `deadline`, until the last task has ended, or until `on_event` breaks, which is
    /// asked after every event of the world and every effect of a call. Without any task the world
    /// runs on alone until the deadline.
    pub fn run_until(
        &mut self,
        deadline: Elapsed,
        on_event: &mut dyn FnMut(&mut World) -> ControlFlow<()>,
    ) -> Stopped {
        loop {
            match self.step(deadline) {
                Step::Polled(_) => {}
                Step::Ended(_) => {
                    if self.tasks().is_empty() {
                        return Stopped::Finished;
                    }
                }
                Step::Event => {
                    if self.cloud.with(&mut *on_event).is_break() {
                        return Stopped::Broken;
                    }
                }
                Step::Time => {
                    let over = self.cloud.with(|world| world.now()) >= deadline;
                    if over && lock(&self.ready).is_empty() {
                        return Stopped::Deadline;
                    }
                }
            }
        }
    }

    /// Runs everything until this future ends, and returns what it yields; none where a year of
    /// simulated time was not enough.
    pub fn block_on<F: Future>(&mut self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        self.next += 1;
        let ready = Arc::clone(&self.ready);
        let id = TaskId(self.next);
        let signal = Arc::new(Signal { id, ready, queued: AtomicBool::new(true) });
        let waker = Waker::from(Arc::clone(&signal));
        let limit = Elapsed::from_millis(
            self.cloud.with(|world| world.now()).as_millis().saturating_add(31_536_000_000),
        );
        loop {
            // the future is not in a slot, so its own signal is looked at here
            if signal.queued.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Some(value);
                }
            } else if self.step(limit) == Step::Time
                && self.cloud.with(|world| world.now()) >= limit
            {
                return None;
            }
        }
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor")
            .field("cloud", &self.cloud)
            .field("tasks", &self.slots.keys())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;
    use std::time::Duration;

    use super::super::scenario::Scenario;
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    fn at(seconds: u64) -> Elapsed {
        Elapsed::from_millis(seconds * 1000)
    }

    fn go_on(_: &mut World) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    /// Counts a minute each, for ever.
    fn counting(cloud: &Cloud, count: &Arc<AtomicU32>) -> Task {
        let (clock, count) = (cloud.clock(), Arc::clone(count));
        Box::pin(async move {
            loop {
                clock.sleep(MINUTE).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    #[test]
    fn time_jumps_and_a_wait_ends_on_time() {
        let cloud = Cloud::new(Scenario::new(1));
        let mut executor = Executor::new(&cloud);
        let clock = cloud.clock();
        let woken = executor.block_on(async move {
            clock.sleep(Duration::from_micros(1500)).await;
            clock.elapsed()
        });
        assert_eq!(woken, Some(Elapsed::from_millis(2)));
    }

    #[test]
    fn a_run_stops_at_its_deadline_when_asked_or_when_all_is_done() {
        let cloud = Cloud::new(Scenario::new(1));
        let mut executor = Executor::new(&cloud);
        assert_eq!(executor.run_until(at(10), &mut go_on), Stopped::Deadline);
        let stop = &mut |_: &mut World| ControlFlow::Break(());
        assert_eq!(executor.run_until(at(100), stop), Stopped::Broken);
        assert_eq!(cloud.clock().elapsed(), at(60));
        let clock = cloud.clock();
        executor.spawn(Box::pin(async move { clock.sleep(MINUTE).await }));
        assert_eq!(executor.run_until(at(1000), &mut go_on), Stopped::Finished);
        assert_eq!(cloud.clock().elapsed(), at(120));
    }

    #[test]
    fn a_killed_process_does_nothing_more_and_the_others_go_on() {
        let cloud = Cloud::new(Scenario::new(1));
        let (one, other) = (cloud.process("one"), cloud.process("other"));
        let mut executor = Executor::new(&cloud);
        let counts = [Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0))];
        one.spawner().spawn(counting(&one, &counts[0]));
        other.spawner().spawn(counting(&other, &counts[1]));
        executor.run_until(at(125), &mut go_on);
        assert_eq!(executor.kill_process(&one), 1);
        executor.run_until(at(245), &mut go_on);
        assert_eq!(counts.map(|count| count.load(Ordering::Relaxed)), [2, 4]);
    }

    #[test]
    fn a_write_takes_effect_though_its_sender_crashed_right_after_sending() {
        use crate::model::ServiceId;

        let cloud = Cloud::new(Scenario::new(1).with_test_rule());
        let mut executor = Executor::new(&cloud);
        let handle = cloud.clone();
        let task = executor.spawn(Box::pin(async move {
            use crate::model::FencingToken;
            use crate::model::Topology;
            use crate::ports::Router;

            let router = handle.router();
            let service = ServiceId::new("prod", "web").unwrap();
            let routes =
                Router::routes(&*router, &service, &Topology::default()).await.unwrap().unwrap();
            let mut baseline =
                handle.fleet().baseline(&service, &Topology::default()).await.unwrap();
            baseline.stable_group = Some(routes.stable_group);
            baseline.candidate_group = Some(routes.candidate_group);
            baseline.rules = routes.rules;
            let subject = crate::model::Subject {
                deployment: crate::model::DeploymentId::new("d").unwrap(),
                service,
                candidate: super::super::names::revision(2),
                baseline,
            };
            drop(router.shift(&subject, crate::model::Weight::FULL, FencingToken::new(1)).await);
        }));
        while cloud.with(|world| world.ledger().is_empty()) {
            executor.step(at(60));
        }
        assert!(executor.kill(task));
        assert_eq!(cloud.with(|world| world.ledger()[0].effective_at), None);
        executor.run_until(at(60), &mut go_on);
        cloud.with(|world| {
            assert!(world.ledger()[0].effective_at.is_some());
            let rule = world.state().production_rules().next().unwrap();
            assert_eq!(rule.control_permille(1), 1000);
        });
    }
}
