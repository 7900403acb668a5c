//! Steering and watching a deployment from a process that does not drive it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use cutover::Deployer;
use cutover::DeploymentRequest;
use cutover::Error;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentStatus;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::HoldReason;
use cutover::model::HolderId;
use cutover::model::HookAction;
use cutover::model::Operator;
use cutover::model::ServiceId;
use cutover::model::Share;
use cutover::model::Step;
use cutover::model::Weight;
use cutover::ports::Clock;
use cutover::ports::Store;
use cutover::ports::StoredRequest;
use cutover::store::MemoryStore;
use cutover::strategy::Canary;
use cutover::strategy::Steps;
use cutover::strategy::Strategy;

const SECOND: Duration = Duration::from_secs(1);

struct Rig {
    cloud: Cloud,
    executor: Executor,
    store: Arc<MemoryStore>,
    service: ServiceId,
}

impl Rig {
    fn new(seed: u64) -> Self {
        let scenario = Scenario::new(seed);
        let service = scenario.service.clone();
        let cloud = Cloud::new(scenario);
        let executor = Executor::new(&cloud);
        Self { cloud, executor, store: Arc::new(MemoryStore::new()), service }
    }

    fn process(&self, name: &str) -> (Deployer, Cloud) {
        let cloud = self.cloud.process(name);
        let ports = cloud.ports(Arc::clone(&self.store) as _);
        let deployer = Deployer::builder(ports).holder(HolderId::new(name).unwrap()).build();
        (deployer.unwrap(), cloud)
    }

    fn request<'a>(&self, strategy: &'a dyn Strategy) -> DeploymentRequest<'a> {
        DeploymentRequest::new(id(), self.service.clone(), revision(2), strategy)
    }
}

fn id() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

/// Waits until this is so.
async fn until(
    deployer: &Deployer,
    clock: &dyn Clock,
    is_so: impl Fn(&DeploymentStatus) -> bool,
) -> DeploymentStatus {
    for _ in 0..3600 {
        if let Ok(status) = deployer.status(&id()).await
            && is_so(&status)
        {
            return status;
        }
        clock.sleep(SECOND).await;
    }
    panic!("an hour was not enough: {:?}", deployer.status(&id()).await);
}

fn is_answered(status: &DeploymentStatus, request: &StoredRequest) -> bool {
    let known = status.requests.iter().find(|known| known.nonce == request.nonce);
    known.is_some_and(|known| known.answer.is_some())
}

fn answers(status: &DeploymentStatus) -> Vec<(Operator, Option<Result<(), String>>)> {
    status.requests.iter().map(|known| (known.operator, known.answer.clone())).collect()
}

#[test]
fn another_process_pauses_continues_and_aborts() {
    let mut rig = Rig::new(1);
    let (driver, cloud) = rig.process("p1");
    let (other, _) = rig.process("p2");
    let strategy = Canary { bake: Duration::from_secs(3600), ..Canary::default() };
    let request = rig.request(&strategy);
    let clock = cloud.clock();
    let ending = rig.executor.block_on(async move {
        let handle = driver.start(request).await.unwrap();
        let status = until(&other, &*clock, |status| status.progress.weight.is_some()).await;
        assert_eq!(status.holder, Some(HolderId::new("p1").unwrap()));

        let pause = other.request(&id(), Operator::Pause).await.unwrap();
        let asked = clock.elapsed();
        let again = other.request(&id(), Operator::Pause).await.unwrap();
        assert_ne!(pause.nonce, again.nonce);
        let status = until(&other, &*clock, |status| is_answered(status, &again)).await;
        assert!(clock.elapsed().since(asked) <= 12 * SECOND, "at the next look");
        let taken = (Operator::Pause, Some(Ok(())));
        assert_eq!(answers(&status), [taken.clone(), taken.clone()]);

        other.request(&id(), Operator::Continue).await.unwrap();
        other.request(&id(), Operator::Continue).await.unwrap();
        let abort = other.request(&id(), Operator::Abort).await.unwrap();
        let status = until(&other, &*clock, |status| is_answered(status, &abort)).await;
        let refused = Some(Err("it is not paused".to_owned()));
        assert_eq!(
            answers(&status)[2..],
            [
                (Operator::Continue, Some(Ok(()))),
                (Operator::Continue, refused),
                (Operator::Abort, Some(Ok(()))),
            ]
        );
        let ending = handle.wait().await.unwrap();
        let refused = other.request(&id(), Operator::Pause).await.unwrap_err();
        assert!(matches!(refused, Error::RequestRefused { .. }), "{refused}");
        let status = other.status(&id()).await.unwrap();
        assert_eq!((status.holder, status.progress.status), (None, ending.status()));
        ending
    });
    assert_eq!(ending, Some(Ending::RollbackSuccessful { leftovers: Vec::new() }));
}

#[test]
fn a_request_to_a_dead_process_is_heard_by_whoever_resumes() {
    let mut rig = Rig::new(2);
    let (first, dead) = rig.process("p1");
    let (second, _) = rig.process("p2");
    let strategy = Canary { bake: Duration::from_secs(3600), ..Canary::default() };
    let request = rig.request(&strategy);
    let (clock, watcher) = (dead.clock(), second.clone());
    rig.executor.block_on(async move {
        let handle = first.start(request).await.unwrap();
        until(&watcher, &*clock, |status| status.progress.baked > 60 * SECOND).await;
        drop(handle);
    });
    assert_eq!(rig.executor.kill_process(&dead), 1);
    let ending = rig.executor.block_on(async move {
        let abort = second.request(&id(), Operator::Abort).await.unwrap();
        let ending = second.resume(&id()).await.unwrap().wait().await.unwrap();
        assert!(is_answered(&second.status(&id()).await.unwrap(), &abort));
        ending
    });
    assert_eq!(ending, Some(Ending::RollbackSuccessful { leftovers: Vec::new() }));
}

#[test]
fn nothing_is_asked_of_a_deployment_that_is_not_there() {
    let mut rig = Rig::new(3);
    let (deployer, _) = rig.process("p1");
    rig.executor.block_on(async move {
        let refused = deployer.request(&id(), Operator::Abort).await.unwrap_err();
        assert!(matches!(refused, Error::Unknown { .. }), "{refused}");
        assert!(matches!(deployer.status(&id()).await, Err(Error::Unknown { .. })));
    });
}

/// Two approvals in a row, as a plan.
fn two_approvals() -> Steps {
    let approval =
        || Step::Approval { timeout: Duration::from_secs(3600), default: HookAction::Rollback };
    let half = Weight::permille(500).unwrap();
    let steps = vec![
        Step::Scale { share: Share::FULL },
        approval(),
        Step::Shift { weight: half },
        approval(),
        Step::Shift { weight: Weight::FULL },
        Step::Bake { duration: 60 * SECOND, gates: Vec::new() },
    ];
    Steps { steps, gates: Vec::new() }
}

#[test]
fn an_approval_that_a_crash_repeats_does_not_approve_the_next_step() {
    let mut rig = Rig::new(4);
    let (driver, cloud) = rig.process("p1");
    let (other, _) = rig.process("p2");
    let strategy = two_approvals();
    let request = rig.request(&strategy);
    let (clock, store) = (cloud.clock(), Arc::clone(&rig.store));
    let ended = rig.executor.block_on(async move {
        let handle = driver.start(request).await.unwrap();
        let waits = |status: &DeploymentStatus, step| {
            status.progress.step == step && status.progress.waiting == Some(HoldReason::Approval)
        };
        let first = until(&other, &*clock, |status| waits(status, 1)).await.progress.step;
        let approval = other.request(&id(), Operator::Approve).await.unwrap();
        until(&other, &*clock, |status| waits(status, 3)).await;
        // The very same again under another name, as if its answer had not been stored.
        let repeated = StoredRequest { nonce: "repeated".to_owned(), answer: None, ..approval };
        assert_eq!(repeated.step, first);
        store.ask(&id(), repeated.clone()).await.unwrap();
        let status = until(&other, &*clock, |status| is_answered(status, &repeated)).await;
        let refused = Some(Err("the approval is for step 2, not for 4".to_owned()));
        assert_eq!(answers(&status).last(), Some(&(Operator::Approve, refused)));
        clock.sleep(60 * SECOND).await;
        assert!(waits(&other.status(&id()).await.unwrap(), 3));
        other.request(&id(), Operator::Approve).await.unwrap();
        handle.wait().await.unwrap()
    });
    assert_eq!(ended, Some(Ending::Successful { leftovers: Vec::new() }));
}

#[test]
fn a_service_is_free_as_soon_as_its_deployment_is_said_to_have_ended() {
    let mut rig = Rig::new(5);
    let (deployer, _) = rig.process("p1");
    let strategy = Canary::default();
    let request = rig.request(&strategy);
    let again = DeploymentRequest::new(
        DeploymentId::new("d-2").unwrap(),
        rig.service.clone(),
        revision(3),
        &strategy,
    );
    let started = rig.executor.block_on(async move {
        let handle = deployer.start(request).await.unwrap();
        handle.wait().await.unwrap();
        deployer.start(again).await.map(|handle| handle.id().to_string())
    });
    assert_eq!(started.unwrap().unwrap(), "d-2");
}
