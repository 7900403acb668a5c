//! Alarms, through the SDK.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::ComparisonOperator;
use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_cloudwatch::types::Statistic;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;
use cutover::model::AlarmName;
use cutover::model::Timestamp;
use cutover::ports::AlarmState;
use futures_util::future::join_all;

use super::account::Account;

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";

fn name(number: usize) -> AlarmName {
    AlarmName::new(format!("alarm-{number:03}")).unwrap()
}

async fn make(client: &Client, number: usize, threshold: f64) {
    let alarm = client.put_metric_alarm().alarm_name(name(number).as_str());
    let alarm = alarm.namespace("AWS/ApplicationELB").metric_name("HTTPCode_Target_5XX_Count");
    let alarm = alarm.statistic(Statistic::Sum).period(60).evaluation_periods(1);
    let alarm = alarm.comparison_operator(ComparisonOperator::GreaterThanThreshold);
    alarm.threshold(threshold).treat_missing_data("notBreaching").send().await.unwrap();
}

async fn set(client: &Client, number: usize, state: StateValue) {
    let set = client.set_alarm_state().alarm_name(name(number).as_str()).state_value(state);
    set.state_reason("test").send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_thousand_questions_of_many_deployments_cost_as_many_calls_as_there_are_hundreds() {
    let account = Account::new(Scenario::new(1));
    let client = Client::new(&account.cloud.sdk_config("somebody"));
    for number in 0..250 {
        make(&client, number, 5.0).await;
    }
    let monitor = account.aws.monitor();
    let asked: Vec<Vec<AlarmName>> =
        (0..500).map(|n| vec![name(n % 250), name((n * 7) % 250), name(999)]).collect();
    let answers = join_all(asked.iter().map(|names| monitor.alarms(names))).await;
    assert_eq!(account.count(DESCRIBE), 3);
    for (names, readings) in asked.iter().zip(answers) {
        let found: Vec<AlarmName> =
            readings.unwrap().into_iter().map(|reading| reading.name).collect();
        assert_eq!(found, names[..2], "absent names are absent, the order is the question's");
    }
}

#[tokio::test(start_paused = true)]
async fn composite_alarms_are_read_and_a_throttle_is_survived() {
    let account = Account::new(Scenario::new(2));
    let client = Client::new(&account.cloud.sdk_config("somebody"));
    make(&client, 1, 5.0).await;
    let rule = format!("ALARM({})", name(1));
    let all = client.put_composite_alarm().alarm_name("all").alarm_rule(rule);
    all.send().await.unwrap();
    let names = [AlarmName::new("all").unwrap(), name(1)];
    account.cloud.inject(FaultRule::new(DESCRIBE, WireFault::Throttled).at_most(3));
    let readings = account.aws.monitor().alarms(&names).await.unwrap();
    let found: Vec<&AlarmName> = readings.iter().map(|reading| &reading.name).collect();
    assert_eq!(found, names.iter().collect::<Vec<_>>());
    assert_eq!(account.count(DESCRIBE), 4);
}

#[tokio::test(start_paused = true)]
async fn an_edit_changes_the_configuration_and_a_state_does_not() {
    let account = Account::new(Scenario::new(3));
    let client = Client::new(&account.cloud.sdk_config("somebody"));
    make(&client, 1, 5.0).await;
    let monitor = account.aws.monitor();
    let first = monitor.alarms(&[name(1)]).await.unwrap().remove(0);
    set(&client, 1, StateValue::Alarm).await;
    let red = monitor.alarms(&[name(1)]).await.unwrap().remove(0);
    assert_eq!((red.state, red.configuration), (AlarmState::Alarm, first.configuration));
    assert!(red.transitioned_at > first.transitioned_at);
    make(&client, 1, 6.0).await;
    let edited = monitor.alarms(&[name(1)]).await.unwrap().remove(0);
    assert_ne!(edited.configuration, first.configuration);
}

#[tokio::test(start_paused = true)]
async fn every_change_of_state_is_in_the_history_over_all_its_pages() {
    let account = Account::new(Scenario::new(4));
    let client = Client::new(&account.cloud.sdk_config("somebody"));
    make(&client, 1, 5.0).await;
    for _ in 0..120 {
        set(&client, 1, StateValue::Alarm).await;
        set(&client, 1, StateValue::Ok).await;
    }
    let monitor = account.aws.monitor();
    let all = monitor.history(&name(1), Timestamp::default()).await.unwrap();
    assert!(account.count("cloudwatch:DescribeAlarmHistory") >= 3);
    let red = all.iter().filter(|change| change.to == AlarmState::Alarm).count();
    assert_eq!(red, 120);
    assert!(all.is_sorted_by_key(|change| change.at));
    let since = all[100].at;
    let later = monitor.history(&name(1), since).await.unwrap();
    assert_eq!(later, all[101..]);
    // half a history is none
    account.cloud.inject(
        FaultRule::new(
            "cloudwatch:DescribeAlarmHistory",
            WireFault::Error { status: 400, code: Some("InvalidNextToken".to_owned()) },
        )
        .on(2),
    );
    assert!(monitor.history(&name(1), Timestamp::default()).await.is_err());
}
