//! The check before a deployment, through the SDK.

use std::time::Duration;

use cutover::adapters::aws::Finding;
use cutover::adapters::aws::Level;
use cutover::adapters::local::FaultRule;
use cutover::adapters::local::WireFault;
use cutover::adapters::sim::Scenario;
use cutover::adapters::sim::revision;
use cutover::model::AlarmName;
use cutover::model::GateId;
use cutover::model::GateKind;
use cutover::model::GateMode;
use cutover::model::GateSpec;
use cutover::model::Inconclusive;
use cutover::model::InsufficientData;
use cutover::model::Limits;
use cutover::model::Plan;
use cutover::model::Step;
use cutover::model::Topology;
use cutover::model::Weight;

use super::account::Account;
use super::account::forward;
use super::account::service;

fn plan(alarm: Option<&str>) -> Plan {
    let bake = Step::Bake { duration: Duration::from_mins(10), gates: vec![] };
    let gates = alarm.map(|name| GateSpec {
        id: GateId::new("errors").unwrap(),
        kind: GateKind::Alarms {
            names: vec![AlarmName::new(name).unwrap()],
            accept_red_at_start: None,
            insufficient_data: InsufficientData::default(),
        },
        mode: GateMode::Blocking,
        inconclusive: Inconclusive::Rollback,
        always: true,
    });
    Plan {
        strategy: "canary".to_owned(),
        steps: vec![Step::Shift { weight: Weight::FULL }, bake],
        gates: gates.into_iter().collect(),
        hooks: vec![],
        notes: vec![],
    }
}

async fn check(account: &Account, plan: &Plan) -> Vec<Finding> {
    let (topology, limits) = (Topology::default(), Limits::default());
    account.aws.check(&service(), &topology, Some(&revision(2)), plan, &limits).await
}

fn errors(found: &[Finding]) -> Vec<String> {
    let errors = found.iter().filter(|finding| finding.level == Level::Error);
    errors.map(ToString::to_string).collect()
}

#[tokio::test(start_paused = true)]
async fn a_service_at_rest_may_be_deployed_and_nothing_is_written() {
    let account = Account::new(Scenario::new(1).with_production_rules(2));
    let found = check(&account, &plan(None)).await;
    assert_eq!(errors(&found), Vec::<String>::new(), "{found:#?}");
    assert_eq!(account.cloud.calls().writes(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_hinders_a_deployment_is_found() {
    let account = Account::new(Scenario::new(2));
    let found = check(&account, &plan(Some("nobody-made-it"))).await;
    let [error] = errors(&found).try_into().unwrap();
    assert!(error.contains("alarm nobody-made-it: it does not exist"), "{error}");

    let routes = account.routes(&Topology::default()).await;
    let action = forward(&[(&routes.stable_group, 9), (&routes.candidate_group, 1)]);
    account.overwrite(&routes.rules[0], action).await;
    let [error] = errors(&check(&account, &plan(None)).await).try_into().unwrap();
    assert!(error.contains("10 % already"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_read_is_a_finding() {
    let account = Account::new(Scenario::new(3));
    let denied = WireFault::Error { status: 403, code: Some("AccessDenied".to_owned()) };
    account.cloud.inject(FaultRule::new("elasticloadbalancing:DescribeTargetHealth", denied));
    let found = check(&account, &plan(None)).await;
    let errors = errors(&found);
    assert_eq!(errors.len(), 2, "{errors:#?}");
    for error in errors {
        assert!(error.contains("allow elasticloadbalancing:DescribeTargetHealth"), "{error}");
    }
}

#[cfg(feature = "autoscaling")]
#[tokio::test(start_paused = true)]
async fn a_scalable_target_that_the_spec_does_not_speak_of_stops_the_deployment() {
    use cutover::model::ScalableTarget;
    use cutover::model::ScalingPolicy;
    use cutover::model::Suspension;

    let suspended = Suspension::default();
    let web = ScalableTarget { service: "web".to_owned(), minimum: 2, maximum: 9, suspended };
    let account = Account::new(Scenario::new(1).with_scalable_target(web));
    let found = errors(&check(&account, &plan(None)).await);
    let [error] = found.as_slice() else { panic!("{found:?}") };
    let place = "error: scalable target service/prod/web: autoscaling moves the desired count";
    assert!(error.starts_with(place), "{error}");
    let held = Topology { autoscaling: Some(ScalingPolicy::Suspend), ..Topology::default() };
    let limits = Limits::default();
    let candidate = revision(2);
    let found = account.aws.check(&service(), &held, Some(&candidate), &plan(None), &limits).await;
    assert_eq!(errors(&found), Vec::<String>::new());
    let policy = account.aws.policy(&service(), &held, &plan(None), false).await.unwrap();
    assert!(policy.actions().contains("application-autoscaling:RegisterScalableTarget"));
}
