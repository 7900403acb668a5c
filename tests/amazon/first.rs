//! The first deployment of a service through task sets, where no set tells anything yet.

use std::sync::Arc;

use aws_sdk_ecs::types::DeploymentController;
use aws_sdk_ecs::types::DeploymentControllerType;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::FirstTaskSet;
use cutover::model::LaunchType;
use cutover::model::ServiceId;
use cutover::model::Topology;
use cutover::store::MemoryStore;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Strategy;

use super::account::Account;
use super::run::chain;

fn new() -> ServiceId {
    ServiceId::new("prod", "new").unwrap()
}

fn said() -> FirstTaskSet {
    FirstTaskSet {
        container: Some("app".to_owned()),
        port: Some(80),
        subnets: vec!["subnet-1".to_owned(), "subnet-2".to_owned()],
        security_groups: vec!["sg-1".to_owned()],
        launch_type: Some(LaunchType::Fargate),
        ..FirstTaskSet::default()
    }
}

/// A service `new` of four tasks without any task set, beside rules that are there already.
async fn account(scenario: Scenario) -> (Account, Topology) {
    let account = Account::new(scenario.without_stable());
    let controller = DeploymentController::builder().r#type(DeploymentControllerType::External);
    let make = account.ecs.create_service().cluster("prod").service_name("new").desired_count(4);
    make.deployment_controller(controller.build().unwrap()).send().await.unwrap();
    let ask = account.ecs.describe_services().cluster("prod").services("new");
    let read = ask.send().await.unwrap();
    let service = &read.services()[0];
    assert!(service.load_balancers().is_empty() && service.network_configuration().is_none());
    let groups = account.elb.describe_target_groups().send().await.unwrap();
    let arn = |name: &str| {
        let found = groups.target_groups().iter().find(|it| it.target_group_name() == Some(name));
        found.unwrap().target_group_arn().unwrap().parse().unwrap()
    };
    let target_groups = Some([arn("blue"), arn("green")]);
    (account, Topology { target_groups, ..Topology::default() })
}

async fn deploy(
    account: &Account,
    topology: &Topology,
    strategy: &dyn Strategy,
) -> Result<Ending, String> {
    let store = Arc::new(MemoryStore::new());
    let deployer = account.process("us", &store).deployer;
    let id = DeploymentId::new("d-1").unwrap();
    let request = DeploymentRequest::new(id, new(), revision(1), strategy);
    let request = request.topology(topology.clone());
    let handle = deployer.start(request).await.map_err(|error| chain(&error))?;
    handle.wait().await.map_err(|error| chain(&error))
}

#[tokio::test(start_paused = true)]
async fn a_first_deployment_makes_its_set_with_what_was_said() {
    for strategy in [&BlueGreen::default() as &dyn Strategy, &Canary::default()] {
        let (account, topology) = account(Scenario::new(51)).await;
        let topology = Topology { first_task_set: Some(said()), ..topology };
        let ending = deploy(&account, &topology, strategy).await;
        assert_eq!(ending, Ok(Ending::Successful { leftovers: Vec::new() }));
        let ask = account.ecs.describe_services().cluster("prod").services("new");
        let read = ask.send().await.unwrap();
        let [set] = read.services()[0].task_sets() else { panic!("{read:?}") };
        assert_eq!((set.status(), set.running_count()), (Some("PRIMARY"), 4));
        let to = &set.load_balancers()[0];
        assert!(to.target_group_arn().unwrap().contains("/blue/"), "the group with the weight");
        assert_eq!((to.container_name(), to.container_port()), (Some("app"), Some(80)));
        let vpc = set.network_configuration().unwrap().awsvpc_configuration().unwrap();
        assert_eq!(vpc.subnets(), said().subnets);
        assert_eq!(vpc.security_groups(), said().security_groups);
        let healthy = account.elb.describe_target_health();
        let healthy =
            healthy.target_group_arn(to.target_group_arn().unwrap()).send().await.unwrap();
        assert_eq!(healthy.target_health_descriptions().len(), 4);
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_deployment_that_fails_leaves_nothing() {
    let doomed = Behaviour::doomed(Fate::NeverHealthy);
    let (account, topology) = account(Scenario::new(52).with_behaviour(revision(1), doomed)).await;
    let topology = Topology { first_task_set: Some(said()), ..topology };
    let ending = deploy(&account, &topology, &BlueGreen::default()).await;
    assert_eq!(ending, Ok(Ending::RollbackSuccessful { leftovers: Vec::new() }));
    let ask = account.ecs.describe_services().cluster("prod").services("new");
    assert_eq!(ask.send().await.unwrap().services()[0].task_sets(), []);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_said_before_anything_is_made() {
    let (account, topology) = account(Scenario::new(53)).await;
    let with = |first_task_set| Topology { first_task_set, ..topology.clone() };
    for (first, field) in [
        (None, "`topology.first_task_set.container` and `.port` are missing"),
        (
            Some(FirstTaskSet { container: None, ..said() }),
            "`topology.first_task_set.container` is",
        ),
        (Some(FirstTaskSet { port: None, ..said() }), "`topology.first_task_set.port` is missing"),
    ] {
        let why = deploy(&account, &with(first), &BlueGreen::default()).await.unwrap_err();
        assert!(why.contains(field) && why.contains("as the task definition names them"), "{why}");
    }
    assert_eq!(account.count("ecs:CreateTaskSet"), 0);
}
