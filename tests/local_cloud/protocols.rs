//! Each protocol, spoken by the official SDK where one speaks it.

use aws_sdk_cloudwatch::operation::set_alarm_state::SetAlarmStateError;
use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::ComparisonOperator;
use aws_sdk_cloudwatch::types::MetricDatum;
use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_cloudwatch::types::Statistic;
use aws_sdk_elasticloadbalancingv2::error::ProvideErrorMetadata;
use aws_sdk_elasticloadbalancingv2::operation::RequestId;
use aws_sdk_elasticloadbalancingv2::operation::describe_rules::DescribeRulesError;
use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum;
use aws_sdk_elasticloadbalancingv2::types::ForwardActionConfig;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupTuple;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::World;

fn elb(cloud: &LocalCloud) -> aws_sdk_elasticloadbalancingv2::Client {
    aws_sdk_elasticloadbalancingv2::Client::new(&cloud.sdk_config("us"))
}

fn cloudwatch(cloud: &LocalCloud) -> aws_sdk_cloudwatch::Client {
    aws_sdk_cloudwatch::Client::new(&cloud.sdk_config("us"))
}

fn weights(actions: &[Action]) -> Vec<(String, i32)> {
    let forward = actions.iter().filter_map(Action::forward_config);
    let groups = forward.flat_map(ForwardActionConfig::target_groups);
    let pair = |group: &TargetGroupTuple| {
        (group.target_group_arn().unwrap().to_owned(), group.weight().unwrap())
    };
    groups.map(pair).collect()
}

#[tokio::test(start_paused = true)]
async fn forms_and_xml_a_rule_is_rewritten_and_read_back() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let elb = elb(&cloud);
    let listeners = elb.describe_load_balancers().send().await.unwrap().load_balancers().to_vec();
    let arn = listeners[0].load_balancer_arn().unwrap();
    assert!(listeners[0].created_time().is_some());
    let listeners = elb.describe_listeners().load_balancer_arn(arn).send().await.unwrap();
    let listener = listeners.listeners()[0].listener_arn().unwrap().to_owned();
    let rules = elb.describe_rules().listener_arn(&listener).send().await.unwrap();
    assert!(rules.request_id().is_some());
    let rule = rules.rules().iter().find(|rule| weights(rule.actions()).len() == 2).unwrap();
    let before = weights(rule.actions());
    let tuple = |arn: &str, weight| {
        TargetGroupTuple::builder().target_group_arn(arn).weight(weight).build()
    };
    let forward = ForwardActionConfig::builder()
        .target_groups(tuple(&before[0].0, 90))
        .target_groups(tuple(&before[1].0, 10))
        .build();
    let action = Action::builder().r#type(ActionTypeEnum::Forward).forward_config(forward).build();
    let arn = rule.rule_arn().unwrap();
    elb.modify_rule().rule_arn(arn).actions(action).send().await.unwrap();
    let after = elb.describe_rules().rule_arns(arn).send().await.unwrap();
    let numbers: Vec<i32> =
        weights(after.rules()[0].actions()).into_iter().map(|(_, weight)| weight).collect();
    assert_eq!(numbers, [90, 10]);
}

#[tokio::test(start_paused = true)]
async fn forms_and_xml_errors_are_typed() {
    let elb = elb(&LocalCloud::new(Scenario::new(7)));
    let missing = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/\
                   50dc6c495c0c9188/f2f7dc8efc522ab2/9999999999999999";
    let error = elb.describe_rules().rule_arns(missing).send().await.unwrap_err();
    assert_eq!((error.code(), error.request_id().is_some()), (Some("RuleNotFound"), true));
    assert!(matches!(error.into_service_error(), DescribeRulesError::RuleNotFoundException(_)));
    let error = elb.describe_account_limits().send().await.unwrap_err();
    let message = error.message().unwrap();
    assert!(message.contains("elasticloadbalancing:DescribeAccountLimits is not"), "{message}");
}

#[tokio::test(start_paused = true)]
async fn cbor_an_alarm_is_made_set_and_read_back() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let cloudwatch = cloudwatch(&cloud);
    cloudwatch
        .put_metric_alarm()
        .alarm_name("errors")
        .namespace("Own")
        .metric_name("Errors")
        .statistic(Statistic::Sum)
        .period(60)
        .evaluation_periods(3)
        .threshold(2.5)
        .comparison_operator(ComparisonOperator::GreaterThanThreshold)
        .send()
        .await
        .unwrap();
    let set = cloudwatch.set_alarm_state().alarm_name("errors").state_reason("test");
    set.state_value(StateValue::Alarm).send().await.unwrap();
    let alarms = cloudwatch.describe_alarms().alarm_names("errors").send().await.unwrap();
    let alarm = &alarms.metric_alarms()[0];
    assert_eq!((alarm.state_value(), alarm.threshold()), (Some(&StateValue::Alarm), Some(2.5)));
    let at = alarm.state_updated_timestamp().unwrap().to_millis().unwrap();
    let begun = i64::try_from(World::BEGINS.as_millis()).unwrap();
    assert!((begun..begun + 2000).contains(&at), "{at}");
}

#[tokio::test(start_paused = true)]
async fn cbor_errors_are_typed() {
    let cloudwatch = cloudwatch(&LocalCloud::new(Scenario::new(7)));
    let set = cloudwatch.set_alarm_state().alarm_name("none").state_reason("test");
    let error = set.state_value(StateValue::Ok).send().await.unwrap_err();
    assert_eq!(error.raw_response().unwrap().status().as_u16(), 404);
    assert!(matches!(error.into_service_error(), SetAlarmStateError::ResourceNotFound(_)));
    let error = cloudwatch.list_dashboards().send().await.unwrap_err();
    assert!(error.message().unwrap().contains("cloudwatch:ListDashboards is not modelled"));
}

#[tokio::test(start_paused = true)]
async fn cbor_a_large_body_comes_packed_with_its_times() {
    let cloud = LocalCloud::new(Scenario::new(7));
    let cloudwatch = cloudwatch(&cloud);
    let begun = i64::try_from(World::BEGINS.as_millis()).unwrap();
    let datum = |index: i64| {
        let at = DateTime::from_millis(begun - 1000 * index);
        MetricDatum::builder().metric_name("Own").value(1.5).timestamp(at).build()
    };
    let put = cloudwatch.put_metric_data().namespace("Own/Space");
    put.set_metric_data(Some((0..900).map(datum).collect())).send().await.unwrap();
    let listed = cloudwatch.list_metrics().namespace("Own/Space").send().await.unwrap();
    assert_eq!(listed.metrics().len(), 1);
}
