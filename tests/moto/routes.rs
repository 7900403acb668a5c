//! Listener rules and default actions.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::Rule;
use cutover::model::Baseline;
use cutover::model::DeploymentId;
use cutover::model::FencingToken;
use cutover::model::Revision;
use cutover::model::Scheduling;
use cutover::model::ServiceId;
use cutover::model::Subject;
use cutover::model::Weight;
use cutover::ports::ErrorClass;
use cutover::ports::Routes;
use cutover::ports::WriteError;
use cutover::testing::router_suite;

use super::account::Account;
use super::account::Balancing;
use super::account::forward;

const TOKEN: FencingToken = FencingToken::new(7);

fn revision() -> Revision {
    Revision::new("arn:aws:ecs:eu-west-1:123456789012:task-definition/web:2".parse().unwrap())
}

fn subject(service: ServiceId, routes: Routes) -> Subject {
    let baseline = Baseline {
        desired: 0,
        scheduling: Scheduling::Replica,
        two_roles: true,
        stable: None,
        candidate: None,
        stable_revision: None,
        others: Vec::new(),
        stable_group: Some(routes.stable_group),
        candidate_group: Some(routes.candidate_group),
        rules: routes.rules,
        test_rule: routes.test_rule,
        stickiness: routes.stickiness,
        scaling: None,
        deregistration_delay: routes.deregistration_delay,
        propagation: routes.propagation,
        first: None,
    };
    let deployment = DeploymentId::new("d-1").unwrap();
    Subject { deployment, service, candidate: revision(), baseline }
}

async fn account() -> (Account, Balancing, Subject) {
    let account = Account::new();
    let ecs = aws_sdk_ecs::Client::new(&account.config);
    let container = aws_sdk_ecs::types::ContainerDefinition::builder().name("app").image("web:1");
    let make = ecs.register_task_definition().family(&account.name);
    let made = make.container_definitions(container.memory(9).build()).send().await.unwrap();
    let definition = made.task_definition().unwrap().task_definition_arn().unwrap();
    account.serve(definition).await;
    let balancing = account.balancing().await;
    let (router, topology) = (account.aws.router(), balancing.topology());
    let routes = router.routes(&account.service(), &topology).await.unwrap().unwrap();
    assert_eq!([&routes.stable_group, &routes.candidate_group], balancing.groups.each_ref());
    assert_eq!(routes.stickiness, Duration::from_mins(5));
    let subject = subject(account.service(), routes);
    (account, balancing, subject)
}

async fn rule(account: &Account, balancing: &Balancing) -> Rule {
    let ask = account.elb.describe_rules().rule_arns(balancing.rule.as_str());
    ask.send().await.unwrap().rules().first().unwrap().clone()
}

#[tokio::test]
#[ignore = "needs moto at CUTOVER_MOTO_URL"]
async fn the_router_keeps_its_contract() {
    let (account, balancing, subject) = account().await;
    let (router, topology) = (account.aws.router(), balancing.topology());
    let patience = Duration::from_secs(20);
    let suite = router_suite(&*router, &*account.clock, &subject, &topology, patience).await;
    suite.unwrap();
}

#[tokio::test]
#[ignore = "needs moto at CUTOVER_MOTO_URL"]
async fn a_shift_changes_weights_and_marks_and_nothing_else() {
    let (account, balancing, subject) = account().await;
    let before = rule(&account, &balancing).await;
    let router = account.aws.router();
    for permille in [1, 250, 999, 1000] {
        let weight = Weight::at_most(permille);
        router.shift(&subject, weight, TOKEN).await.unwrap();
        assert_eq!(router.observe(&subject).await.unwrap().weight(), Some(weight));
        let now = rule(&account, &balancing).await;
        assert_eq!((now.conditions(), now.priority()), (before.conditions(), before.priority()));
        let config = now.actions()[0].forward_config().unwrap();
        let sticky = config.target_group_stickiness_config().unwrap();
        assert_eq!((sticky.enabled(), sticky.duration_seconds()), (Some(true), Some(300)));
        // moto would take 1000, AWS takes 999
        let weights = || config.target_groups().iter().map(|group| group.weight().unwrap());
        assert!(weights().all(|weight| (0..=999).contains(&weight)) && weights().sum::<i32>() > 0);
    }
    let asked = account.elb.describe_tags().resource_arns(balancing.rule.as_str());
    let described = asked.send().await.unwrap();
    let tags = described.tag_descriptions()[0].tags();
    let tag = |key| tags.iter().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value());
    assert_eq!((tag("cutover:deployment"), tag("cutover:token")), (Some("d-1"), Some("7")));
}

#[tokio::test]
#[ignore = "needs moto at CUTOVER_MOTO_URL"]
async fn what_somebody_else_did_to_a_rule_is_seen_and_what_is_gone_is_told() {
    let (account, balancing, subject) = account().await;
    let router = account.aws.router();
    let [blue, green] = &balancing.groups;
    let change = account.elb.modify_rule().rule_arn(balancing.rule.as_str());
    change.actions(forward(&[(blue, 3), (green, 1)])).send().await.unwrap();
    let seen = router.observe(&subject).await.unwrap();
    assert_eq!((seen.highest(), seen.lowest()), (Weight::at_most(250), Weight::ZERO));
    account.elb.delete_rule().rule_arn(balancing.rule.as_str()).send().await.unwrap();
    let seen = router.observe(&subject).await.unwrap();
    assert!(seen.rules.iter().any(|of| of.rule == balancing.rule && of.foreign), "{seen:?}");
    let shift = router.shift(&subject, Weight::FULL, TOKEN).await.unwrap_err();
    let WriteError::Rejected(error) = shift else { panic!("{shift:?}") };
    assert!(matches!(error.class, ErrorClass::Gone | ErrorClass::Conflict), "{error:?}");
    let absent = ServiceId::new(&account.name, "absent").unwrap();
    let error = router.routes(&absent, &balancing.topology()).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Gone);
}
