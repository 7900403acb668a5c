//! Killed in the middle and started again with the same request.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentHandle;
use cutover::api::DeploymentRequest;
use cutover::api::Error;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::NewRevision;
use cutover::model::Revision;
use cutover::model::Topology;
use cutover::store::MemoryStore;
use cutover::strategy::Rolling;

use super::account::Account;
use super::account::service;
use super::process::Process;
use super::realisation::Realisation;
use super::truth::Truth;

/// Does what `deploy run` does: registers, starts, and attaches to what is there already.
async fn run(process: &Process) -> (Revision, DeploymentHandle) {
    let images = [("app".to_owned(), "app@sha256:2".to_owned())].into();
    let register = NewRevision::Images(images);
    let revision = process.aws.register(&service(), &Topology::default(), &register).await.unwrap();
    let id = DeploymentId::new("d-1").unwrap();
    let strategy = Rolling::default();
    let request = DeploymentRequest::new(id.clone(), service(), revision.clone(), &strategy);
    let handle = match process.deployer.start(request).await {
        Ok(handle) => handle,
        Err(Error::Duplicate { .. }) => process.deployer.resume(&id).await.unwrap(),
        Err(error) => panic!("{error}"),
    };
    (revision, handle)
}

/// Kills the first process so long after its start; answers how the second one ended.
fn killed_after(seconds: u64, fate: Fate) -> (Ending, Truth) {
    let mut scenario = Realisation::Single.of(Scenario::new(5));
    for number in 2..=3 {
        scenario = scenario.with_behaviour(revision(number), Behaviour::doomed(fate));
    }
    let cloud = Cloud::new(scenario);
    let account = Account::executed(&cloud);
    let mut executor = Executor::new(&cloud);
    let store = Arc::new(MemoryStore::new());
    let (first, second) = (account.process("p1", &store), account.process("p2", &store));
    let (wanted, handle) = executor.block_on(run(&first)).unwrap();
    let until = account.cloud.now().after(Duration::from_secs(seconds));
    executor.run_until(until, &mut |_| ControlFlow::Continue(()));
    assert_eq!(executor.kill_process(&cloud.process("p1")), 1, "it was still driven");
    drop(handle);
    let (again, handle) = executor.block_on(run(&second)).unwrap();
    assert_eq!(again, wanted, "the same revision, not another one that says the same");
    let ending = executor.block_on(handle.wait()).unwrap().unwrap();
    let record = executor.block_on(second.deployer.status(handle.id())).unwrap().unwrap().record;
    let baseline = &record.header.subject.baseline;
    assert_eq!(baseline.stable_revision, Some(revision(1)), "the true baseline");
    let went_back = matches!(ending, Ending::RollbackSuccessful { .. });
    let calls = account.cloud.calls();
    assert_eq!(calls.count("ecs:RegisterTaskDefinition"), 1, "{seconds} s");
    // the way back is either ours or that of ECS's circuit breaker
    let updates = calls.count("ecs:UpdateService");
    assert!((1..=1 + u64::from(went_back)).contains(&updates), "{seconds} s: {updates}");
    executor.run_until(account.cloud.now().after(Duration::from_mins(10)), &mut |_| {
        ControlFlow::Continue(())
    });
    (ending, Truth::of(&account))
}

#[test]
fn started_again_it_attaches_and_registers_and_hands_over_nothing_twice() {
    for seconds in [1, 5, 14, 40] {
        let (ending, truth) = killed_after(seconds, Fate::Healthy);
        assert_eq!(ending, Ending::Successful { leftovers: Vec::new() }, "{seconds} s");
        assert_eq!(truth.tasks.len(), 1, "{seconds} s: {truth:?}");
        assert!(!truth.tasks.contains_key(&revision(1).to_string()), "{seconds} s: {truth:?}");
    }
}

#[test]
fn started_again_it_goes_back_to_what_served_before_the_first_start() {
    for seconds in [5, 14, 40] {
        let (ending, truth) = killed_after(seconds, Fate::NeverHealthy);
        let back = Ending::RollbackSuccessful { leftovers: Vec::new() };
        assert_eq!((ending, truth), (back, Truth::only(&revision(1), 4)), "{seconds} s");
    }
}
