use serde_json::Value;
use serde_json::json;

use super::super::sim::Action;
use super::super::sim::Scenario;
use super::account::Account;

fn request(more: &Value) -> Value {
    let mut request = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/prod/web",
        "ScalableDimension": "ecs:service:DesiredCount",
    });
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

fn desired(account: &Account) -> u32 {
    account.world.state().home().desired
}

#[test]
fn a_new_target_needs_both_bounds_and_an_update_keeps_what_it_does_not_name() {
    let mut account = Account::of(Scenario::new(1));
    let only = request(&json!({ "SuspendedState": { "DynamicScalingInSuspended": true } }));
    let error = account.refusal("RegisterScalableTarget", only.clone());
    assert!(error.starts_with("ValidationException"), "{error}");
    let bounds = request(&json!({ "MinCapacity": 1, "MaxCapacity": 9 }));
    let arn = account.ask("RegisterScalableTarget", bounds)["ScalableTargetARN"].take();
    account.ask("RegisterScalableTarget", only);
    let all = json!({ "ServiceNamespace": "ecs" });
    let answer = account.ask("DescribeScalableTargets", all);
    let target = &answer["ScalableTargets"][0];
    assert_eq!((&target["MinCapacity"], &target["MaxCapacity"]), (&json!(1), &json!(9)));
    assert_eq!(target["ScalableTargetARN"], arn);
    assert_eq!(target["ResourceId"], "service/prod/web");
    assert_eq!(
        target["SuspendedState"],
        json!({
            "DynamicScalingInSuspended": true, "DynamicScalingOutSuspended": false,
            "ScheduledScalingSuspended": false,
        })
    );
    account.ask("DeregisterScalableTarget", request(&json!({})));
    let error = account.refusal("DeregisterScalableTarget", request(&json!({})));
    assert!(error.starts_with("ObjectNotFoundException"), "{error}");
}

#[test]
fn a_minimum_raises_the_desired_count_unless_that_is_suspended() {
    let mut account = Account::of(Scenario::new(1));
    let suspended = json!({ "DynamicScalingOutSuspended": true });
    let register = |minimum: u32, suspended: &Value| {
        request(&json!({
            "MinCapacity": minimum, "MaxCapacity": 20, "SuspendedState": suspended
        }))
    };
    account.ask("RegisterScalableTarget", register(6, &suspended));
    assert_eq!(desired(&account), 4);
    let going = json!({ "DynamicScalingOutSuspended": false });
    account.ask("RegisterScalableTarget", register(6, &going));
    assert_eq!(desired(&account), 6);
}

#[test]
fn what_is_suspended_does_not_scale() {
    let mut account = Account::of(Scenario::new(1));
    let suspended = json!({
        "DynamicScalingInSuspended": true, "DynamicScalingOutSuspended": false
    });
    let register = request(&json!({
        "MinCapacity": 2, "MaxCapacity": 8, "SuspendedState": suspended
    }));
    account.ask("RegisterScalableTarget", register);
    account.world.apply(&Action::SetDesired(3));
    assert_eq!(desired(&account), 4);
    account.world.apply(&Action::SetDesired(50));
    assert_eq!(desired(&account), 8);
}

#[test]
fn only_services_of_ecs_are_scaled() {
    let mut account = Account::of(Scenario::new(1));
    let table = json!({
        "ServiceNamespace": "dynamodb", "ResourceId": "table/t",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    });
    assert!(account.try_ask("RegisterScalableTarget", &table).is_err());
    let missing = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/prod/api",
        "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 1, "MaxCapacity": 2,
    });
    let error = account.refusal("RegisterScalableTarget", missing);
    assert_eq!(error, "ValidationException: ECS service doesn't exist: service/prod/api");
}
