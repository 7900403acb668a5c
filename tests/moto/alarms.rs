//! Alarms, over the bridge.

use aws_sdk_cloudwatch::Client;
use aws_sdk_cloudwatch::types::ComparisonOperator;
use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_cloudwatch::types::Statistic;
use cutover::model::AlarmName;
use cutover::ports::AlarmState;

use super::account::Account;

#[tokio::test]
#[ignore = "needs moto at CUTOVER_MOTO_URL"]
async fn alarms_are_read_with_the_states_that_were_set() {
    let account = Account::new();
    let client = Client::new(&account.config);
    let names: Vec<AlarmName> =
        (0..3).map(|n| AlarmName::new(format!("{}-{n}", account.name)).unwrap()).collect();
    let (there, absent) = names.split_at(2);
    for name in there {
        let alarm = client.put_metric_alarm().alarm_name(name.as_str()).namespace("N");
        let alarm = alarm.metric_name("M").statistic(Statistic::Sum).period(60);
        let alarm = alarm.evaluation_periods(1).threshold(1.0);
        let operator = ComparisonOperator::GreaterThanThreshold;
        alarm.comparison_operator(operator).send().await.unwrap();
    }
    let set = async |name: &AlarmName, state: StateValue| {
        let set = client.set_alarm_state().alarm_name(name.as_str()).state_value(state);
        set.state_reason("by hand").send().await
    };
    set(&there[0], StateValue::Alarm).await.unwrap();
    set(&there[1], StateValue::InsufficientData).await.unwrap();
    let readings = account.aws.monitor().alarms(&names).await.unwrap();
    let seen: Vec<_> = readings.iter().map(|reading| (&reading.name, reading.state)).collect();
    let wanted = [AlarmState::Alarm, AlarmState::InsufficientData];
    assert_eq!(seen, there.iter().zip(wanted).collect::<Vec<_>>());
    assert_eq!(readings[0].configuration, readings[1].configuration);
    let error = set(&absent[0], StateValue::Ok).await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found(), "{error:?}");
}
