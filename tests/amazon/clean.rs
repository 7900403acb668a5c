//! Task sets that dead deployments left behind, and those that are somebody else's.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ecs::types::Scale;
use aws_sdk_ecs::types::ScaleUnit;
use aws_sdk_ecs::types::Tag;
use cutover::adapters::aws::Fate;
use cutover::adapters::aws::LeftSet;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::TaskSetId;
use cutover::model::Topology;
use cutover::ports::ErrorClass;
use cutover::ports::WriteError;
use cutover::store::MemoryStore;
use cutover::strategy::Canary;
use cutover::strategy::Strategy;

use super::account::Account;
use super::account::forward;
use super::account::service;
use super::process::Process;
use super::realisation::Realisation;
use super::truth::Truth;

const DELETE: &str = "ecs:DeleteTaskSet";

fn canary() -> Canary {
    Canary { bake: Duration::from_mins(60), ..Canary::default() }
}

async fn start(process: &Process, strategy: &dyn Strategy) -> cutover::DeploymentHandle {
    let id = DeploymentId::new("d-1").unwrap();
    let request = DeploymentRequest::new(id, service(), revision(2), strategy);
    process.deployer.start(request).await.unwrap()
}

async fn left(account: &Account, store: &MemoryStore) -> Vec<LeftSet> {
    account.aws.left_behind(&service(), store).await.unwrap()
}

/// The only set beside the primary one.
async fn only(account: &Account, store: &MemoryStore) -> LeftSet {
    let mut found = left(account, store).await;
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn refusal(result: Result<(), WriteError>) -> String {
    let Err(WriteError::Rejected(error)) = result else { panic!("{result:?}") };
    assert_eq!(error.class, ErrorClass::Conflict);
    error.message
}

/// Makes a set as anybody could, of two tasks behind the group that has no weight.
async fn make(account: &Account, owner: Option<&str>, tag: Option<&str>) -> TaskSetId {
    let ecs = &account.ecs;
    let ask = ecs.describe_services().cluster("prod").services("web").send().await.unwrap();
    let sets = ask.services()[0].task_sets();
    let primary = sets.iter().find(|set| set.status() == Some("PRIMARY")).unwrap();
    let mut to = primary.load_balancers()[0].clone();
    to.target_group_arn = to.target_group_arn.map(|arn| arn.replace("/blue/", "/green/"));
    let make = ecs.create_task_set().cluster("prod").service("web").load_balancers(to);
    let make = make.task_definition(revision(2).task_definition().as_str());
    let make = make.set_network_configuration(primary.network_configuration.clone());
    let make = make.scale(Scale::builder().unit(ScaleUnit::Percent).value(50.0).build());
    let tag = tag.map(|id| vec![Tag::builder().key("cutover:deployment").value(id).build()]);
    let made = make.set_tags(tag).set_external_id(owner.map(str::to_owned)).send().await.unwrap();
    account.clock.sleep(Duration::from_mins(3)).await;
    TaskSetId::new(made.task_set().unwrap().id().unwrap()).unwrap()
}

#[test]
fn what_a_dead_process_left_goes_only_without_traffic_and_without_a_record_that_is_open() {
    let cloud = Cloud::new(Realisation::TaskSets.of(Scenario::new(41)));
    let account = Account::executed(&cloud);
    let mut executor = Executor::new(&cloud);
    let store = Arc::new(MemoryStore::new());
    let process = account.process("dies", &store);
    let handle = executor.block_on(start(&process, &canary())).unwrap();
    let until = account.cloud.now().after(Duration::from_mins(10));
    executor.run_until(until, &mut |_| ControlFlow::Continue(()));
    executor.kill_process(&cloud.process("dies"));
    drop((handle, process));
    executor
        .block_on(async {
            // whoever has its record can still go on with it
            let set = only(&account, &store).await;
            let Fate::Stays(why) = &set.fate else { panic!("{set}") };
            assert!(why.contains("deployment d-1 is unfinished"), "{why}");
            let removed = account.aws.remove_left(&service(), &*store, &set.id, true).await;
            assert!(refusal(removed).contains("resume or abort it first"));

            // its record died with it, and it has a tenth of the traffic
            let lost = MemoryStore::new();
            let set = only(&account, &lost).await;
            assert_eq!((set.tasks, set.owner.as_deref()), (4, Some("d-1")));
            let Fate::Stays(why) = &set.fate else { panic!("{set}") };
            assert!(why.contains("gives its target group weight"), "{why}");
            let removed = account.aws.remove_left(&service(), &lost, &set.id, true).await;
            assert!(refusal(removed).contains("gives its target group weight"));

            let routes = account.routes(&Topology::default()).await;
            let all = forward(&[(&routes.stable_group, 1), (&routes.candidate_group, 0)]);
            account.overwrite(&routes.rules[0], all).await;
            let set = only(&account, &lost).await;
            assert!(matches!(set.fate, Fate::Unrecorded(_)), "{set}");
            let removed = account.aws.remove_left(&service(), &lost, &set.id, false).await;
            assert!(refusal(removed).contains("no record here"));
            assert_eq!(account.count(DELETE), 0);
            account.aws.remove_left(&service(), &lost, &set.id, true).await.unwrap();
            account.clock.sleep(Duration::from_mins(5)).await;
            assert_eq!(Truth::of(&account), Truth::only(&revision(1), 4));
            // what is gone need not go again
            account.aws.remove_left(&service(), &lost, &set.id, true).await.unwrap();
            assert_eq!(account.count(DELETE), 1);
        })
        .unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_came_after_the_end_of_its_deployment_goes() {
    let account = Account::new(Realisation::TaskSets.of(Scenario::new(42)));
    let store = Arc::new(MemoryStore::new());
    let process = account.process("first", &store);
    let handle = start(&process, &canary()).await;
    account.clock.sleep(Duration::from_mins(10)).await;
    handle.abort().await.unwrap();
    let ending = handle.wait().await.unwrap();
    assert!(matches!(ending, Ending::RollbackSuccessful { .. }), "{ending:?}");
    account.clock.sleep(Duration::from_mins(5)).await;
    assert_eq!(left(&account, &store).await, []);
    // as if a call that nobody answered had taken effect only now
    let id = make(&account, Some("d-1"), None).await;
    let set = only(&account, &store).await;
    let Fate::Left(why) = &set.fate else { panic!("{set}") };
    assert!(why.contains("d-1 has ended as ROLLBACK_SUCCESSFUL"), "{why}");
    assert_eq!((&set.id, set.tasks), (&id, 2));
    account.aws.remove_left(&service(), &*store, &id, false).await.unwrap();
    account.clock.sleep(Duration::from_mins(5)).await;
    assert_eq!(Truth::of(&account), Truth::only(&revision(1), 4));
    // the policy of a deployment allows all of it
    let calls = account.cloud.calls();
    let ours = calls.iter().filter(|call| call.actor == "us");
    let called: BTreeSet<String> = ours.map(|call| call.operation.clone()).collect();
    let planned = canary().plan(&shape(&account).await).unwrap();
    let (service, topology) = (service(), Topology::default());
    let policy = account.aws.policy(&service, &topology, &planned, false).await.unwrap();
    let allowed = policy.actions();
    let denied: Vec<&String> = called.iter().filter(|it| !allowed.contains(it.as_str())).collect();
    assert!(called.contains(DELETE) && denied.is_empty(), "{denied:?}");
}

async fn shape(account: &Account) -> cutover::model::ServiceShape {
    let store = Arc::new(MemoryStore::new());
    let process = account.process("plans", &store);
    let (id, canary) = (DeploymentId::new("d-9").unwrap(), canary());
    let request = DeploymentRequest::new(id, service(), revision(2), &canary);
    process.deployer.plan(&request).await.unwrap().shape
}

#[tokio::test(start_paused = true)]
async fn nobody_else_s_set_is_ever_touched_nor_the_primary_one() {
    let account = Account::new(Realisation::TaskSets.of(Scenario::new(43)));
    let store = MemoryStore::new();
    let others = [
        (make(&account, None, None).await, "nothing says who made it"),
        (make(&account, Some("jenkins-7"), None).await, "jenkins-7 made it"),
        (make(&account, Some("jenkins-8"), Some("d-1")).await, "jenkins-8 made it"),
    ];
    let found = left(&account, &store).await;
    assert_eq!(found.len(), others.len());
    for (id, words) in &others {
        let set = found.iter().find(|set| set.id == *id).unwrap();
        let Fate::Stays(why) = &set.fate else { panic!("{set}") };
        assert!(why.contains(words), "{why}");
        let removed = account.aws.remove_left(&service(), &store, id, true).await;
        assert!(refusal(removed).contains(words));
    }
    let baseline = account.aws.fleet().baseline(&service(), &Topology::default()).await.unwrap();
    let primary = baseline.stable.unwrap();
    let removed = account.aws.remove_left(&service(), &store, &primary, true).await;
    assert!(refusal(removed).contains("it is the primary set"));
    assert_eq!(account.count(DELETE), 0);
}

#[tokio::test(start_paused = true)]
async fn a_service_without_task_sets_has_nothing_left_behind() {
    for realisation in [Realisation::Pair, Realisation::Single] {
        let account = Account::new(realisation.of(Scenario::new(44)));
        realisation.topology(&account).await;
        assert_eq!(left(&account, &MemoryStore::new()).await, []);
        assert_eq!(account.count("ecs:DescribeTaskSets"), 0);
    }
}
