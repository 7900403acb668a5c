//! A gate on metrics, through the SDK.

use std::sync::Arc;
use std::time::Duration;

use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::CallFilter;
use cutover::adapters::sim::CallKind;
use cutover::adapters::sim::Fault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::ScheduledFault;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::DeploymentId;
use cutover::model::Event;
use cutover::model::EventKind;
use cutover::model::Status;
use cutover::model::Verdict;
use cutover::spec::DeploymentSpec;
use cutover::store::MemoryStore;
use futures_util::StreamExt;

use super::account::Account;
use super::account::service;
use super::realisation::Realisation;

const SPEC: &str = "
service: {cluster: prod, name: web}
revision: {task_definition: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2'}
strategy: {canary: {weight: 20%, bake: 4m, final_bake: 1m}}
gates:
  - id: rate
    metric:
      queries:
        bad:
          namespace: AWS/ApplicationELB
          name: HTTPCode_Target_5XX_Count
          dimensions: {TargetGroup: '{candidate.target_group}', LoadBalancer: '{load_balancer}'}
          statistic: Sum
        all:
          namespace: AWS/ApplicationELB
          name: RequestCount
          dimensions: {TargetGroup: '{candidate.target_group}', LoadBalancer: '{load_balancer}'}
          statistic: Sum
        rate: {formula: '100 * FILL(bad, 0) / all'}
      watch: rate
      below: 2
      misses: 2
      sample: {query: all, at_least: 30}
";

/// How a deployment of a candidate that fails so many requests ends, and what its gate said.
async fn run(error_permille: u32) -> (Status, Vec<Verdict>) {
    let faults = (20..26).map(|nth| ScheduledFault {
        call: CallFilter::Only(CallKind::GetMetricData),
        nth,
        fault: Fault::Partial,
    });
    let scenario = Scenario::new(7).with_behaviour(revision(2), Behaviour::erring(error_permille));
    let scenario = faults.fold(scenario, Scenario::with_fault);
    let account = Account::new(Realisation::TaskSets.of(scenario));
    let topology = Realisation::TaskSets.topology(&account).await;
    let spec = DeploymentSpec::parse(SPEC, "rate.yaml").unwrap();
    let deployer = account.process("us", &Arc::new(MemoryStore::new())).deployer;
    let strategy = spec.strategy();
    let id = DeploymentId::new("d-1").unwrap();
    let request = DeploymentRequest::new(id.clone(), service(), revision(2), &*strategy);
    let request = request.topology(topology).gate(spec.gates()[0].clone());
    let handle = deployer.start(request).await.unwrap();
    let events: Vec<Event> = handle.events().collect().await;
    let told = events.iter().filter_map(|event| match &event.kind {
        EventKind::Gate { gate, verdict } if gate.as_str() == "rate" => Some(verdict.clone()),
        _ => None,
    });
    let record = deployer.status(&id).await.unwrap().record;
    cutover::gate::rejudge(&record).unwrap();
    let took = events.last().unwrap().at.since(events[0].at);
    assert!(took < Duration::from_hours(1), "{took:?}");
    let ended = events.iter().find_map(|event| match &event.kind {
        EventKind::Finished { ending, .. } => Some(ending.status()),
        _ => None,
    });
    (ended.unwrap(), told.collect())
}

#[tokio::test(start_paused = true)]
async fn a_rate_of_a_colour_is_read_and_part_of_it_is_no_answer() {
    let (status, told) = run(0).await;
    assert_eq!(status, Status::Successful, "{told:?}");
    let partial = |verdict: &Verdict| matches!(verdict, Verdict::Inconclusive(why) if why.contains("incomplete"));
    assert!(told.iter().any(partial), "{told:?}");
    let (status, told) = run(80).await;
    assert_eq!(status, Status::RollbackSuccessful, "{told:?}");
    assert!(
        matches!(told.last(), Some(Verdict::Fail(why)) if why.contains("2 misses")),
        "{told:?}"
    );
}
