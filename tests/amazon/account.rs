//! A local cloud, and the adapters on it.

use std::sync::Arc;

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::Action;
use aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum;
use aws_sdk_elasticloadbalancingv2::types::ForwardActionConfig;
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
use aws_sdk_elasticloadbalancingv2::types::TargetGroupTuple;
use cutover::adapters::aws::Aws;
use cutover::adapters::host::TokioSpawner;
use cutover::adapters::local::LocalCloud;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::DeploymentId;
use cutover::model::FencingToken;
use cutover::model::ListenerRuleArn;
use cutover::model::ServiceId;
use cutover::model::Subject;
use cutover::model::TargetGroupArn;
use cutover::model::Topology;
use cutover::ports::Clock;
use cutover::ports::Routes;
use cutover::ports::Spawn;
use cutover::store::MemoryStore;

use super::process::Process;

pub(crate) const TOKEN: FencingToken = FencingToken::new(7);

/// A local cloud, the adapters, and a client that stands for anybody else.
pub(crate) struct Account {
    pub(crate) cloud: LocalCloud,
    pub(crate) aws: Aws,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) elb: Client,
    pub(crate) ecs: aws_sdk_ecs::Client,
    /// The simulated cloud whose executor moves time, where tokio does not.
    executed: Option<Cloud>,
}

pub(crate) fn service() -> ServiceId {
    ServiceId::new("prod", "web").unwrap()
}

/// An action that forwards to these groups by weight.
pub(crate) fn forward(groups: &[(&TargetGroupArn, i32)]) -> Action {
    let config = groups.iter().fold(ForwardActionConfig::builder(), |config, (group, weight)| {
        let group = TargetGroupTuple::builder().target_group_arn(group.as_str());
        config.target_groups(group.weight(*weight).build())
    });
    Action::builder().r#type(ActionTypeEnum::Forward).forward_config(config.build()).build()
}

impl Account {
    /// An account whose time is tokio's.
    pub(crate) fn new(scenario: Scenario) -> Self {
        fastrand::seed(scenario.seed);
        let cloud = LocalCloud::new(scenario);
        let clock = Arc::new(cloud.time());
        Self::on(cloud, clock, None)
    }

    /// An account whose time is moved by an executor.
    pub(crate) fn executed(cloud: &Cloud) -> Self {
        fastrand::seed(cloud.with(|world| world.scenario().seed));
        let clock = cloud.process("us").clock();
        Self::on(LocalCloud::on_executor(cloud), clock, Some(cloud.clone()))
    }

    fn on(cloud: LocalCloud, clock: Arc<dyn Clock>, executed: Option<Cloud>) -> Self {
        let aws = Aws::new(&cloud.sdk_config("us"), Arc::clone(&clock));
        let elb = Client::new(&cloud.sdk_config("somebody"));
        let ecs = aws_sdk_ecs::Client::new(&cloud.sdk_config("somebody"));
        Self { cloud, aws, clock, elb, ecs, executed }
    }

    /// A process of this name over this store.
    pub(crate) fn process(&self, name: &str, store: &Arc<MemoryStore>) -> Process {
        let (clock, spawn): (Arc<dyn Clock>, Arc<dyn Spawn>) = match &self.executed {
            Some(cloud) => (cloud.process(name).clock(), cloud.process(name).spawner()),
            None => (Arc::new(self.cloud.time()), Arc::new(TokioSpawner::current().unwrap())),
        };
        let aws = Aws::new(&self.cloud.sdk_config(name), Arc::clone(&clock));
        Process::new(name, aws, clock, spawn, store)
    }

    pub(crate) async fn routes(&self, topology: &Topology) -> Routes {
        self.aws.router().routes(&service(), topology).await.unwrap().unwrap()
    }

    pub(crate) async fn subject(&self, topology: &Topology) -> Subject {
        let mut baseline = self.aws.fleet().baseline(&service(), topology).await.unwrap();
        if let Some(routes) = self.aws.router().routes(&service(), topology).await.unwrap() {
            let agrees = baseline.stable_group.as_ref() == Some(&routes.stable_group);
            assert!(agrees, "the fleet and the router agree: {:?}", baseline.stable_group);
            baseline = routes.complete(baseline);
        }
        let deployment = DeploymentId::new("d-1").unwrap();
        Subject { deployment, service: service(), candidate: revision(2), baseline }
    }

    /// How many requests of this operation the adapters have made.
    pub(crate) fn count(&self, operation: &str) -> usize {
        let calls = self.cloud.calls();
        calls.iter().filter(|call| call.actor == "us" && call.operation == operation).count()
    }

    /// The actions of a rule as anybody sees them.
    pub(crate) async fn actions(&self, rule: &ListenerRuleArn) -> Vec<Action> {
        if rule.as_str().contains(":listener/") {
            let ask = self.elb.describe_listeners().listener_arns(rule.as_str());
            return ask.send().await.unwrap().listeners()[0].default_actions().to_vec();
        }
        let ask = self.elb.describe_rules().rule_arns(rule.as_str());
        ask.send().await.unwrap().rules()[0].actions().to_vec()
    }

    /// The weights of a rule by the last part but one of the groups' ARNs.
    pub(crate) async fn weights(&self, rule: &ListenerRuleArn) -> Vec<(String, i32)> {
        let actions = self.actions(rule).await;
        let action = actions.iter().find(|it| it.r#type == Some(ActionTypeEnum::Forward)).unwrap();
        let groups = action.forward_config().unwrap().target_groups().iter();
        groups
            .map(|group| {
                let name = group.target_group_arn().unwrap().split('/').nth(1).unwrap();
                (name.to_owned(), group.weight().unwrap_or(1))
            })
            .collect()
    }

    /// Somebody else replaces a rule's actions.
    pub(crate) async fn overwrite(&self, rule: &ListenerRuleArn, action: Action) {
        self.elb.modify_rule().rule_arn(rule.as_str()).actions(action).send().await.unwrap();
    }

    /// The load balancer that a group is behind.
    pub(crate) async fn balancer(&self, group: &TargetGroupArn) -> String {
        let ask = self.elb.describe_target_groups().target_group_arns(group.as_str());
        ask.send().await.unwrap().target_groups()[0].load_balancer_arns()[0].clone()
    }

    /// A new listener with this default action.
    pub(crate) async fn listener(
        &self,
        balancer: &str,
        port: i32,
        action: Action,
    ) -> ListenerRuleArn {
        let make = self.elb.create_listener().load_balancer_arn(balancer).port(port);
        let made = make.protocol(ProtocolEnum::Http).default_actions(action).send().await.unwrap();
        made.listeners()[0].listener_arn().unwrap().parse().unwrap()
    }

    /// The value of a tag.
    pub(crate) async fn tag(&self, rule: &ListenerRuleArn, key: &str) -> Option<String> {
        let ask = self.elb.describe_tags().resource_arns(rule.as_str());
        let answer = ask.send().await.unwrap();
        let tags = answer.tag_descriptions()[0].tags().iter();
        tags.clone().find(|tag| tag.key() == Some(key))?.value().map(str::to_owned)
    }

    /// The test rule that the scenario made.
    pub(crate) async fn test_rule(&self) -> ListenerRuleArn {
        let balancers = self.elb.describe_load_balancers().send().await.unwrap();
        let balancer = balancers.load_balancers()[0].load_balancer_arn().unwrap();
        let ask = self.elb.describe_listeners().load_balancer_arn(balancer);
        for listener in ask.send().await.unwrap().listeners() {
            let ask = self.elb.describe_rules().listener_arn(listener.listener_arn().unwrap());
            for rule in ask.send().await.unwrap().rules() {
                if rule.rule_arn().unwrap().contains("/test") {
                    return rule.rule_arn().unwrap().parse().unwrap();
                }
            }
        }
        panic!("there is none");
    }
}
