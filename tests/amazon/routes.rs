//! How the rules of a service are found.

use cutover::adapters::sim::Controller;
use cutover::adapters::sim::Scenario;
use cutover::model::Topology;
use cutover::model::Weight;
use cutover::ports::ErrorClass;

use super::account::Account;
use super::account::TOKEN;
use super::account::forward;
use super::account::service;

#[tokio::test(start_paused = true)]
async fn every_rule_and_default_action_of_every_listener_is_found() {
    let account = Account::new(Scenario::new(1).with_production_rules(2));
    let first = account.routes(&Topology::default()).await;
    assert_eq!(first.rules.len(), 2);
    let (stable, candidate) = (&first.stable_group, &first.candidate_group);
    let balancer = account.balancer(stable).await;
    let action = forward(&[(stable, 100), (candidate, 0)]);
    let listener = account.listener(&balancer, 8443, action).await;
    let found = account.routes(&Topology::default()).await;
    assert_eq!(found.rules.len(), 3);
    assert!(found.rules.contains(&listener), "{:?}", found.rules);
    // its default action is written through the listener
    let subject = account.subject(&Topology::default()).await;
    account.aws.router().shift(&subject, Weight::FULL, TOKEN).await.unwrap();
    assert_eq!(account.count("elasticloadbalancing:ModifyListener"), 1);
    let full = [("blue".to_owned(), 0), ("green".to_owned(), 1)];
    assert_eq!(account.weights(&listener).await, full);
    let swapped = account.routes(&Topology::default()).await;
    assert_eq!((&swapped.stable_group, &swapped.candidate_group), (candidate, stable));
}

#[tokio::test(start_paused = true)]
async fn a_default_rule_is_taken_for_its_listener() {
    let account = Account::new(Scenario::new(2));
    let routes = account.routes(&Topology::default()).await;
    let balancer = account.balancer(&routes.stable_group).await;
    let action = forward(&[(&routes.stable_group, 1), (&routes.candidate_group, 0)]);
    let listener = account.listener(&balancer, 8443, action).await;
    let rules = account.elb.describe_rules().listener_arn(listener.as_str()).send().await.unwrap();
    let default = rules.rules().iter().find(|rule| rule.is_default() == Some(true)).unwrap();
    let default = default.rule_arn().unwrap().parse().unwrap();
    let topology = Topology { rules: vec![default], ..Topology::default() };
    assert_eq!(account.routes(&topology).await.rules, [listener]);
}

#[tokio::test(start_paused = true)]
async fn more_rules_than_a_call_takes_are_all_found() {
    let account = Account::new(Scenario::new(3));
    let routes = account.routes(&Topology::default()).await;
    let balancer = account.balancer(&routes.stable_group).await;
    let action = || forward(&[(&routes.stable_group, 1), (&routes.candidate_group, 0)]);
    for port in 0..30 {
        account.listener(&balancer, 9000 + port, action()).await;
    }
    assert_eq!(account.routes(&Topology::default()).await.rules.len(), 31);
    let subject = account.subject(&Topology::default()).await;
    assert_eq!(account.aws.router().observe(&subject).await.unwrap().rules.len(), 31);
}

#[tokio::test(start_paused = true)]
async fn rules_that_do_not_agree_are_refused_with_the_field_to_give() {
    let account = Account::new(Scenario::new(4));
    let routes = account.routes(&Topology::default()).await;
    let balancer = account.balancer(&routes.stable_group).await;
    let action = forward(&[(&routes.stable_group, 0), (&routes.candidate_group, 1)]);
    let test = account.listener(&balancer, 8443, action).await;
    let refused = account.aws.router().routes(&service(), &Topology::default()).await.unwrap_err();
    assert_eq!(refused.class, ErrorClass::Conflict);
    assert!(refused.message.contains("give it as `test_rule`"), "{refused}");
    let topology = Topology { test_rule: Some(test.clone()), ..Topology::default() };
    let found = account.routes(&topology).await;
    assert_eq!((found.rules, found.test_rule), (routes.rules, Some(test)));
}

#[tokio::test(start_paused = true)]
async fn a_service_without_weights_has_no_routes() {
    let alone = Account::new(Scenario::new(5).without_load_balancer());
    let in_place = Account::new(Scenario::new(6).with_controller(Controller::Ecs));
    for account in [alone, in_place] {
        let routes = account.aws.router().routes(&service(), &Topology::default()).await;
        assert_eq!(routes.unwrap(), None);
    }
}
