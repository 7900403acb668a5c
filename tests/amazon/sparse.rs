//! Alarms on counts that exist only where there was an error, through the SDK.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::ComparisonOperator;
use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::Statistic;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::AlarmName;
use cutover::model::DeploymentId;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::InsufficientData;
use cutover::model::Limits;
use cutover::model::Status;
use cutover::model::TargetGroupArn;
use cutover::model::Topology;
use cutover::store::MemoryStore;
use cutover::strategy::BlueGreen;

use super::account::Account;
use super::account::service;

const METRICS: &str = "cloudwatch:GetMetricData";

fn name(group: &TargetGroupArn) -> AlarmName {
    AlarmName::new(group.as_str().split('/').nth(1).unwrap()).unwrap()
}

/// An alarm on the errors of a group as most people make it: missing data are missing.
async fn make(client: &Client, balancer: &str, group: &TargetGroupArn) {
    let of = |name: &str, value: &str| Dimension::builder().name(name).value(value).build();
    let alarm = client.put_metric_alarm().alarm_name(name(group).as_str());
    let alarm = alarm.namespace("AWS/ApplicationELB").metric_name("HTTPCode_Target_5XX_Count");
    let alarm = alarm.dimensions(of("TargetGroup", group.dimension()));
    let alarm = alarm.dimensions(of("LoadBalancer", balancer));
    let alarm = alarm.statistic(Statistic::Sum).period(60).evaluation_periods(1).threshold(10.0);
    let above = ComparisonOperator::GreaterThanThreshold;
    alarm.comparison_operator(above).send().await.unwrap();
}

fn gate(names: &[AlarmName], insufficient_data: InsufficientData) -> GateSpec {
    let names = names.to_vec();
    GateSpec {
        id: GateId::new("errors").unwrap(),
        kind: GateKind::Alarms { names, accept_red_at_start: None, insufficient_data },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Rollback,
        always: true,
    }
}

#[tokio::test(start_paused = true)]
async fn each_of_two_groups_that_take_turns_is_deployed_to_although_no_alarm_has_data() {
    let account = Account::new(Scenario::new(8));
    let (topology, limits) = (Topology::default(), Limits::default());
    let routes = account.routes(&topology).await;
    let client = Client::new(&account.cloud.sdk_config("somebody"));
    let groups = [&routes.stable_group, &routes.candidate_group];
    for group in groups {
        make(&client, routes.rules[0].balancer_dimension(), group).await;
    }
    let names = groups.map(name);
    let ours = account.process("us", &Arc::new(MemoryStore::new()));
    for (number, candidate) in [(2, &names[1]), (3, &names[0])] {
        let strategy = BlueGreen::default();
        let id = DeploymentId::new(format!("d-{number}")).unwrap();
        let request = |policy| {
            let inconclusive = Inconclusive::Hold { limit: limits.hold_limit };
            DeploymentRequest::new(id.clone(), service(), revision(number), &strategy)
                .gate(GateSpec { inconclusive, ..gate(&names, policy) })
        };
        let aws = &account.aws;
        let planned = ours.deployer.plan(&request(InsufficientData::Inconclusive)).await.unwrap();
        let found = aws.check_alarms(&service(), &topology, &planned.plan, &limits).await;
        let [only] = found.as_slice() else { panic!("{found:#?}") };
        assert_eq!(only.place, format!("alarm {candidate}"));
        assert!(only.what.starts_with("HTTPCode_Target_5XX_Count has data only where"), "{only}");

        let request = request(InsufficientData::OkWithTraffic);
        let plan = ours.deployer.plan(&request).await.unwrap().plan;
        assert_eq!(aws.check_alarms(&service(), &topology, &plan, &limits).await, []);
        let policy = aws.policy(&service(), &topology, &plan, false).await.unwrap();
        let ending = ours.deployer.start(request).await.unwrap().wait().await.unwrap();
        assert_eq!(ending.status(), Status::Successful, "{ending:?}");
        // requests are counted for the drain too: the gate's own are in the record
        let record = ours.deployer.status(&id).await.unwrap().record;
        let readings = record.entries.iter().flat_map(|entry| &entry.facts.gates);
        let mut measures = readings.flat_map(|reading| &reading.grounds.measures);
        assert!(
            measures.any(|it| it.what == "last complete minutes with requests of the candidate")
        );
        let calls = account.cloud.calls();
        let made: BTreeSet<&str> = calls
            .iter()
            .filter(|call| call.actor == "us")
            .map(|call| call.operation.as_str())
            .collect();
        assert!(made.contains(METRICS));
        let denied: Vec<&&str> =
            made.iter().filter(|it| !policy.actions().contains(**it)).collect();
        assert!(denied.is_empty(), "{denied:?}");
    }
}
