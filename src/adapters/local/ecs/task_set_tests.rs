use serde_json::Value;
use serde_json::json;

use super::account::Account;
use crate::adapters::sim::Scenario;

fn external() -> Account {
    let mut account = Account::new();
    let request = json!({
        "cluster": "demo", "serviceName": "web", "desiredCount": 3,
        "deploymentController": { "type": "EXTERNAL" },
    });
    account.ask("CreateService", request);
    account
}

fn create(account: &mut Account, more: &Value) -> Result<Value, String> {
    let mut request = json!({
        "cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/demo",
        "service": "arn:aws:ecs:eu-west-1:123456789012:service/demo/web",
        "taskDefinition": "web:1",
    });
    for (name, value) in more.as_object().unwrap() {
        request[name] = value.clone();
    }
    let answer = account.try_ask("CreateTaskSet", &request);
    answer.map(|mut it| it["taskSet"].take()).map_err(|error| error.message)
}

#[test]
fn a_new_task_set_looks_like_the_example_of_aws() {
    let mut account = external();
    let set = create(&mut account, &json!({ "launchType": "EC2" })).unwrap();
    let expected = [
        "clusterArn",
        "computedDesiredCount",
        "createdAt",
        "id",
        "launchType",
        "loadBalancers",
        "pendingCount",
        "runningCount",
        "scale",
        "serviceArn",
        "serviceRegistries",
        "stabilityStatus",
        "stabilityStatusAt",
        "status",
        "tags",
        "taskDefinition",
        "taskSetArn",
        "updatedAt",
    ];
    let members: Vec<&str> = set.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(members, expected);
    assert_eq!(set["scale"], json!({ "value": 0.0, "unit": "PERCENT" }));
    assert_eq!((&set["status"], &set["computedDesiredCount"]), (&json!("ACTIVE"), &json!(0)));
    let id = set["id"].as_str().unwrap();
    assert!(id.starts_with("ecs-svc/"));
    assert!(set["taskSetArn"].as_str().unwrap().ends_with(&format!(":task-set/demo/web/{id}")));
}

#[test]
fn a_task_set_has_the_ceiling_and_becomes_steady_and_the_service_mirrors_the_primary() {
    let mut account = external();
    let scale = json!({ "value": 34.0, "unit": "PERCENT" });
    let set = create(&mut account, &json!({ "scale": scale, "externalId": "d-1" })).unwrap();
    assert_eq!(
        (&set["computedDesiredCount"], &set["stabilityStatus"]),
        (&json!(2), &json!("STABILIZING"))
    );
    account.wait(120);
    let named =
        json!({ "cluster": "demo", "service": "web", "taskSets": [set["id"], "ecs-svc/0"] });
    let answer = account.ask("DescribeTaskSets", named);
    assert_eq!(answer["taskSets"][0]["stabilityStatus"], "STEADY_STATE");
    assert_eq!(answer["failures"], json!([{ "arn": "ecs-svc/0", "reason": "MISSING" }]));
    let service = account.service();
    assert!(service.get("taskDefinition").is_none());
    assert_eq!(service["deployments"], json!([]));
    let primary =
        json!({ "cluster": "demo", "service": "web", "primaryTaskSet": set["taskSetArn"] });
    account.ask("UpdateServicePrimaryTaskSet", primary);
    let service = account.service();
    assert_eq!(service["taskDefinition"], set["taskDefinition"]);
    assert_eq!(service["taskSets"][0]["status"], "PRIMARY");
    assert_eq!(service["taskSets"][0]["externalId"], "d-1");
    let by = json!({ "cluster": "demo", "startedBy": set["id"] });
    assert_eq!(account.ask("ListTasks", by)["taskArns"].as_array().unwrap().len(), 2);
    let delete = json!({ "cluster": "demo", "service": "web", "taskSet": set["id"] });
    let error = account.refusal("DeleteTaskSet", delete.clone());
    assert_eq!(error, "InvalidParameterException: Primary TaskSet cannot be deleted");
    let mut forced = delete;
    forced["force"] = json!(true);
    assert_eq!(account.ask("DeleteTaskSet", forced)["taskSet"]["status"], "DRAINING");
}

#[test]
fn a_token_makes_one_task_set_and_five_are_the_most() {
    let mut account = external();
    let token = json!({ "clientToken": "t" });
    let first = create(&mut account, &token).unwrap();
    assert_eq!(create(&mut account, &token).unwrap()["id"], first["id"]);
    for _ in 0..4 {
        create(&mut account, &json!({})).unwrap();
    }
    let error = create(&mut account, &json!({})).unwrap_err();
    assert_eq!(
        error,
        "5 deployments exist on the service. Unable to create new TaskSet since this exceeds the \
         maximum limit."
    );
}

#[test]
fn each_controller_refuses_what_is_the_other_ones() {
    let mut account = external();
    let update = json!({ "cluster": "demo", "service": "web", "taskDefinition": "web:1" });
    assert_eq!(
        account.refusal("UpdateService", update),
        "InvalidParameterException: Unable to update task definition on services with an EXTERNAL \
         deployment controller."
    );
    let controller = json!({ "type": "EXTERNAL" });
    let balanced = json!({
        "cluster": "demo", "serviceName": "api", "deploymentController": controller,
        "loadBalancers": [{ "targetGroupArn": "x" }],
    });
    let error = account.refusal("CreateService", balanced);
    assert_eq!(error, "InvalidParameterException: LoadBalancers must be empty or null.");
    let mut account = Account::new();
    account.serve(true, true);
    let error = create(&mut account, &json!({})).unwrap_err();
    assert_eq!(
        error,
        "Amazon ECS only supports task set management on services configured to use external \
         deployment controllers."
    );
}

#[test]
fn a_group_that_no_rule_names_is_refused() {
    let mut scenario = Scenario::new(1);
    scenario.green_attached = false;
    let mut account = Account::of(scenario);
    let green = account.world.state().groups[1].arn.to_string();
    let balancers = json!([
        { "targetGroupArn": green, "containerName": "app", "containerPort": 80 }
    ]);
    let request = json!({
        "cluster": "prod", "service": "web", "taskDefinition": "web:2", "loadBalancers": balancers,
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-0a"] } },
    });
    let error = account.refusal("CreateTaskSet", request);
    assert!(error.ends_with("does not have an associated load balancer."), "{error}");
}
