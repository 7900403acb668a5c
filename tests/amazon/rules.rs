//! Writes on listener rules.

use aws_sdk_elasticloadbalancingv2::types::ActionTypeEnum;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;
use cutover::model::CallToken;
use cutover::model::FencingToken;
use cutover::model::Topology;
use cutover::model::Weight;
use cutover::ports::ErrorClass;
use cutover::ports::WriteError;

use super::account::Account;
use super::account::TOKEN;
use super::account::forward;

const MODIFY: &str = "elasticloadbalancing:ModifyRule";

fn percent(percent: u32) -> Weight {
    Weight::percent(percent).unwrap()
}

fn pair(blue: i32, green: i32) -> Vec<(String, i32)> {
    vec![("blue".to_owned(), blue), ("green".to_owned(), green)]
}

#[tokio::test(start_paused = true)]
async fn a_shift_writes_every_rule_once_and_keeps_its_stickiness() {
    let sticky = std::time::Duration::from_mins(5);
    let account = Account::new(Scenario::new(3).with_production_rules(3).with_stickiness(sticky));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    assert_eq!(subject.baseline.stickiness, sticky);
    router.shift(&subject, percent(10), TOKEN).await.unwrap();
    assert_eq!(account.count(MODIFY), 3);
    for rule in &subject.baseline.rules {
        assert_eq!(account.weights(rule).await, pair(900, 100));
        let action = &account.actions(rule).await[0];
        let kept = action.forward_config().unwrap().target_group_stickiness_config().unwrap();
        assert_eq!((kept.enabled(), kept.duration_seconds()), (Some(true), Some(300)));
        assert_eq!(account.tag(rule, "cutover:deployment").await.as_deref(), Some("d-1"));
        assert_eq!(account.tag(rule, "cutover:token").await.as_deref(), Some("7"));
    }
    // what is there and was read back is not written again
    router.shift(&subject, percent(10), TOKEN).await.unwrap();
    assert_eq!((account.count(MODIFY), account.count("elasticloadbalancing:AddTags")), (3, 1));
    assert_eq!(router.observe(&subject).await.unwrap().weight(), Some(percent(10)));
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_forwards_to_stable_alone_is_given_the_candidate_before_its_first_task() {
    let mut scenario = Scenario::new(4);
    scenario.green_attached = false;
    let account = Account::new(scenario);
    let [green, blue] = ["green", "blue"].map(|name| {
        format!("arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{name}/73e2d6bc24d8a067")
            .parse()
            .unwrap()
    });
    // with one group on the rule nobody can tell the other
    let refused =
        account.aws.router().routes(&super::account::service(), &Topology::default()).await;
    assert!(refused.unwrap_err().message.contains("give `target_groups`"));
    let topology = Topology { target_groups: Some([green, blue]), ..Topology::default() };
    let subject = account.subject(&topology).await;
    let (rule, router) = (&subject.baseline.rules[0], account.aws.router());
    let seen = router.observe(&subject).await.unwrap();
    assert_eq!(seen.weight(), Some(Weight::ZERO));
    let token = CallToken::derived(&subject.deployment, "launch");
    account.aws.fleet().launch(&subject, 1, &token).await.unwrap();
    assert_eq!(account.weights(rule).await, pair(1, 0));
    assert_eq!(account.tag(rule, "cutover:deployment").await.as_deref(), Some("d-1"));
    let calls = account.cloud.calls();
    let order: Vec<String> =
        calls.iter().filter(|call| call.is_write()).map(|call| call.operation.clone()).collect();
    assert_eq!(order, ["elasticloadbalancing:AddTags", MODIFY, "ecs:CreateTaskSet"]);
}

#[tokio::test(start_paused = true)]
async fn a_rule_with_a_third_group_is_foreign_and_refused_as_a_whole() {
    let account = Account::new(Scenario::new(5).with_production_rules(2));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    let (stable, candidate) = (
        subject.baseline.stable_group.clone().unwrap(),
        subject.baseline.candidate_group.clone().unwrap(),
    );
    let made = account.elb.create_target_group().name("red").port(80).vpc_id("vpc-1");
    let made = made.protocol("HTTP".into()).target_type("ip".into()).send().await.unwrap();
    let red = made.target_groups()[0].target_group_arn().unwrap().parse().unwrap();
    let action = forward(&[(&stable, 8), (&candidate, 1), (&red, 1)]);
    account.overwrite(&subject.baseline.rules[1], action).await;
    let seen = router.observe(&subject).await.unwrap();
    assert_eq!((seen.rules[0].foreign, seen.rules[1].foreign), (false, true));
    assert_eq!(seen.rules[1].candidate, Weight::at_most(111));
    let error = router.shift(&subject, percent(10), TOKEN).await.unwrap_err();
    assert!(matches!(error, WriteError::Rejected(error) if error.class == ErrorClass::Conflict));
    assert_eq!(account.count(MODIFY), 0);
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_is_gone_is_foreign_and_the_others_are_still_read() {
    let account = Account::new(Scenario::new(6).with_production_rules(2));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    let gone = &subject.baseline.rules[0];
    account.elb.delete_rule().rule_arn(gone.as_str()).send().await.unwrap();
    let seen = router.observe(&subject).await.unwrap();
    assert_eq!((seen.rules[0].foreign, seen.rules[1].foreign), (true, false));
    let error = router.shift(&subject, percent(10), TOKEN).await.unwrap_err();
    assert!(matches!(error, WriteError::Rejected(error) if error.class == ErrorClass::Gone));
}

#[tokio::test(start_paused = true)]
async fn half_a_write_is_unknown_and_the_other_rules_are_written_all_the_same() {
    for (fault, lost) in [
        (WireFault::Throttled, true),
        (WireFault::AnswerLost, false),
        (WireFault::Reset, true),
        (WireFault::Hang, true),
        (WireFault::Truncated, false),
    ] {
        let account = Account::new(Scenario::new(7).with_production_rules(3));
        let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
        account.cloud.inject(FaultRule::new(MODIFY, fault.clone()).on(2));
        let error = router.shift(&subject, percent(20), TOKEN).await.unwrap_err();
        assert!(matches!(error, WriteError::Unknown(_)), "{fault:?}: {error:?}");
        let rules = &subject.baseline.rules;
        let second = if lost { pair(1, 0) } else { pair(800, 200) };
        assert_eq!(account.weights(&rules[1]).await, second, "{fault:?}");
        assert_eq!(account.weights(&rules[2]).await, pair(800, 200), "{fault:?}");
        // the next one writes all that is not known to be settled, and then it is
        router.shift(&subject, percent(20), TOKEN).await.unwrap();
        assert_eq!(router.observe(&subject).await.unwrap().weight(), Some(percent(20)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_surely_did_nothing_is_rejected() {
    let account = Account::new(Scenario::new(8));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    account.cloud.inject(FaultRule::new(MODIFY, WireFault::Throttled).at_most(1));
    let error = router.shift(&subject, percent(20), TOKEN).await.unwrap_err();
    assert!(matches!(error, WriteError::Rejected(error) if error.class == ErrorClass::Throttled));
    assert_eq!(
        (account.count(MODIFY), account.weights(&subject.baseline.rules[0]).await),
        (1, pair(1, 0))
    );
}

#[tokio::test(start_paused = true)]
async fn a_later_lease_stops_an_earlier_one() {
    let account = Account::new(Scenario::new(9));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    router.shift(&subject, percent(20), TOKEN).await.unwrap();
    let later = FencingToken::new(8);
    router.shift(&subject, percent(30), later).await.unwrap();
    let error = router.shift(&subject, percent(40), TOKEN).await.unwrap_err();
    let WriteError::Rejected(error) = error else { panic!("{error:?}") };
    assert_eq!(error.class, ErrorClass::Conflict);
    assert!(error.message.contains("deployment d-1 with token 8"), "{error}");
    assert_eq!(account.weights(&subject.baseline.rules[0]).await, pair(700, 300));
}

#[tokio::test(start_paused = true)]
async fn notes_that_cannot_be_kept_do_not_stop_traffic() {
    let account = Account::new(Scenario::new(10));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    let denied = WireFault::Error { status: 403, code: Some("AccessDenied".to_owned()) };
    account.cloud.inject(FaultRule::new("elasticloadbalancing:AddTags", denied.clone()));
    router.shift(&subject, percent(20), TOKEN).await.unwrap();
    account.cloud.inject(FaultRule::new("elasticloadbalancing:DescribeTags", denied));
    router.shift(&subject, percent(0), TOKEN).await.unwrap();
    assert_eq!(account.weights(&subject.baseline.rules[0]).await, pair(1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_login_before_the_forward_survives_without_its_secret() {
    use aws_sdk_elasticloadbalancingv2::types::Action;
    use aws_sdk_elasticloadbalancingv2::types::AuthenticateOidcActionConfig;

    let account = Account::new(Scenario::new(11));
    let (router, subject) = (account.aws.router(), account.subject(&Topology::default()).await);
    let rule = &subject.baseline.rules[0];
    let login = AuthenticateOidcActionConfig::builder()
        .issuer("https://id.example")
        .authorization_endpoint("https://id.example/a")
        .token_endpoint("https://id.example/t")
        .user_info_endpoint("https://id.example/u")
        .client_id("web")
        .client_secret("hush");
    let login = Action::builder()
        .r#type(ActionTypeEnum::AuthenticateOidc)
        .order(1)
        .authenticate_oidc_config(login.build())
        .build();
    let mut to = account.actions(rule).await.remove(0);
    to.order = Some(2);
    let modify = account.elb.modify_rule().rule_arn(rule.as_str());
    modify.actions(login).actions(to).send().await.unwrap();
    let before = account.actions(rule).await;
    router.shift(&subject, percent(50), TOKEN).await.unwrap();
    let after = account.actions(rule).await;
    assert_eq!(after[0], before[0]);
    assert_eq!(account.weights(rule).await, pair(500, 500));
}
