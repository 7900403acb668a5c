//! An account in moto, and the adapters on it.

use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use aws_config::BehaviorVersion;
use aws_config::Region;
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_ecs::config::Credentials;
use aws_sdk_ecs::config::SharedCredentialsProvider;
use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum;
use aws_sdk_elasticloadbalancingv2::types::ForwardActionConfig;
use aws_sdk_elasticloadbalancingv2::types::PathPatternConditionConfig;
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
use aws_sdk_elasticloadbalancingv2::types::RuleCondition;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupStickinessConfig;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupTuple;
use aws_sdk_elasticloadbalancingv2::types::TargetTypeEnum;
use cutover::adapters::aws::Aws;
use cutover::adapters::host::RuntimeClock;
use cutover::model::ListenerRuleArn;
use cutover::model::ServiceId;
use cutover::model::TargetGroupArn;
use cutover::model::Timestamp;
use cutover::model::Topology;
use cutover::ports::Clock;

use super::bridge::JsonBridge;

/// Numbers the accounts of this process: moto keeps all names in one place.
static MADE: AtomicU32 = AtomicU32::new(0);

/// A service behind a load balancer in moto, the adapters, and a client that stands for anybody else.
pub(crate) struct Account {
    pub(crate) aws: Aws,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: SdkConfig,
    pub(crate) elb: Client,
    /// Part of every name.
    pub(crate) name: String,
}

/// A listener with a rule, both weighted between two groups.
pub(crate) struct Balancing {
    pub(crate) groups: [TargetGroupArn; 2],
    pub(crate) rule: ListenerRuleArn,
    pub(crate) listener: ListenerRuleArn,
}

impl Balancing {
    pub(crate) fn topology(&self) -> Topology {
        Topology {
            target_groups: Some(self.groups.clone()),
            rules: vec![self.listener.clone(), self.rule.clone()],
            ..Topology::default()
        }
    }
}

fn endpoint() -> String {
    std::env::var("CUTOVER_MOTO_URL").unwrap()
}

/// Two subnets of the default VPC, and the VPC. There is no SDK for EC2 here.
fn places() -> (Vec<String>, String) {
    let address = endpoint().replace("http://", "");
    let mut stream = TcpStream::connect(&address).unwrap();
    // the scope of the credential says for which service and region it is
    let form = "Action=DescribeSubnets&Version=2016-11-15";
    write!(
        stream,
        "POST / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=moto/20261121/eu-west-1/ec2/aws4_request, \
         SignedHeaders=host, Signature=0\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let all = |name: &str| -> Vec<String> {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let after = answer.split(&open).skip(1);
        after.map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
    };
    let mut subnets = all("subnetId");
    subnets.truncate(2);
    (subnets, all("vpcId").remove(0))
}

/// An action that forwards to these groups by weight, and makes clients stick for five minutes.
pub(crate) fn forward(groups: &[(&TargetGroupArn, i32)]) -> Action {
    let sticky = TargetGroupStickinessConfig::builder().enabled(true).duration_seconds(300);
    let config = ForwardActionConfig::builder().target_group_stickiness_config(sticky.build());
    let config = groups.iter().fold(config, |config, (group, weight)| {
        let group = TargetGroupTuple::builder().target_group_arn(group.as_str());
        config.target_groups(group.weight(*weight).build())
    });
    Action::builder().r#type(ActionTypeEnum::Forward).forward_config(config.build()).build()
}

impl Account {
    pub(crate) fn new() -> Self {
        let credentials = Credentials::new("moto", "none", None, None, "test");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(JsonBridge::new())
            .endpoint_url(endpoint())
            .retry_config(RetryConfig::disabled())
            .build();
        let clock: Arc<dyn Clock> = Arc::new(RuntimeClock::starting_at(Timestamp::default()));
        let aws = Aws::new(&config, Arc::clone(&clock));
        let elb = Client::new(&config);
        let name = format!("a{}-{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        Self { aws, clock, config, elb, name }
    }

    pub(crate) fn service(&self) -> ServiceId {
        ServiceId::new(&self.name, "web").unwrap()
    }

    /// A cluster with a service of no tasks that runs this revision.
    pub(crate) async fn serve(&self, task_definition: &str) {
        let ecs = aws_sdk_ecs::Client::new(&self.config);
        ecs.create_cluster().cluster_name(&self.name).send().await.unwrap();
        let make = ecs.create_service().cluster(&self.name).service_name("web").desired_count(0);
        make.task_definition(task_definition).send().await.unwrap();
    }

    async fn group(&self, vpc: &str, name: &str) -> TargetGroupArn {
        let make = self.elb.create_target_group().name(format!("{}-{name}", self.name));
        let make = make.protocol(ProtocolEnum::Http).port(80).vpc_id(vpc);
        let made = make.target_type(TargetTypeEnum::Ip).send().await.unwrap();
        made.target_groups().first().unwrap().target_group_arn().unwrap().parse().unwrap()
    }

    /// A load balancer whose listener and one rule forward everything to the first of two groups.
    pub(crate) async fn balancing(&self) -> Balancing {
        let (subnets, vpc) = places();
        let make = self.elb.create_load_balancer().name(&self.name).set_subnets(Some(subnets));
        let made = make.send().await.unwrap();
        let balancer = made.load_balancers().first().unwrap().load_balancer_arn().unwrap();
        let groups = [self.group(&vpc, "blue").await, self.group(&vpc, "green").await];
        let [blue, green] = &groups;
        let action = || forward(&[(blue, 100), (green, 0)]);
        let make = self.elb.create_listener().load_balancer_arn(balancer).port(80);
        let made = make.protocol(ProtocolEnum::Http).default_actions(action()).send().await;
        let listener =
            made.unwrap().listeners().first().unwrap().listener_arn().unwrap().to_owned();
        let path = PathPatternConditionConfig::builder().values("/a/*").build();
        let condition = RuleCondition::builder().field("path-pattern").path_pattern_config(path);
        let make = self.elb.create_rule().listener_arn(&listener).priority(10);
        let made = make.conditions(condition.build()).actions(action()).send().await.unwrap();
        let rule = made.rules().first().unwrap().rule_arn().unwrap().parse().unwrap();
        Balancing { groups, rule, listener: listener.parse().unwrap() }
    }
}
