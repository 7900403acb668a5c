//! What a policy allows is what deployments call, on every path.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_ecs::types::DeploymentCircuitBreaker;
use aws_sdk_ecs::types::DeploymentConfiguration;
use cutover::adapters::aws::Aws;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::Ending;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::InsufficientData;
use cutover::model::Limits;
use cutover::model::NewRevision;
use cutover::model::Revision;
use cutover::model::Step;
use cutover::model::Topology;
use cutover::store::MemoryStore;
use cutover::strategy::AllAtOnce;
use cutover::strategy::BlueGreen;
use cutover::strategy::Canary;
use cutover::strategy::Linear;
use cutover::strategy::Rolling;
use cutover::strategy::Strategy;

use super::account::Account;
use super::account::service;
use super::realisation::Realisation;

/// What becomes of a deployment.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Path {
    Succeeds,
    NeverHealthy,
    AlarmFlickers,
    Resumed,
}

const PATHS: [Path; 4] = [Path::Succeeds, Path::NeverHealthy, Path::AlarmFlickers, Path::Resumed];

fn alarm() -> AlarmName {
    AlarmName::new("errors").unwrap()
}

fn gate() -> GateSpec {
    GateSpec {
        id: GateId::new("alarms").unwrap(),
        kind: GateKind::Alarms {
            names: vec![alarm()],
            accept_red_at_start: None,
            insufficient_data: InsufficientData::default(),
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Continue,
        always: true,
    }
}

async fn account(kind: Realisation, path: Path) -> (Account, Topology) {
    let mut scenario = kind.of(Scenario::new(1));
    scenario = scenario.with_alarm(AlarmSpec::errors(alarm(), Colour::Green, 900));
    if path == Path::NeverHealthy {
        // the revision that will be registered is the next one
        for number in 2..=3 {
            let doomed = Behaviour::doomed(Fate::NeverHealthy);
            scenario = scenario.with_behaviour(revision(number), doomed);
        }
    }
    let account = Account::new(scenario);
    let ecs = aws_sdk_ecs::Client::new(&account.cloud.sdk_config("somebody"));
    if kind == Realisation::Single && path == Path::NeverHealthy {
        // ECS goes back by itself: only its own records tell that from somebody else's doing
        let breaker = DeploymentCircuitBreaker::builder().enable(true).rollback(true).build();
        let breaker = DeploymentConfiguration::builder().deployment_circuit_breaker(breaker);
        let update = ecs.update_service().cluster("prod").service("web");
        update.deployment_configuration(breaker.build()).send().await.unwrap();
    }
    let topology = kind.topology(&account).await;
    (account, topology)
}

/// Deploys along this path as `us`, then as `next`; answers what was called and what is allowed.
async fn deploy(
    kind: Realisation,
    path: Path,
    strategy: &dyn Strategy,
) -> (BTreeSet<String>, BTreeSet<&'static str>) {
    let (account, topology) = account(kind, path).await;
    let store = Arc::new(MemoryStore::new());
    let ours = account.process("us", &store).deployer;
    let images = BTreeMap::from([("app".to_owned(), "app@sha256:1".to_owned())]);
    let to: Revision = account
        .aws
        .register(&service(), &topology, &NewRevision::Images(images))
        .await
        .unwrap_or_else(|error| panic!("{kind:?} {path:?}: {error}"));
    let id = DeploymentId::new("d-1").unwrap();
    let mut limits = Limits::default();
    if path == Path::NeverHealthy && kind == Realisation::Single {
        // then ECS's own circuit breaker gives up first, and its records are read
        limits.crash_loop.at_least = 1000;
    }
    let request = || {
        DeploymentRequest::new(id.clone(), service(), to.clone(), strategy)
            .topology(topology.clone())
            .limits(limits.clone())
            .gate(gate())
    };
    let planned = ours.plan(&request()).await.unwrap();
    let plan = &planned.plan;
    let reader = Aws::new(&account.cloud.sdk_config("reader"), Arc::clone(&account.clock));
    let policy = reader.policy(&service(), &topology, plan, true).await.unwrap();
    account.aws.check(&service(), &topology, Some(&to), plan, &Limits::default()).await;
    let handle = ours.start(request()).await.unwrap();
    if path == Path::AlarmFlickers {
        // a roll is over soon; with shifts, traffic has moved by then
        let shifts = plan.steps.iter().any(|step| matches!(step, Step::Shift { .. }));
        let wait = Duration::from_secs(if shifts { 183 } else { 33 });
        account.clock.sleep(wait).await;
        let client = aws_sdk_cloudwatch::Client::new(&account.cloud.sdk_config("somebody"));
        // red and quiet again between two looks
        for state in [StateValue::Alarm, StateValue::Ok] {
            let set = client.set_alarm_state().alarm_name(alarm().as_str()).state_value(state);
            set.state_reason("test").send().await.unwrap();
        }
    }
    let ending = if path == Path::Resumed {
        account.clock.sleep(Duration::from_mins(2)).await;
        drop((handle, ours));
        account.clock.sleep(Duration::from_mins(1)).await;
        let next = account.process("next", &store).deployer;
        match next.resume(&id).await {
            Ok(handle) => handle.wait().await.unwrap(),
            Err(error) => panic!("{kind:?} {path:?}: {error}"),
        }
    } else {
        let ending = handle.wait().await.unwrap();
        if path == Path::AlarmFlickers {
            let record = format!("{:?}", ours.status(&id).await.unwrap().record);
            assert!(record.contains("was in ALARM between two looks"), "{kind:?}: {record}");
        }
        ending
    };
    let went_back = !matches!(ending, Ending::Successful { .. });
    let expected = matches!(path, Path::NeverHealthy | Path::AlarmFlickers);
    assert_eq!(went_back, expected, "{kind:?} {path:?}: {ending:?}");
    let calls = account.cloud.calls();
    let made = calls.iter().filter(|call| ["us", "next"].contains(&call.actor.as_str()));
    (made.map(|call| call.operation.clone()).collect(), policy.actions())
}

async fn compare(kind: Realisation, strategies: &[Box<dyn Strategy>]) {
    let (mut called, mut allowed) = (BTreeSet::new(), BTreeSet::new());
    for strategy in strategies {
        for path in PATHS {
            let (calls, policy) = deploy(kind, path, &**strategy).await;
            let denied: Vec<&String> =
                calls.iter().filter(|call| !policy.contains(call.as_str())).collect();
            assert!(denied.is_empty(), "{kind:?} {path:?}: {denied:?} is not allowed");
            called.extend(calls);
            allowed.extend(policy);
        }
    }
    // these are asked for by calls of other names
    allowed.retain(|action| !["ecs:TagResource", "iam:PassRole"].contains(action));
    let unused: Vec<&&str> = allowed.iter().filter(|action| !called.contains(**action)).collect();
    assert!(unused.is_empty(), "{kind:?}: {unused:?} is allowed and never called");
}

/// Every strategy for a service with two roles.
fn two_roles() -> [Box<dyn Strategy>; 5] {
    [
        Box::new(Canary::default()),
        Box::new(BlueGreen::default()),
        Box::new(Linear::default()),
        Box::new(AllAtOnce { bake: Duration::from_mins(5) }),
        Box::new(Rolling { bake: Duration::from_mins(5), ..Rolling::default() }),
    ]
}

#[tokio::test(start_paused = true)]
async fn task_sets_are_allowed_what_they_call() {
    compare(Realisation::TaskSets, &two_roles()).await;
}

#[tokio::test(start_paused = true)]
async fn a_pair_is_allowed_what_it_calls() {
    compare(Realisation::Pair, &two_roles()).await;
}

#[tokio::test(start_paused = true)]
async fn a_service_in_place_is_allowed_what_it_calls() {
    compare(Realisation::Single, &[Box::new(Rolling::default())]).await;
}
