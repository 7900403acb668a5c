//! What a simulated account holds beside what its scenario says, made as anybody would: by calls.

use std::error::Error;
use std::time::Duration;

use aws_sdk_cloudwatch::types::ComparisonOperator;
use aws_sdk_cloudwatch::types::Dimension;
use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_cloudwatch::types::Statistic;
use aws_sdk_ecs::types::LoadBalancer;
use cutover::adapters::local::LocalCloud;
use cutover::model::ServiceId;
use cutover::ports::Clock;

type Failure = Box<dyn Error + Send + Sync>;

/// How long a service without tasks takes to be steady.
const STEADY: Duration = Duration::from_mins(1);

/// Who makes it.
const BUILDER: &str = "builder";

/// Makes the other service of a pair: without tasks, behind the green group.
pub(crate) async fn pair(
    cloud: &LocalCloud,
    service: &ServiceId,
    other: &str,
) -> Result<(), Failure> {
    let ecs = aws_sdk_ecs::Client::new(&cloud.sdk_config(BUILDER));
    let (cluster, name) = (&service.cluster, &service.service);
    let read = ecs.describe_services().cluster(cluster).services(name).send().await?;
    let first = read.services().first().ok_or("the service is not there")?;
    let behind = |it: &LoadBalancer| {
        let group = it.target_group_arn().unwrap_or_default().replace("/blue/", "/green/");
        let made = LoadBalancer::builder().target_group_arn(group);
        made.set_container_name(it.container_name.clone())
            .set_container_port(it.container_port)
            .build()
    };
    let make = ecs.create_service().cluster(cluster).service_name(other).desired_count(0);
    make.set_task_definition(first.task_definition.clone())
        .set_network_configuration(first.network_configuration.clone())
        .set_launch_type(first.launch_type.clone())
        .set_load_balancers(Some(first.load_balancers().iter().map(behind).collect()))
        .send()
        .await?;
    cloud.time().sleep(STEADY).await;
    Ok(())
}

/// Makes the two alarms that specs name, on the whole load balancer, quiet from the start.
pub(crate) async fn alarms(cloud: &LocalCloud) -> Result<(), Failure> {
    let config = cloud.sdk_config(BUILDER);
    let elb = aws_sdk_elasticloadbalancingv2::Client::new(&config);
    let read = elb.describe_load_balancers().send().await?;
    let arn = read.load_balancers().first().and_then(|it| it.load_balancer_arn());
    let (_, balancer) =
        arn.and_then(|arn| arn.split_once(":loadbalancer/")).ok_or("there is no load balancer")?;
    let of = Dimension::builder().name("LoadBalancer").value(balancer).build();
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&config);
    for (name, metric, threshold) in [
        ("web-5xx", "HTTPCode_Target_5XX_Count", 10.0),
        ("web-latency-p99", "TargetResponseTime", 1.0),
    ] {
        let make = cloudwatch.put_metric_alarm().alarm_name(name).metric_name(metric);
        let make = make.namespace("AWS/ApplicationELB").dimensions(of.clone()).period(60);
        let make = make.evaluation_periods(1).threshold(threshold);
        let make = make.comparison_operator(ComparisonOperator::GreaterThanThreshold);
        let make = if metric == "TargetResponseTime" {
            make.extended_statistic("p99")
        } else {
            make.statistic(Statistic::Sum)
        };
        make.treat_missing_data("notBreaching").send().await?;
        let quiet = cloudwatch.set_alarm_state().alarm_name(name).state_value(StateValue::Ok);
        quiet.state_reason("nothing has happened yet").send().await?;
    }
    Ok(())
}
