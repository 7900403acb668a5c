//! Whole deployments of an autoscaled service: held while there is an effect, given back at every end.
#![expect(clippy::unwrap_used, reason = "a failed test is what a panic means here")]

#[path = "base/rig.rs"]
mod base;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use cutover::DeploymentHandle;
use cutover::Error;
use cutover::adapters::sim::Action;
use cutover::adapters::sim::Actor;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Call;
use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::ScalingCall;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::Step;
use cutover::adapters::sim::Stopped;
use cutover::adapters::sim::World;
use cutover::adapters::sim::revision;
use cutover::model::DeploymentId;
use cutover::model::Elapsed;
use cutover::model::Ending;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::ScalableTarget;
use cutover::model::ScalingPolicy;
use cutover::model::ServiceId;
use cutover::model::Status;
use cutover::model::StopReason;
use cutover::model::Suspension;
use cutover::model::Topology;
use cutover::strategy::AllAtOnce;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Rolling;
use cutover::strategy::Strategy;
use futures_util::StreamExt;

use base::request;

const DAY: Elapsed = Elapsed::from_millis(86_400_000);

/// Somebody has suspended scheduled scaling, and that is to stay so.
fn found() -> ScalableTarget {
    let suspended = Suspension { scheduled: true, ..Suspension::default() };
    ScalableTarget { service: "web".to_owned(), minimum: 2, maximum: 10, suspended }
}

fn scenario(seed: u64) -> Scenario {
    Scenario::new(seed).with_scalable_target(found())
}

fn id() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

fn seconds(seconds: u64) -> Elapsed {
    Elapsed::from_millis(seconds * 1000)
}

fn target(world: &World) -> ScalableTarget {
    world.state().scalable_targets.first().unwrap().target.clone()
}

/// Whether two revisions are there to stay, as far as ECS was told.
fn has_effect(world: &World) -> bool {
    let stays = |number| {
        let sets = &world.state().home().sets;
        sets.iter().any(|set| set.revision == revision(number) && !set.draining && set.computed > 0)
    };
    stays(1) && stays(2)
}

/// While two revisions are there, nothing is scaled.
fn held(world: &mut World) -> ControlFlow<()> {
    let (two, now) = (has_effect(world), world.now());
    assert!(!two || target(world).suspended == Suspension::ALL, "at {now:?}");
    ControlFlow::Continue(())
}

#[derive(Default)]
struct Told {
    handle: Option<DeploymentHandle>,
    events: Vec<EventKind>,
    ending: Option<Ending>,
}

struct Rig {
    base: base::Rig,
    told: Arc<Mutex<Told>>,
}

impl Rig {
    fn new(scenario: Scenario) -> Self {
        Self { base: base::Rig::new(scenario), told: Arc::default() }
    }

    /// A process that takes the deployment up, or starts it where nobody has yet.
    fn begin(
        &self,
        name: &str,
        strategy: Box<dyn Strategy>,
        policy: Option<ScalingPolicy>,
    ) -> Cloud {
        let (deployer, cloud) = self.base.deployer(name);
        let told = Arc::clone(&self.told);
        let service = self.base.service();
        cloud.spawner().spawn(Box::pin(async move {
            let topology = Topology { autoscaling: policy, ..Topology::default() };
            let handle = if let Ok(handle) = deployer.resume(&id()).await {
                handle
            } else {
                let request = request("d-1", service, 2, &*strategy);
                deployer.start(request.topology(topology)).await.unwrap()
            };
            told.lock().unwrap().handle = Some(handle.clone());
            let mut events = Box::pin(handle.events());
            while let Some(Event { kind, .. }) = events.next().await {
                told.lock().unwrap().events.push(kind);
            }
            told.lock().unwrap().ending = Some(handle.wait().await.unwrap());
        }));
        cloud
    }

    fn finish(&mut self, check: &mut dyn FnMut(&mut World) -> ControlFlow<()>) -> Ending {
        assert_eq!(self.base.executor.run_until(DAY, check), Stopped::Finished);
        // what was sent before the end may come after it
        let later = self.base.cloud.clock().elapsed().after(Duration::from_mins(10));
        self.base.executor.run_until(later, check);
        self.told.lock().unwrap().ending.take().unwrap()
    }

    fn target(&self) -> ScalableTarget {
        self.base.cloud.with(|world| target(world))
    }

    fn drifts(&self) -> Vec<String> {
        let told = self.told.lock().unwrap();
        let drifts = told.events.iter().filter_map(|event| match event {
            EventKind::Drift { what } => Some(what.clone()),
            _ => None,
        });
        drifts.collect()
    }
}

fn run(scenario: Scenario, strategy: Box<dyn Strategy>) -> (Rig, Ending) {
    let mut rig = Rig::new(scenario);
    rig.begin("p1", strategy, Some(ScalingPolicy::Suspend));
    let ending = rig.finish(&mut held);
    (rig, ending)
}

fn strategies() -> Vec<Box<dyn Strategy>> {
    vec![
        Box::new(BlueGreen::default()),
        Box::new(Canary::default()),
        Box::new(Rolling::default()),
        Box::new(AllAtOnce::default()),
    ]
}

#[test]
fn it_is_held_before_the_first_effect_and_given_back_after_success_and_rollback() {
    for (fate, status) in
        [(Fate::Healthy, Status::Successful), (Fate::NeverHealthy, Status::RollbackSuccessful)]
    {
        for controller in [Controller::External, Controller::Ecs] {
            for strategy in strategies() {
                let name = format!("{} {fate:?} {controller:?}", strategy.name());
                if controller == Controller::Ecs && strategy.name() != "rolling" {
                    continue;
                }
                let scenario = scenario(1).with_controller(controller);
                let scenario = scenario.with_behaviour(revision(2), Behaviour::doomed(fate));
                let (rig, ending) = run(scenario, strategy);
                assert_eq!(ending.status(), status, "{name}: {ending:?}");
                assert_eq!(rig.target(), found(), "{name}");
                assert_eq!(rig.drifts(), Vec::<String>::new(), "{name}");
                let first =
                    rig.base.cloud.with(|world| world.ledger().first().unwrap().call.kind());
                assert_eq!(first, CallKind::RegisterScalableTarget, "{name}");
            }
        }
    }
}

#[test]
fn an_abort_gives_it_back() {
    for at in [1, 5, 20, 60, 200, 300] {
        let mut rig = Rig::new(scenario(2));
        rig.begin("p1", Box::new(BlueGreen::default()), Some(ScalingPolicy::Suspend));
        rig.base.executor.run_until(seconds(at), &mut held);
        let handle = rig.told.lock().unwrap().handle.clone().unwrap();
        let asked = async move { drop(handle.abort().await) };
        rig.base.cloud.process("p1").spawner().spawn(Box::pin(asked));
        let ending = rig.finish(&mut held);
        let expected = [Status::Stopped, Status::RollbackSuccessful];
        assert!(expected.contains(&ending.status()), "{at} s: {ending:?}");
        assert_eq!(rig.target(), found(), "{at} s");
    }
}

/// Kills the process at its n-th poll; none where it ends before.
fn crashed_at(poll: u32, fate: Fate) -> Option<()> {
    let scenario = scenario(3).with_behaviour(revision(2), Behaviour::doomed(fate));
    let mut rig = Rig::new(scenario);
    let strategy = || Box::new(AllAtOnce::default());
    let first = rig.begin("p1", strategy(), Some(ScalingPolicy::Suspend));
    let mut polls = 0;
    while polls < poll {
        match rig.base.executor.step(DAY) {
            Step::Ended(_) if rig.base.executor.tasks().is_empty() => return None,
            Step::Polled(_) | Step::Ended(_) => polls += 1,
            Step::Event | Step::Time => drop(rig.base.cloud.with(held)),
        }
    }
    assert!(rig.base.executor.kill_process(&first) > 0);
    rig.begin("p2", strategy(), Some(ScalingPolicy::Suspend));
    let ending = rig.finish(&mut held);
    let good = [Status::Successful, Status::RollbackSuccessful];
    assert!(good.contains(&ending.status()), "poll {poll}: {ending:?}");
    assert_eq!(rig.target(), found(), "poll {poll}: {ending:?}");
    Some(())
}

#[test]
fn a_crash_at_any_poll_leaves_nothing_suspended_once_another_process_has_finished() {
    for fate in [Fate::Healthy, Fate::FailsToStart] {
        let polls = (1..100_000).take_while(|poll| crashed_at(*poll, fate).is_some()).count();
        assert!(polls > 50, "{polls}");
    }
}

#[test]
fn whatever_becomes_of_its_writes_it_is_given_back() {
    let late = Fault::LateEffect(Duration::from_secs(40));
    let faults = [
        late,
        Fault::Duplicate,
        Fault::Throttled,
        Fault::NotSent,
        Fault::TimeoutBefore,
        Fault::TimeoutAfter,
        Fault::ServerError { applied: true },
        Fault::ServerError { applied: false },
    ];
    for fault in faults {
        for nth in [1, 2] {
            for fate in [Fate::Healthy, Fate::FailsToStart] {
                let call = CallFilter::Only(CallKind::RegisterScalableTarget);
                let scenario = scenario(4).with_fault(ScheduledFault { call, nth, fault });
                let scenario = scenario.with_behaviour(revision(2), Behaviour::doomed(fate));
                let (rig, ending) = run(scenario, Box::new(AllAtOnce::default()));
                let what = format!("{fault:?} at {nth}, {fate:?}: {ending:?}");
                assert_ne!(ending.status(), Status::RollbackFailed, "{what}");
                assert_eq!(rig.target(), found(), "{what}");
            }
        }
    }
}

#[test]
fn whoever_deploys_over_it_finds_autoscaling_as_it_was() {
    let theirs = Action::CreateForeignTaskSet { revision: revision(7) };
    let scenario = scenario(5).with_action(seconds(300), theirs);
    let mut rig = Rig::new(scenario);
    rig.begin("p1", Box::new(BlueGreen::default()), Some(ScalingPolicy::Suspend));
    let ending = rig.finish(&mut |_| ControlFlow::Continue(()));
    assert!(matches!(ending, Ending::Stopped { reason: StopReason::Superseded, .. }), "{ending:?}");
    assert_eq!(rig.target(), found());
}

#[test]
fn a_desired_count_that_moves_is_followed_where_autoscaling_is_left_alone() {
    for at in [30, 90, 200, 320] {
        for strategy in strategies() {
            let moves = [(at, 7), (at + 100, 3)];
            let scenario = moves.into_iter().fold(scenario(6), |scenario, (at, desired)| {
                scenario.with_action(seconds(at), Action::SetDesired(desired))
            });
            let name = format!("{} at {at}", strategy.name());
            let mut rig = Rig::new(scenario);
            rig.begin("p1", strategy, Some(ScalingPolicy::Leave));
            let ending = rig.finish(&mut |_| ControlFlow::Continue(()));
            assert_eq!(ending, Ending::Successful { leftovers: Vec::new() }, "{name}");
            assert_eq!(rig.target(), found(), "{name}");
            let calls = rig.base.cloud.with(|world| world.ledger().to_vec());
            let register = CallKind::RegisterScalableTarget;
            assert!(calls.iter().all(|entry| entry.call.kind() != register), "{name}");
        }
    }
}

#[test]
fn while_it_is_suspended_autoscaling_moves_nothing() {
    let scenario = scenario(7).with_action(seconds(100), Action::SetDesired(9));
    let (rig, ending) = run(scenario, Box::new(BlueGreen::default()));
    assert_eq!(ending.status(), Status::Successful);
    assert_eq!(rig.base.cloud.with(|world| world.state().home().desired), 4);
}

#[test]
fn an_autoscaled_service_is_refused_where_nothing_is_said_of_it() {
    let mut rig = Rig::new(scenario(8));
    let (deployer, strategy) = (rig.base.deployer("p1").0, BlueGreen::default());
    let request = request("d-1", rig.base.service(), 2, &strategy);
    let refused =
        rig.base.executor.block_on(async move { deployer.start(request).await.unwrap_err() });
    let Some(Error::Autoscaled { target }) = refused else { panic!("{refused:?}") };
    assert_eq!(target, "web 2 to 10, suspended: scheduled");
    assert!(rig.base.cloud.with(|world| world.ledger().is_empty()));
}

#[test]
fn a_change_by_someone_else_is_told_once_and_left_until_the_end() {
    let mut rig = Rig::new(scenario(9));
    rig.begin("p1", Box::new(BlueGreen::default()), Some(ScalingPolicy::Suspend));
    let mut check = |_: &mut World| ControlFlow::Continue(());
    rig.base.executor.run_until(seconds(120), &mut check);
    rig.base.cloud.with(|world| {
        let call = ScalingCall::RegisterScalableTarget {
            service: ServiceId::new("prod", "web").unwrap(),
            minimum: Some(3),
            maximum: None,
            role: None,
            scale_in_suspended: None,
            scale_out_suspended: None,
            scheduled_suspended: None,
        };
        world.call(&Actor::other("colleague"), &Call::Scaling(call)).unwrap();
    });
    rig.base.executor.run_until(seconds(300), &mut check);
    assert_eq!(rig.target().minimum, 3, "it is left alone meanwhile");
    assert_eq!(rig.finish(&mut check).status(), Status::Successful);
    let what = "autoscaling of web 3 to 10, suspended: in, out, scheduled";
    assert_eq!(rig.drifts(), [what]);
    assert_eq!(rig.target(), found());
}
