//! One service that ECS rolls by itself: every ending told apart.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ecs::types::ContainerDefinition;
use aws_sdk_ecs::types::DeploymentCircuitBreaker;
use aws_sdk_ecs::types::DeploymentConfiguration;
use cutover::adapters::aws::Aws;
use cutover::adapters::host::TokioSpawner;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;
use cutover::api::Deployer;
use cutover::api::DeploymentRequest;
use cutover::api::Ports;
use cutover::model::CrashLoop;
use cutover::model::Decision;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::Limits;
use cutover::model::NewRevision;
use cutover::model::Revision;
use cutover::model::RollbackCause;
use cutover::model::ServiceId;
use cutover::model::StopReason;
use cutover::model::Topology;
use cutover::store::MemoryStore;
use cutover::strategy::Rolling;

struct Rig {
    cloud: LocalCloud,
    ecs: aws_sdk_ecs::Client,
    aws: Aws,
    store: Arc<MemoryStore>,
}

impl Rig {
    fn new(scenario: Scenario) -> Self {
        let cloud = LocalCloud::new(scenario);
        let ecs = aws_sdk_ecs::Client::new(&cloud.sdk_config("someone"));
        let aws = Aws::new(&cloud.sdk_config("us"), Arc::new(cloud.time()));
        Self { cloud, ecs, aws, store: Arc::default() }
    }

    /// An account with one service of two tasks of `web:1` and this circuit breaker.
    async fn single(breaker: Option<bool>) -> Self {
        let rig = Self::new(Scenario::empty(7));
        rig.ecs.create_cluster().cluster_name("prod").send().await.unwrap();
        rig.register("healthy").await;
        let mut configuration = DeploymentConfiguration::builder();
        if let Some(rollback) = breaker {
            let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(rollback);
            configuration = configuration.deployment_circuit_breaker(breaker.build());
        }
        let create = rig.ecs.create_service().cluster("prod").service_name("web").desired_count(2);
        let create =
            create.task_definition("web:1").deployment_configuration(configuration.build());
        create.send().await.unwrap();
        tokio::time::sleep(Duration::from_mins(3)).await;
        rig
    }

    /// Registers a revision of `web` that behaves so.
    async fn register(&self, behaviour: &str) -> Revision {
        let container = ContainerDefinition::builder().name("app").image("web:1").essential(true);
        let container = container.docker_labels("cutover.behaviour", behaviour).build();
        let register = self.ecs.register_task_definition().family("web");
        let answer = register.container_definitions(container).send().await.unwrap();
        let arn = answer.task_definition().unwrap().task_definition_arn().unwrap();
        Revision::new(arn.parse().unwrap())
    }

    async fn update(&self, task_definition: &str) {
        let update = self.ecs.update_service().cluster("prod").service("web");
        update.task_definition(task_definition).send().await.unwrap();
    }

    fn deployer(&self) -> Deployer {
        let ports = Ports {
            fleet: self.aws.fleet(),
            router: None,
            autoscaler: None,
            monitor: self.aws.monitor(),
            http: None,
            clock: Arc::new(self.cloud.time()),
            store: Arc::clone(&self.store) as _,
            spawn: Arc::new(TokioSpawner::current().unwrap()),
        };
        Deployer::builder(ports).build().unwrap()
    }

    /// Deploys, with so many failed tasks as this crate bears by itself; answers the end and why it
    /// turned back, if it did.
    async fn deploy(&self, revision: &Revision, failed: u32) -> (Ending, String) {
        let strategy = Rolling::default();
        let crash_loop = CrashLoop { percent: 0, at_least: failed, at_most: failed };
        let limits = Limits { crash_loop, ..Limits::default() };
        let request = DeploymentRequest::new(id(), service(), revision.clone(), &strategy);
        let request = request.limits(limits);
        let deployer = self.deployer();
        let handle = deployer.start(request).await.unwrap();
        let ending = handle.wait().await.unwrap();
        let status = deployer.status(&id()).await.unwrap();
        let cause = status.record.entries.iter().find_map(|entry| match &entry.decision {
            Decision::Rollback { cause } => Some(format!("{cause:?}")),
            _ => None,
        });
        (ending, cause.unwrap_or_default())
    }

    async fn running(&self) -> String {
        let describe = self.ecs.describe_services().cluster("prod").services("web");
        let answer = describe.send().await.unwrap();
        let service = answer.services().first().unwrap();
        assert_eq!((service.deployments().len(), service.running_count()), (1, 2), "{service:?}");
        service.task_definition().unwrap().rsplit('/').next().unwrap().to_owned()
    }
}

fn id() -> DeploymentId {
    DeploymentId::new("d-1").unwrap()
}

fn service() -> ServiceId {
    ServiceId::new("prod", "web").unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_rolling_update_completes_and_is_noticed_with_few_calls() {
    let rig = Rig::single(Some(true)).await;
    let revision = rig.register("healthy").await;
    rig.cloud.forget_calls();
    let begun = rig.cloud.now();
    let (ending, _) = rig.deploy(&revision, 3).await;
    let calls = rig.cloud.calls();
    let took = rig.cloud.now().since(begun);
    assert!(calls.total() <= 40, "{took:?} {:?}", calls.by_operation());
    assert_eq!(ending, Ending::Successful { leftovers: Vec::new() });
    assert_eq!(rig.running().await, "web:2");
    assert_eq!((calls.writes(), calls.count("ecs:UpdateService")), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_breaker_s_way_back_is_a_rollback_with_its_reason() {
    let rig = Rig::single(Some(true)).await;
    let revision = rig.register("cannot-pull").await;
    let (ending, cause) = rig.deploy(&revision, 1000).await;
    assert!(matches!(ending, Ending::RollbackSuccessful { .. }), "{ending:?}");
    assert!(cause.contains("Delegated") && cause.contains("circuit breaker"), "{cause}");
    assert!(cause.contains("CannotPullContainerError"), "{cause}");
    assert_eq!(rig.running().await, "web:1");
}

#[tokio::test(start_paused = true)]
async fn a_failed_deployment_that_nobody_takes_back_is_taken_back_by_us() {
    for (failed, wanted) in [(1000, "Delegated"), (3, "CrashLoop")] {
        let rig = Rig::single(Some(false)).await;
        let revision = rig.register("crash-loop").await;
        let (ending, cause) = rig.deploy(&revision, failed).await;
        assert!(matches!(ending, Ending::RollbackSuccessful { .. }), "{ending:?}");
        assert!(cause.contains(wanted), "{cause}");
        assert!(cause.contains("EssentialContainerExited"), "{cause}");
        assert_eq!(rig.running().await, "web:1");
    }
}

#[tokio::test(start_paused = true)]
async fn someone_else_s_newer_deployment_is_left_alone() {
    let rig = Rig::single(Some(true)).await;
    let revision = rig.register("start=60").await;
    rig.register("healthy").await;
    let strategy = Rolling::default();
    let request = DeploymentRequest::new(id(), service(), revision, &strategy);
    let handle = rig.deployer().start(request).await.unwrap();
    tokio::time::sleep(Duration::from_secs(30)).await;
    rig.update("web:3").await;
    let ending = handle.wait().await.unwrap();
    let Ending::Stopped { reason: StopReason::Superseded, world } = ending else {
        panic!("{ending:?}")
    };
    assert!(world.iter().any(|line| line.starts_with("not ours: ")), "{world:?}");
    assert!(world.iter().all(|line| !line.contains("circuit breaker")), "{world:?}");
    tokio::time::sleep(Duration::from_mins(5)).await;
    assert_eq!(rig.running().await, "web:3");
    let calls = rig.cloud.calls();
    let ours: Vec<_> = calls.iter().filter(|it| it.actor == "us" && it.is_write()).collect();
    assert_eq!(ours.len(), 1, "nothing is written over it: {ours:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_stuck_is_taken_back_at_the_deadline() {
    let rig = Rig::single(None).await;
    let revision = rig.register("start=36000").await;
    let strategy = Rolling::default();
    let limits = Limits { deadline: Some(Duration::from_mins(10)), ..Limits::default() };
    let request = DeploymentRequest::new(id(), service(), revision, &strategy).limits(limits);
    let begun = rig.cloud.now();
    let deployer = rig.deployer();
    let ending = deployer.start(request).await.unwrap().wait().await.unwrap();
    assert!(matches!(ending, Ending::RollbackSuccessful { .. }), "{ending:?}");
    let took = rig.cloud.now().since(begun).as_secs();
    assert!((600..900).contains(&took), "{took} s");
    let record = deployer.status(&id()).await.unwrap().record;
    let by_deadline = record
        .entries
        .iter()
        .any(|entry| entry.decision == Decision::Rollback { cause: RollbackCause::Deadline });
    assert!(by_deadline, "{:?}", record.entries);
    assert_eq!(rig.running().await, "web:1");
}

#[tokio::test(start_paused = true)]
async fn half_a_minute_of_throttling_in_the_middle_is_survived() {
    let rig = Rig::single(Some(true)).await;
    let revision = rig.register("healthy").await;
    let strategy = Rolling::default();
    let request = DeploymentRequest::new(id(), service(), revision, &strategy);
    let handle = rig.deployer().start(request).await.unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    rig.cloud.inject(FaultRule::new("ecs:DescribeServices", WireFault::Throttled));
    tokio::time::sleep(Duration::from_secs(30)).await;
    rig.cloud.clear_faults();
    assert_eq!(handle.wait().await.unwrap(), Ending::Successful { leftovers: Vec::new() });
    assert_eq!(rig.running().await, "web:2");
}

#[tokio::test(start_paused = true)]
async fn an_image_is_changed_by_a_revision_that_is_registered_once() {
    let rig = Rig::single(None).await;
    let images = [("app".to_owned(), "web@sha256:2".to_owned())].into();
    let asked = NewRevision::Images(images);
    let topology = Topology::default();
    let service = service();
    let register = || rig.aws.register(&service, &topology, &asked);
    let first = register().await.unwrap();
    assert_eq!(first.to_string(), "web:2");
    assert_eq!(register().await.unwrap(), first);
    assert_eq!(rig.deploy(&first, 3).await.0, Ending::Successful { leftovers: Vec::new() });
}
