//! Deployments behind a Network Load Balancer, which has no rules and follows late.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ecs::types::DeploymentController;
use aws_sdk_ecs::types::DeploymentControllerType;
use aws_sdk_ecs::types::LoadBalancer;
use aws_sdk_ecs::types::NetworkConfiguration;
use aws_sdk_ecs::types::Scale;
use aws_sdk_ecs::types::ScaleUnit;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerTypeEnum;
use aws_sdk_elasticloadbalancingv2::types::ProtocolEnum;
use aws_sdk_elasticloadbalancingv2::types::TargetTypeEnum;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Behaviour;
use cutover::adapters::sim::Cloud;
use cutover::adapters::sim::Executor;
use cutover::adapters::sim::Fate;
use cutover::adapters::sim::Rule;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::api::DeploymentRequest;
use cutover::model::Direction;
use cutover::model::EventKind;
use cutover::model::HoldReason;
use cutover::model::Intent;
use cutover::model::Limits;
use cutover::model::ListenerRuleArn;
use cutover::model::Role;
use cutover::model::ServiceId;
use cutover::model::Stage;
use cutover::model::Status;
use cutover::model::Step;
use cutover::model::TargetGroupArn;
use cutover::model::Timestamp;
use cutover::model::Topology;
use cutover::model::Weight;
use cutover::ports::WriteError;
use cutover::store::MemoryStore;
use cutover::strategy::Canary;
use cutover::strategy::Forecast;
use cutover::strategy::Strategy;
use futures_util::StreamExt;

use super::account::Account;
use super::account::TOKEN;
use super::account::forward;
use super::realisation::Realisation;

/// How long ECS waits for a Network Load Balancer, and so this crate.
const LATE: Duration = Duration::from_mins(10);
const REST: Duration = Duration::from_mins(15);

/// A service `net` behind the TCP listener of a Network Load Balancer.
struct Behind {
    account: Account,
    service: ServiceId,
    topology: Topology,
    listener: ListenerRuleArn,
    groups: [TargetGroupArn; 2],
}

/// An event, and the load balancer at that time.
struct Seen {
    kind: EventKind,
    at: Timestamp,
    /// Whether a bake begins.
    bakes: bool,
    /// The second group's share of the requests, and whether nothing written is still on its way.
    follows: (u64, bool),
}

/// What a task set or service of `web` says of its container and its network.
async fn like_web(account: &Account) -> (LoadBalancer, Option<NetworkConfiguration>) {
    let ask = account.ecs.describe_services().cluster("prod").services("web");
    let read = ask.send().await.unwrap();
    let set = &read.services()[0].task_sets()[0];
    (set.load_balancers()[0].clone(), set.network_configuration.clone())
}

async fn group(account: &Account, name: &str) -> TargetGroupArn {
    let make = account.elb.create_target_group().name(name).port(443).vpc_id("vpc-1");
    let make = make.protocol(ProtocolEnum::Tcp).target_type(TargetTypeEnum::Ip);
    let made = make.send().await.unwrap();
    made.target_groups()[0].target_group_arn().unwrap().parse().unwrap()
}

impl Behind {
    async fn new(account: Account, realisation: Realisation) -> Self {
        let make = account.elb.create_load_balancer().name("net").subnets("subnet-1");
        let made = make.r#type(LoadBalancerTypeEnum::Network).send().await.unwrap();
        let balancer = made.load_balancers()[0].load_balancer_arn().unwrap().to_owned();
        let groups = [group(&account, "net-one").await, group(&account, "net-two").await];
        let make = account.elb.create_listener().load_balancer_arn(balancer).port(443);
        let make = make.protocol(ProtocolEnum::Tcp);
        let action = forward(&[(&groups[0], 1), (&groups[1], 0)]);
        let made = make.default_actions(action).send().await.unwrap();
        let listener = made.listeners()[0].listener_arn().unwrap().parse().unwrap();
        let service = ServiceId::new("prod", "net").unwrap();
        let mut behind = Self { account, service, topology: Topology::default(), listener, groups };
        match realisation {
            Realisation::TaskSets => behind.with_a_task_set().await,
            Realisation::Pair | Realisation::Single => behind.with_a_pair().await,
        }
        behind.account.clock.sleep(REST).await;
        behind
    }

    fn to(&self, like: &LoadBalancer, group: usize) -> LoadBalancer {
        let to = LoadBalancer::builder().target_group_arn(self.groups[group].as_str());
        let to = to.set_container_name(like.container_name.clone());
        to.set_container_port(like.container_port).build()
    }

    async fn with_a_task_set(&mut self) {
        let (like, network) = like_web(&self.account).await;
        let ecs = &self.account.ecs;
        let controller = DeploymentController::builder();
        let controller = controller.r#type(DeploymentControllerType::External).build().unwrap();
        let make = ecs.create_service().cluster("prod").service_name("net").desired_count(4);
        make.deployment_controller(controller).send().await.unwrap();
        let make = ecs.create_task_set().cluster("prod").service("net");
        let make = make.task_definition(revision(1).task_definition().as_str());
        let make = make.load_balancers(self.to(&like, 0)).set_network_configuration(network);
        let scale = Scale::builder().unit(ScaleUnit::Percent).value(100.0).build();
        let made = make.scale(scale).send().await.unwrap();
        let set = made.task_set().unwrap().task_set_arn().unwrap().to_owned();
        let primary = ecs.update_service_primary_task_set().cluster("prod").service("net");
        primary.primary_task_set(set).send().await.unwrap();
        self.topology.target_groups = Some(self.groups.clone());
    }

    async fn with_a_pair(&mut self) {
        let (like, network) = like_web(&self.account).await;
        for (group, name) in ["net", "net-other"].into_iter().enumerate() {
            let desired = if group == 0 { 4 } else { 0 };
            let make = self.account.ecs.create_service().cluster("prod").service_name(name);
            let make = make.desired_count(desired).load_balancers(self.to(&like, group));
            let make = make.task_definition(revision(1).task_definition().as_str());
            make.set_network_configuration(network.clone()).send().await.unwrap();
        }
        self.topology.pair = Some("net-other".to_owned());
    }

    /// What the load balancer does now, whatever it shows: the second group's share, and whether it
    /// follows what was written last.
    fn follows(&self) -> (u64, bool) {
        self.account.cloud.now();
        self.account.cloud.cloud().with(|world| {
            let is_ours = |rule: &&Rule| rule.arn.as_str().contains("/net/net/");
            let state = world.state();
            let rule = state.production_rules().find(is_ours).unwrap();
            let slot = state.groups.iter().position(|group| group.arn == self.groups[1]).unwrap();
            (rule.data_permille(slot), rule.is_settled())
        })
    }

    fn unserved(&self) -> u64 {
        self.account.cloud.now();
        self.account.cloud.cloud().with(|world| world.unserved())
    }

    /// Deploys `web:2`; answers what happened, each event with what the load balancer did then.
    async fn deploy(&self, strategy: &dyn Strategy) -> Vec<Seen> {
        let store = Arc::new(MemoryStore::new());
        let deployer = self.account.process("us", &store).deployer;
        let id = "d-1".parse().unwrap();
        let request = DeploymentRequest::new(id, self.service.clone(), revision(2), strategy);
        let request = request.topology(self.topology.clone());
        let planned = deployer.plan(&request).await.unwrap();
        assert_eq!(planned.shape.propagation, LATE);
        let forecast = Forecast::of(&planned.plan, &planned.shape, &Limits::default());
        let shifts = forecast.steps.iter().filter(|step| step.text.starts_with("shift")).count();
        assert!(forecast.earliest >= LATE * u32::try_from(shifts).unwrap(), "{forecast}");
        let handle = deployer.start(request).await.unwrap();
        let mut events = std::pin::pin!(handle.events());
        let mut seen = Vec::new();
        while let Some(event) = events.next().await {
            let bakes = match &event.kind {
                EventKind::Stage { direction: Direction::Forward, step, stage } => {
                    let is_bake = matches!(planned.plan.steps[*step], Step::Bake { .. });
                    is_bake && *stage != Stage::CleanUp
                }
                _ => false,
            };
            let (at, follows) = (event.at, self.follows());
            seen.push(Seen { kind: event.kind, at, bakes, follows });
        }
        seen
    }
}

fn run<T>(scenario: Scenario, realisation: Realisation, test: impl AsyncFnOnce(Behind) -> T) -> T {
    let cloud = Cloud::new(scenario);
    let account = Account::executed(&cloud);
    let run = async move { test(Behind::new(account, realisation).await).await };
    Executor::new(&cloud).block_on(run).unwrap()
}

#[test]
fn a_canary_on_a_listener_bakes_only_what_the_load_balancer_follows() {
    for realisation in [Realisation::TaskSets, Realisation::Pair] {
        run(Scenario::new(31), realisation, async |behind| {
            let before = behind.unserved();
            let seen = behind.deploy(&Canary::default()).await;
            let Some(EventKind::Finished { status, .. }) = seen.last().map(|it| &it.kind) else {
                panic!("it has an end");
            };
            assert_eq!(*status, Status::Successful);
            let bakes = seen.iter().filter(|it| it.bakes);
            let followed: Vec<_> = bakes.map(|it| it.follows).collect();
            assert_eq!(followed, [(100, true), (1000, true)], "{realisation:?}");
            let shift =
                |it: &&Seen| matches!(it.kind, EventKind::Writing { intent: Intent::Shift { .. } });
            let shifted = seen.iter().find(shift).unwrap().at;
            let baked = seen.iter().find(|it| it.bakes).unwrap().at;
            let waited = baked.since(shifted);
            assert!((LATE..LATE + Duration::from_mins(1)).contains(&waited), "{waited:?}");
            let says = EventKind::Holding { reason: HoldReason::Propagating };
            assert!(seen.iter().any(|it| it.kind == says), "it says what it waits for");
            let retire = EventKind::Writing { intent: Intent::Retire { role: Role::Stable } };
            let retired = seen.iter().find(|it| it.kind == retire).unwrap();
            assert_eq!(retired.follows, (1000, true), "no request goes to what is removed");
            assert_eq!(behind.unserved(), before, "{realisation:?}");
            // the listener's default action is what was written; there are no rules
            assert!(behind.account.count("elasticloadbalancing:ModifyListener") >= 2);
            assert_eq!(behind.account.count("elasticloadbalancing:ModifyRule"), 0);
            assert_eq!(behind.account.count("elasticloadbalancing:DescribeRules"), 0);
            let weights = behind.account.weights(&behind.listener).await;
            assert_eq!(weights, [("net-one".to_owned(), 0), ("net-two".to_owned(), 1)]);
        });
    }
}

#[test]
fn a_bad_candidate_is_removed_only_when_the_load_balancer_has_left_it() {
    let bad = Behaviour::doomed(Fate::CrashesAfter(Duration::from_mins(4)));
    let scenario = Scenario::new(32).with_behaviour(revision(2), bad);
    run(scenario, Realisation::Pair, async |behind| {
        let seen = behind.deploy(&Canary::default()).await;
        let last = seen.last().unwrap();
        let EventKind::Finished { status, .. } = &last.kind else { panic!("{:?}", last.kind) };
        assert_eq!((*status, last.follows), (Status::RollbackSuccessful, (0, true)));
        let retire = EventKind::Writing { intent: Intent::Retire { role: Role::Candidate } };
        let retired = seen.iter().find(|it| it.kind == retire).unwrap();
        assert_eq!(retired.follows, (0, true));
    });
}

#[test]
fn a_listener_s_weights_are_read_back_and_a_lost_answer_is_made_good() {
    run(Scenario::new(33), Realisation::Pair, async |behind| {
        let (account, router) = (&behind.account, behind.account.aws.router());
        let routes = router.routes(&behind.service, &behind.topology).await.unwrap().unwrap();
        assert_eq!(
            (routes.rules.as_slice(), routes.propagation),
            (&[behind.listener.clone()][..], LATE)
        );
        let fleet = account.aws.fleet();
        let baseline = fleet.baseline(&behind.service, &behind.topology).await.unwrap();
        let mut subject = account.subject(&Topology::default()).await;
        subject.service = behind.service.clone();
        subject.baseline = routes.complete(baseline);
        let modify = "elasticloadbalancing:ModifyListener";
        let tenth = Weight::percent(10).unwrap();
        account.cloud.inject(FaultRule::new(modify, WireFault::AnswerLost).at_most(1));
        let error = router.shift(&subject, tenth, TOKEN).await.unwrap_err();
        assert!(matches!(error, WriteError::Unknown(_)), "{error:?}");
        router.shift(&subject, tenth, TOKEN).await.unwrap();
        assert_eq!(router.observe(&subject).await.unwrap().weight(), Some(tenth));
        let weights = account.weights(&behind.listener).await;
        assert_eq!(weights, [("net-one".to_owned(), 900), ("net-two".to_owned(), 100)]);
        assert_eq!(account.tag(&behind.listener, "cutover:token").await.as_deref(), Some("7"));
        // what was read back is not written again
        let written = account.count(modify);
        router.shift(&subject, tenth, TOKEN).await.unwrap();
        assert_eq!(account.count(modify), written);
    });
}
