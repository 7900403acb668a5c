//! What a sceptic tried: each of these went wrong once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cutover::adapters::sim::{Cloud, Executor, Scenario};
use cutover::api::Ports;
use cutover::driver::Keeper;
use cutover::engine::{Input, replay};
use cutover::model::*;
use cutover::ports::{
    Append, AppendError, CallError, ErrorClass, LeaseRecord, Store, StoredRecord, StoredRequest,
    Summary,
};
use cutover::record::LeaseTerms;
use cutover::store::MemoryStore;
use cutover::strategy::{AllAtOnce, BlueGreen, Canary, Rolling, Strategy};
use cutover::{Deployer, DeploymentRequest};

use super::ideal::{Ideal, Rig};

const S: Duration = Duration::from_secs(1);

fn rig(strategy: &dyn Strategy, hooks: Vec<HookSpec>, limits: Limits) -> Rig {
    let world = Ideal::new(4, false);
    let mut plan = strategy.plan(&world.shape()).unwrap();
    plan.hooks = hooks;
    Rig::new(world, plan, limits)
}

fn run_for(rig: &mut Rig, span: Duration) {
    let end = rig.now.elapsed.after(span);
    rig.run_until(|rig| rig.now.elapsed >= end || rig.engine.has_ended());
}

fn going_forward(rig: &Rig, stage: Stage) -> bool {
    rig.engine.state().direction == Direction::Forward && rig.engine.state().stage == stage
}

#[test]
fn a_hold_on_which_a_limit_is_crossed_is_replayed_as_it_was_decided() {
    for seconds in 5..=25 {
        let limits = Limits { poll: seconds * S, checkpoint: seconds * S, ..Limits::default() };
        let mut rig = rig(&BlueGreen::default(), Vec::new(), limits);
        rig.world.healthy = Some(0);
        assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
        replay(rig.engine.record()).unwrap();
    }
}

#[test]
fn a_launch_that_reads_do_not_show_yet_is_not_left_behind() {
    let mut rig = rig(&BlueGreen::default(), Vec::new(), Limits::default());
    rig.world.deaf = true;
    rig.run_until(|rig| rig.writes.contains(&Intent::Launch { tasks: 4 }));
    rig.run_until(|rig| matches!(rig.inputs_fed.last(), Some((_, Input::CallDone { .. }))));
    rig.feed(Input::Operator(Operator::Abort));
    run_for(&mut rig, 80 * S);
    assert_eq!(rig.engine.state().ending, None, "a read may be ninety seconds old");
    rig.world.deaf = false;
    rig.world.candidate = Some(4);
    assert_eq!(rig.finish().status(), Status::RollbackSuccessful);
    assert_eq!(rig.world.candidate, None);
}

#[test]
fn an_abort_takes_back_a_weight_that_reads_do_not_show_yet() {
    let mut rig = rig(&Canary::default(), Vec::new(), Limits::default());
    rig.run_until(|rig| going_forward(rig, Stage::PreProductionTrafficShift));
    rig.world.deaf = true;
    let shifts = |rig: &Rig| matches!(rig.writes.last(), Some(Intent::Shift { .. }));
    rig.run_until(shifts);
    rig.run_until(|rig| matches!(rig.inputs_fed.last(), Some((_, Input::CallDone { .. }))));
    rig.feed(Input::Operator(Operator::Abort));
    assert_eq!(rig.writes.last(), Some(&Intent::Shift { weight: Weight::ZERO }));
}

#[test]
fn a_weight_that_someone_changes_while_a_hook_runs_is_not_overwritten() {
    let hook = HookSpec {
        id: HookId::new("smoke").unwrap(),
        stages: vec![Stage::PostProductionTrafficShift],
        timeout: Duration::from_secs(3600),
        default: HookAction::Rollback,
    };
    let mut rig = rig(&Canary::default(), vec![hook], Limits::default());
    rig.holds = Some((Direction::Forward, Stage::PostProductionTrafficShift));
    rig.run_until(|rig| rig.held.is_some());
    run_for(&mut rig, 200 * S);
    rig.world.weight = Weight::ZERO;
    let written = rig.writes.len();
    run_for(&mut rig, 600 * S);
    assert_eq!(rig.writes[written..], []);
    assert!(rig.events.iter().any(|event| matches!(event, EventKind::Drift { .. })));
}

#[test]
fn a_bake_does_not_count_time_at_a_weight_that_is_not_its_own() {
    let mut rig = rig(&Canary::default(), Vec::new(), Limits::default());
    rig.run_until(|rig| rig.engine.facts().accrued.bake > 120 * S);
    rig.world.weight = Weight::ZERO;
    run_for(&mut rig, 20 * S);
    let baked = rig.engine.facts().accrued.bake;
    run_for(&mut rig, 600 * S);
    assert_eq!(rig.engine.facts().accrued.bake, baked);
}

#[test]
fn an_end_that_is_being_recorded_slowly_does_not_spin() {
    let limits = Limits { checkpoint: 3600 * S, ..Limits::default() };
    let mut rig = rig(&BlueGreen::default(), Vec::new(), limits);
    rig.run_until(|rig| going_forward(rig, Stage::CleanUp) && rig.world.stable.is_none());
    rig.store_is_silent = true;
    rig.run_until(|rig| rig.engine.state().ending.is_some());
    rig.now.elapsed = rig.now.elapsed.after(60 * S);
    let wake = rig.feed(Input::Tick).unwrap();
    assert!(wake > rig.now.elapsed, "{wake:?} is past");
}

#[test]
fn a_request_that_meets_the_end_is_answered() {
    let mut rig = rig(&BlueGreen::default(), Vec::new(), Limits::default());
    rig.feed(Input::Operator(Operator::Pause));
    rig.feed(Input::Operator(Operator::Abort));
    rig.feed(Input::Operator(Operator::Promote));
    rig.finish();
    let refused =
        |event: &EventKind| matches!(event, EventKind::Refused { request: Operator::Promote, .. });
    assert!(rig.events.iter().any(refused), "{:?}", rig.events);
}

#[test]
fn a_roll_of_a_service_with_nothing_desired_ends() {
    let world = Ideal::new(0, false);
    let plan = Rolling::default().plan(&world.shape()).unwrap();
    let mut rig = Rig::new(world, plan, Limits::default());
    assert_eq!(rig.finish().status(), Status::Successful);
}

#[test]
fn a_roll_during_which_everything_is_scaled_to_zero_ends() {
    let mut rig = rig(&Rolling::default(), Vec::new(), Limits::default());
    rig.run_until(|rig| rig.world.candidate == Some(4));
    rig.world.desired = 0;
    assert_eq!(rig.finish().status(), Status::Successful);
}

fn deployer(cloud: &Cloud, name: &str, store: Arc<dyn Store>, routes: bool) -> Deployer {
    let cloud = cloud.process(name);
    let ports = Ports { router: routes.then(|| cloud.router()), ..cloud.ports(store) };
    Deployer::builder(ports).holder(HolderId::new(name).unwrap()).build().unwrap()
}

fn request<'a>(cloud: &Cloud, strategy: &'a dyn Strategy) -> DeploymentRequest<'a> {
    let service = cloud.with(|world| world.state().home().id.clone());
    let revision = cutover::adapters::sim::revision(2);
    DeploymentRequest::new(DeploymentId::new("d-2").unwrap(), service, revision, strategy)
}

fn deploy(cloud: &Cloud, store: Arc<dyn Store>) -> Option<Ending> {
    let deployer = deployer(cloud, "p1", store, true);
    let cloud = cloud.clone();
    Executor::new(&cloud.clone()).block_on(async move {
        let strategy = AllAtOnce::default();
        let handle = deployer.start(request(&cloud, &strategy)).await.unwrap();
        handle.wait().await.unwrap()
    })
}

/// Starts a blue/green deployment and kills its process once traffic is on the candidate.
fn left_in_the_bake(cloud: &Cloud, store: &Arc<Frail>) -> Executor {
    let mut executor = Executor::new(cloud);
    let process = cloud.process("p1");
    let deployer = deployer(&process, "p1", Arc::clone(store) as _, true);
    let (clock, cloud) = (cloud.clock(), cloud.clone());
    executor.block_on(async move {
        let strategy = BlueGreen::default();
        let handle = deployer.start(request(&cloud, &strategy)).await.unwrap();
        while handle.status().weight != Some(Weight::FULL) {
            clock.sleep(S).await;
        }
    });
    assert_eq!(executor.kill_process(&process), 1);
    executor
}

#[test]
fn a_process_without_a_router_takes_a_service_with_one_for_unreadable() {
    let cloud = Cloud::new(Scenario::new(1));
    let store = Frail::new(&cloud);
    let mut executor = left_in_the_bake(&cloud, &store);
    let deployer = deployer(&cloud, "p2", store, false);
    let ending = executor.block_on(async move {
        let id = DeploymentId::new("d-2").unwrap();
        deployer.resume(&id).await.unwrap().wait().await.unwrap()
    });
    assert_eq!(ending.unwrap().status(), Status::RollbackFailed);
    assert_eq!(
        cloud.with(|world| world.state().home().sets.len()),
        2,
        "nothing was removed unseen"
    );
}

#[test]
fn a_request_is_answered_although_the_record_is_read_again() {
    let cloud = Cloud::new(Scenario::new(1));
    let store = Frail::new(&cloud);
    let mut executor = left_in_the_bake(&cloud, &store);
    store.late.store(true, Ordering::Relaxed);
    let deployer = deployer(&cloud, "p2", store, true);
    let ending = executor.block_on(async move {
        let handle = deployer.resume(&DeploymentId::new("d-2").unwrap()).await.unwrap();
        handle.abort().await.unwrap();
        handle.wait().await.unwrap()
    });
    assert_eq!(ending.unwrap().status(), Status::RollbackSuccessful);
}

#[test]
fn a_first_deployment_is_successful() {
    let ending =
        deploy(&Cloud::new(Scenario::new(1).without_stable()), Arc::new(MemoryStore::new()));
    assert_eq!(ending, Some(Ending::Successful { leftovers: Vec::new() }));
}

#[test]
fn a_lease_that_a_dead_process_did_not_give_back_runs_out_for_a_new_start() {
    let cloud = Cloud::new(Scenario::new(1));
    let service = cloud.with(|world| world.state().home().id.clone());
    let lease = LeaseRecord {
        holder: Some(HolderId::new("dead").unwrap()),
        deployment: DeploymentId::new("d-1").unwrap(),
        token: FencingToken::new(7),
        renewals: 3,
        duration: Duration::from_secs(60),
    };
    let store = Arc::new(MemoryStore::new());
    let shared = Arc::clone(&store);
    let swapped = async move { shared.swap_lease(&service, None, lease).await.unwrap() };
    assert_eq!(Executor::new(&cloud).block_on(swapped), Some(true));
    let ending = deploy(&cloud, store);
    assert_eq!(ending, Some(Ending::Successful { leftovers: Vec::new() }));
}

/// A store whose swaps can lose their answer, and in which what a
/// dead process had sent can land late.
#[derive(Debug)]
struct Frail {
    inner: MemoryStore,
    cloud: Cloud,
    loses: AtomicBool,
    late: AtomicBool,
}

impl Frail {
    fn new(cloud: &Cloud) -> Arc<Self> {
        Arc::new(Self {
            inner: MemoryStore::new(),
            cloud: cloud.clone(),
            loses: AtomicBool::new(false),
            late: AtomicBool::new(false),
        })
    }
}

#[async_trait::async_trait]
impl Store for Frail {
    async fn read(&self, deployment: &DeploymentId) -> Result<Option<StoredRecord>, CallError> {
        self.inner.read(deployment).await
    }
    async fn append(&self, append: Append) -> Result<(), AppendError> {
        if self.late.swap(false, Ordering::Relaxed) {
            self.cloud.clock().sleep(5 * S).await;
            let stored = self.inner.read(&append.summary.deployment).await.unwrap().unwrap();
            return Err(AppendError::Fenced { head: stored.head });
        }
        self.inner.append(append).await
    }
    async fn list(&self) -> Result<Vec<Summary>, CallError> {
        self.inner.list().await
    }
    async fn lease(&self, service: &ServiceId) -> Result<Option<LeaseRecord>, CallError> {
        self.inner.lease(service).await
    }
    async fn swap_lease(
        &self,
        service: &ServiceId,
        expected: Option<&LeaseRecord>,
        next: LeaseRecord,
    ) -> Result<bool, CallError> {
        let swapped = self.inner.swap_lease(service, expected, next).await;
        if self.loses.swap(false, Ordering::Relaxed) {
            return Err(CallError::new("store:SwapLease", ErrorClass::Ambiguous, "lost"));
        }
        swapped
    }

    async fn ask(
        &self,
        deployment: &DeploymentId,
        request: StoredRequest,
    ) -> Result<(), CallError> {
        self.inner.ask(deployment, request).await
    }

    async fn asked(&self, deployment: &DeploymentId) -> Result<Vec<StoredRequest>, CallError> {
        self.inner.asked(deployment).await
    }

    async fn answer(
        &self,
        deployment: &DeploymentId,
        nonce: &str,
        answer: Result<(), String>,
    ) -> Result<(), CallError> {
        self.inner.answer(deployment, nonce, answer).await
    }

    async fn turn(&self, order: StopOrder) -> Result<(), CallError> {
        self.inner.turn(order).await
    }

    async fn turns(&self) -> Result<Vec<StopOrder>, CallError> {
        self.inner.turns().await
    }
}

async fn acquire(store: &Arc<Frail>, name: &str) -> Keeper {
    let (shared, clock) = (Arc::clone(store) as Arc<dyn Store>, store.cloud.clock());
    let service = ServiceId::new("prod", "web").unwrap();
    let id = DeploymentId::new("d-1").unwrap();
    let holder = HolderId::new(name).unwrap();
    Keeper::acquire(shared, clock, service, id, holder, LeaseTerms::default(), true).await.unwrap()
}

#[test]
fn a_renewal_that_others_saw_long_ago_does_not_count_from_now() {
    let cloud = Cloud::new(Scenario::new(1));
    let store = Frail::new(&cloud);
    let ended = Executor::new(&cloud).block_on(async move {
        let mut keeper = acquire(&store, "p1").await;
        store.loses.store(true, Ordering::Relaxed);
        keeper.clone().renew().await.unwrap_err();
        let seen = store.inner.lease(&ServiceId::new("prod", "web").unwrap()).await.unwrap();
        store.cloud.clock().sleep(30 * S).await;
        let renewal = keeper.clone().renew().await;
        assert!(keeper.renewed(renewal));
        let now = store.inner.lease(&ServiceId::new("prod", "web").unwrap()).await.unwrap();
        assert!(now.unwrap().renewals > seen.unwrap().renewals, "who watches must see it renewed");
        assert!(keeper.may_act());
    });
    assert!(ended.is_some());
}

#[test]
fn a_scale_that_was_just_acknowledged_hides_no_change_of_the_weight() {
    let hook = HookSpec {
        id: HookId::new("smoke").unwrap(),
        stages: vec![Stage::PostProductionTrafficShift],
        timeout: Duration::from_secs(3600),
        default: HookAction::Rollback,
    };
    let mut rig = rig(&Canary::default(), vec![hook], Limits::default());
    rig.holds = Some((Direction::Forward, Stage::PostProductionTrafficShift));
    rig.run_until(|rig| rig.held.is_some());
    run_for(&mut rig, 60 * S);
    rig.world.weight = Weight::ZERO;
    rig.world.desired = 8;
    let written = rig.writes.len();
    run_for(&mut rig, 600 * S);
    let shifts = |intent: &Intent| matches!(intent, Intent::Shift { .. });
    assert!(!rig.writes[written..].iter().any(shifts), "{:?}", &rig.writes[written..]);
}

#[test]
fn nothing_is_committed_while_the_weight_is_not_read_back() {
    let mut rig = rig(&BlueGreen::default(), Vec::new(), Limits::default());
    rig.run_to(Stage::Bake);
    run_for(&mut rig, 60 * S);
    let record = rig.engine.record().clone();
    rig.world.weight = Weight::ZERO;
    let mut resumed = Rig::resumed(rig.world, record, FencingToken::new(2), rig.now);
    resumed.feed(Input::Operator(Operator::Promote));
    run_for(&mut resumed, 600 * S);
    assert!(!resumed.engine.state().committed);
}
