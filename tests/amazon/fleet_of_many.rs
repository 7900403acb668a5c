//! Many deployments in one process share what they read.

use std::sync::Arc;
use std::time::Duration;

use cutover::DeploymentHandle;
use cutover::adapters::sim::AlarmSpec;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Colour;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Scenario;
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
use cutover::model::ServiceId;
use cutover::store::MemoryStore;
use cutover::strategy::Rolling;
use futures_util::future::join_all;

use super::account::Account;

const SERVICES: u32 = 25;
const ALARMS_EACH: u32 = 6;

fn alarms_of(service: u32) -> Vec<AlarmName> {
    (0..ALARMS_EACH).map(|n| AlarmName::new(format!("alarm-{service}-{n}")).unwrap()).collect()
}

fn gate(service: u32) -> GateSpec {
    GateSpec {
        id: GateId::new("alarms").unwrap(),
        kind: GateKind::Alarms {
            names: alarms_of(service),
            accept_red_at_start: None,
            insufficient_data: InsufficientData::default(),
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Hold { limit: Duration::from_mins(30) },
        always: true,
    }
}

/// Makes the services, each running `web-N:1`, and registers `web-N:2`.
async fn make(account: &Account) {
    use aws_sdk_ecs::types::ContainerDefinition;

    account.ecs.create_cluster().cluster_name("prod").send().await.unwrap();
    for n in 0..SERVICES {
        for tag in ["1", "2"] {
            let container = ContainerDefinition::builder().name("app").image(format!("app:{tag}"));
            let register = account.ecs.register_task_definition().family(format!("web-{n}"));
            register.container_definitions(container.build()).send().await.unwrap();
        }
        let create = account.ecs.create_service().cluster("prod").service_name(format!("web-{n}"));
        create.task_definition(format!("web-{n}:1")).desired_count(2).send().await.unwrap();
    }
    account.clock.sleep(Duration::from_mins(3)).await;
}

#[test]
fn twenty_five_deployments_with_a_hundred_and_fifty_alarms_share_their_reads() {
    let mut scenario = Scenario::empty(3);
    for n in 0..SERVICES {
        for name in alarms_of(n) {
            scenario = scenario.with_alarm(AlarmSpec::errors(name, Colour::Blue, 100));
        }
    }
    let cloud = Cloud::new(scenario);
    let account = Account::executed(&cloud);
    let mut executor = Executor::new(&cloud);
    let process = account.process("us", &Arc::new(MemoryStore::new()));
    let bake = Duration::from_mins(30);
    let strategy = Rolling { bake, ..Rolling::default() };
    let (handles, calls) = executor
        .block_on(async {
            make(&account).await;
            let mut handles = Vec::new();
            for n in 0..SERVICES {
                // they start when they are asked for, not all at once
                account.clock.sleep(Duration::from_millis(700)).await;
                let family =
                    format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/web-{n}:2");
                let revision = cutover::model::Revision::new(family.parse().unwrap());
                let service = ServiceId::new("prod", format!("web-{n}")).unwrap();
                let id = DeploymentId::new(format!("d-{n}")).unwrap();
                let request = DeploymentRequest::new(id, service, revision, &strategy);
                let request = request.gate(gate(n));
                handles.push(process.deployer.start(request).await.unwrap());
            }
            // all of them bake
            account.clock.sleep(Duration::from_mins(10)).await;
            account.cloud.forget_calls();
            account.clock.sleep(Duration::from_mins(10)).await;
            (handles, account.cloud.calls())
        })
        .unwrap();
    let rounds = 60;
    let count = |operation| calls.count(operation);
    let (services, alarms) = (count("ecs:DescribeServices"), count("cloudwatch:DescribeAlarms"));
    println!("in {rounds} rounds: {services} DescribeServices, {alarms} DescribeAlarms");
    println!("{:?}", calls.by_operation());
    // looks are on one grid: ceil(25 / 10) calls a round
    assert!(services <= (rounds + 1) * u64::from(SERVICES.div_ceil(10)), "{services}");
    // gates ask when their look has been answered, which those of one call have at the same time:
    // ceil(150 / 100) calls a round, and one more where the looks' answers lie apart
    let names = SERVICES * ALARMS_EACH;
    assert!(alarms <= (rounds + 1) * u64::from(names.div_ceil(100) + 1), "{alarms}");
    let endings = executor.block_on(join_all(handles.iter().map(DeploymentHandle::wait))).unwrap();
    for ending in endings {
        assert_eq!(ending.unwrap(), Ending::Successful { leftovers: Vec::new() });
    }
}
