use serde_json::Value;
use serde_json::json;

use super::super::account::Account;
use super::*;
use crate::adapters::sim::Controller;
use crate::adapters::sim::Scenario;

/// The members that a structure has, in the order of their names.
fn members(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn states(service: &Value) -> Vec<(&str, &str)> {
    let text = |it: &'_ Value| it.as_str().map(|text| text.to_owned().leak() as &str).unwrap();
    let all = service["deployments"].as_array().unwrap().iter();
    all.map(|it| (text(&it["status"]), text(&it["rolloutState"]))).collect()
}

#[test]
fn a_service_comes_up_and_says_so() {
    let mut account = Account::new();
    account.serve(true, true);
    let service = account.service();
    assert_eq!(service["runningCount"], 2);
    assert_eq!(states(&service), [("PRIMARY", "COMPLETED")]);
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/demo/web";
    assert_eq!(service["serviceArn"], arn);
    let newest = service["events"][0]["message"].as_str().unwrap();
    assert_eq!(newest, "(service web) has reached a steady state.");
    assert_eq!(account.statuses(), ["SUCCESSFUL"]);
    let deployment = service["currentServiceDeployment"].clone();
    let request = json!({ "serviceDeploymentArns": [deployment, "arn:aws:ecs:x"] });
    let answer = account.ask("DescribeServiceDeployments", request);
    let found = &answer["serviceDeployments"][0];
    assert_eq!(found["targetServiceRevision"]["runningTaskCount"], 2);
    assert_eq!(found["deploymentCircuitBreaker"]["status"], "MONITORING_COMPLETE");
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
    let revision = found["targetServiceRevision"]["arn"].clone();
    let answer =
        account.ask("DescribeServiceRevisions", json!({ "serviceRevisionArns": [revision] }));
    assert_eq!(answer["serviceRevisions"][0]["containerImages"][0]["image"], "web:1");
}

#[test]
fn the_circuit_breaker_goes_back_as_a_new_deployment_of_the_old_revision() {
    let mut account = Account::new();
    account.serve(true, true);
    let before = account.service()["deployments"][0].clone();
    account.register("web", "crash-loop");
    let failing = account.update(json!({ "taskDefinition": "web:2" }))["deployments"][0].clone();
    assert_eq!(failing["rolloutState"], "IN_PROGRESS");
    account.wait(1800);
    let service = account.service();
    let primary = &service["deployments"][0];
    assert_eq!(states(&service), [("PRIMARY", "COMPLETED")]);
    assert_eq!(primary["taskDefinition"], before["taskDefinition"]);
    assert!(primary["id"] != before["id"] && primary["id"] != failing["id"]);
    assert_eq!(account.statuses(), ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]);
    let said = service["events"].to_string();
    assert!(said.contains("tasks failed to start.") && said.contains("rolling back to deployment"));
    let newest = service["events"][0]["message"].as_str().unwrap();
    assert_eq!(newest, "(service web) has reached a steady state.");
}

#[test]
fn a_breaker_without_rollback_leaves_a_failed_primary_and_the_old_tasks() {
    let mut account = Account::new();
    account.serve(true, false);
    account.register("web", "never-healthy, crash-loop=5");
    account.update(json!({ "taskDefinition": "web:2" }));
    account.wait(1800);
    let service = account.service();
    assert_eq!(states(&service), [("PRIMARY", "FAILED"), ("ACTIVE", "COMPLETED")]);
    assert_eq!(service["deployments"][1]["runningCount"], 2);
    let reason = &service["deployments"][0]["rolloutStateReason"];
    assert_eq!(reason, "ECS deployment circuit breaker: tasks failed to start.");
    assert_eq!(account.statuses(), ["STOPPED", "SUCCESSFUL"]);
    // a newer revision heals it
    account.register("web", "healthy");
    account.update(json!({ "taskDefinition": "web:3" }));
    account.wait(300);
    assert_eq!(states(&account.service()), [("PRIMARY", "COMPLETED")]);
}

#[test]
fn without_a_breaker_a_bad_deployment_never_fails() {
    let mut account = Account::new();
    account.serve(false, false);
    account.register("web", "cannot-pull");
    account.update(json!({ "taskDefinition": "web:2" }));
    account.wait(3000);
    let service = account.service();
    assert_eq!(states(&service), [("PRIMARY", "IN_PROGRESS"), ("ACTIVE", "COMPLETED")]);
    assert!(service["deployments"][0]["failedTasks"].as_u64().unwrap() > 3);
    let request = json!({ "cluster": "demo", "serviceName": "web", "desiredStatus": "STOPPED" });
    let listed = account.ask("ListTasks", request)["taskArns"].take();
    let first = json!([listed[0]]);
    let answer = account.ask("DescribeTasks", json!({ "cluster": "demo", "tasks": first }));
    let task = &answer["tasks"][0];
    assert_eq!(task["stopCode"], "TaskFailedToStart");
    assert!(task["stoppedReason"].as_str().unwrap().starts_with("CannotPullContainerError"));
    assert!(task["containers"][0].get("exitCode").is_none());
}

#[test]
fn a_newer_update_stops_the_one_under_way() {
    let mut account = Account::new();
    account.serve(true, true);
    account.register("web", "start=600");
    account.register("web", "healthy");
    let first = account.update(json!({ "taskDefinition": "web:2" }))["deployments"][0].clone();
    account.wait(30);
    let second = account.update(json!({ "taskDefinition": "web:3" }))["deployments"][0].clone();
    assert_ne!(first["id"], second["id"]);
    account.wait(400);
    assert_eq!(account.statuses(), ["SUCCESSFUL", "STOPPED", "SUCCESSFUL"]);
    assert_eq!(account.service()["deployments"][0]["id"], second["id"]);
}

#[test]
fn only_what_ecs_deploys_makes_a_deployment() {
    let mut account = Account::new();
    account.serve(true, true);
    let id = account.service()["deployments"][0]["id"].clone();
    let same = json!({ "desiredCount": 4, "taskDefinition": "web:1" });
    assert_eq!(account.update(same)["deployments"][0]["id"], id);
    account.wait(120);
    assert_eq!(account.service()["runningCount"], 4);
    let forced = account.update(json!({ "forceNewDeployment": true }));
    assert_ne!(forced["deployments"][0]["id"], id);
    assert_eq!(
        forced["deployments"][0]["taskDefinition"],
        forced["deployments"][1]["taskDefinition"]
    );
}

#[test]
fn a_deployment_that_is_stopped_goes_back() {
    let mut account = Account::new();
    account.serve(false, false);
    account.register("web", "start=900");
    let arn =
        account.update(json!({ "taskDefinition": "web:2" }))["currentServiceDeployment"].take();
    let request = json!({ "serviceDeploymentArn": arn, "stopType": "ROLLBACK" });
    let answer = account.ask("StopServiceDeployment", request.clone());
    assert_eq!(answer["serviceDeploymentArn"], arn);
    account.wait(300);
    assert_eq!(account.statuses(), ["ROLLBACK_SUCCESSFUL", "SUCCESSFUL"]);
    let service = account.service();
    assert!(service["taskDefinition"].as_str().unwrap().ends_with("/web:1"));
    assert!(account.refusal("StopServiceDeployment", request).starts_with("ConflictException"));
}

#[test]
fn a_task_shows_the_address_of_its_target() {
    let mut account = Account::new();
    account.serve(true, true);
    let listed = account.ask("ListTasks", json!({ "cluster": "demo", "maxResults": 1 }));
    assert_eq!(listed["nextToken"], "1");
    let more = json!({ "cluster": "demo", "maxResults": 1, "nextToken": listed["nextToken"] });
    let rest = account.ask("ListTasks", more);
    assert!(rest.get("nextToken").is_none());
    let tasks = json!([listed["taskArns"][0], rest["taskArns"][0], "nope"]);
    let answer = account.ask("DescribeTasks", json!({ "cluster": "demo", "tasks": tasks }));
    let state = account.world.state();
    let service = &state.services[0];
    for (shown, (set, task)) in answer["tasks"].as_array().unwrap().iter().zip(service.tasks()) {
        let address = task.address().to_string();
        assert_eq!(shown["attachments"][0]["details"][2]["value"], address);
        let interface = &shown["containers"][0]["networkInterfaces"][0];
        assert_eq!(interface["privateIpv4Address"], address);
        assert_eq!(interface["attachmentId"], shown["attachments"][0]["id"]);
        assert_eq!(shown["startedBy"], set.id.as_str());
        assert_eq!(shown["group"], "service:web");
        assert_eq!(shown["availabilityZone"], task.availability_zone());
    }
    assert_eq!(answer["tasks"].as_array().unwrap().len(), 2);
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
    assert_eq!(answer["failures"][0]["arn"], "arn:aws:ecs:eu-west-1:123456789012:task/demo/nope");
}

#[test]
fn a_task_that_a_user_stops_says_why_and_is_replaced() {
    let mut account = Account::new();
    account.serve(true, true);
    let task = account.ask("ListTasks", json!({ "cluster": "demo" }))["taskArns"][0].take();
    let request = json!({ "cluster": "demo", "task": task, "reason": "it smells" });
    assert_eq!(account.ask("StopTask", request)["task"]["desiredStatus"], "STOPPED");
    account.wait(120);
    let answer = account.ask("DescribeTasks", json!({ "cluster": "demo", "tasks": [task] }));
    let stopped = &answer["tasks"][0];
    assert_eq!(
        [&stopped["lastStatus"], &stopped["stopCode"], &stopped["stoppedReason"]],
        ["STOPPED", "UserInitiated", "it smells"]
    );
    assert_eq!(stopped["containers"][0]["exitCode"], 143);
    assert_eq!(account.service()["runningCount"], 2);
    account.wait(3700);
    let answer = account.ask("DescribeTasks", json!({ "cluster": "demo", "tasks": [task] }));
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
}

#[test]
fn what_cannot_be_placed_is_said_and_waits() {
    let mut account = Account::new();
    account.serve(true, true);
    account.register("web", "no-capacity");
    account.update(json!({ "taskDefinition": "web:2" }));
    account.wait(120);
    let service = account.service();
    assert!(
        service["events"][0]["message"].as_str().unwrap().contains("was unable to place a task")
    );
    assert_eq!(states(&service)[0], ("PRIMARY", "IN_PROGRESS"));
}

#[test]
fn task_definitions_have_revisions_states_and_tags() {
    let mut account = Account::new();
    let second = account.register("web", "healthy");
    assert!(second.ends_with(":task-definition/web:2"));
    let tag = json!([{ "key": "team", "value": "shop" }]);
    account.ask("TagResource", json!({ "resourceArn": second, "tags": tag }));
    let request = json!({ "taskDefinition": "web", "include": ["TAGS"] });
    let answer = account.ask("DescribeTaskDefinition", request);
    assert_eq!((&answer["taskDefinition"]["revision"], &answer["tags"]), (&json!(2), &tag));
    assert_eq!(answer["taskDefinition"]["containerDefinitions"][0]["image"], "web:1");
    account.ask("DeregisterTaskDefinition", json!({ "taskDefinition": "web:2" }));
    let refused = json!({ "cluster": "demo", "serviceName": "x", "taskDefinition": "web:2" });
    let error = account.refusal("CreateService", refused);
    assert_eq!(error, "ClientException: TaskDefinition is inactive");
    let answer = account.ask("ListTaskDefinitions", json!({ "status": "INACTIVE" }));
    assert_eq!(answer["taskDefinitionArns"], json!([second]));
    let answer = account.ask("ListTaskDefinitionFamilies", json!({ "familyPrefix": "w" }));
    assert_eq!(answer["families"], json!(["web"]));
    let error = account.refusal("DescribeTaskDefinition", json!({ "taskDefinition": "api:1" }));
    assert_eq!(error, "ClientException: Unable to describe task definition.");
    let bad = json!({ "family": "web", "containerDefinitions": [
        { "name": "app", "image": "i", "dockerLabels": { "cutover.behaviour": "sleepy" } }] });
    assert!(account.refusal("RegisterTaskDefinition", bad).contains("`sleepy`"));
}

#[test]
fn tags_are_shown_where_they_are_asked_for_and_propagated() {
    let mut account = Account::new();
    let tags = json!([{ "key": "team", "value": "shop" }, { "key": "cost", "value": "7" }]);
    let request = json!({
        "cluster": "demo", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
        "propagateTags": "SERVICE", "tags": tags,
    });
    let arn = account.ask("CreateService", request)["service"]["serviceArn"].take();
    account.ask("UntagResource", json!({ "resourceArn": arn, "tagKeys": ["cost"] }));
    let left = json!([{ "key": "team", "value": "shop" }]);
    assert_eq!(account.ask("ListTagsForResource", json!({ "resourceArn": arn }))["tags"], left);
    assert_eq!(account.service()["tags"], left);
    let plain = json!({ "cluster": "demo", "services": ["web"] });
    assert!(account.ask("DescribeServices", plain)["services"][0].get("tags").is_none());
    account.wait(60);
    let listed = account.ask("ListTasks", json!({ "cluster": "demo" }))["taskArns"].take();
    let request = json!({ "cluster": "demo", "tasks": listed, "include": ["TAGS"] });
    assert_eq!(account.ask("DescribeTasks", request)["tasks"][0]["tags"], left);
    let unknown = json!({ "resourceArn": format!("{}x", arn.as_str().unwrap()) });
    assert!(account.try_ask("ListTagsForResource", &unknown).is_err());
}

#[test]
fn what_is_missing_is_a_failure_and_not_an_error() {
    let mut account = Account::new();
    let answer = account.ask("DescribeServices", json!({ "cluster": "demo", "services": ["api"] }));
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/demo/api";
    assert_eq!(answer["failures"], json!([{ "arn": arn, "reason": "MISSING" }]));
    let answer = account.ask("DescribeClusters", json!({ "clusters": ["demo", "test"] }));
    assert_eq!(answer["clusters"][0]["clusterName"], "demo");
    assert_eq!(answer["failures"][0]["reason"], "MISSING");
    let request = json!({ "cluster": "demo", "service": "api", "desiredCount": 1 });
    let error = account.refusal("UpdateService", request);
    assert_eq!(error, "ServiceNotFoundException: Service not found.");
    let request = json!({ "cluster": "test", "service": "api", "desiredCount": 1 });
    let error = account.refusal("UpdateService", request);
    assert_eq!(error, "ClusterNotFoundException: Cluster not found.");
    let many: Vec<String> = (0..11).map(|number| number.to_string()).collect();
    assert!(account.try_ask("DescribeServices", &json!({ "services": many })).is_err());
}

#[test]
fn a_service_is_deleted_when_it_is_scaled_down_and_then_its_cluster() {
    let mut account = Account::new();
    account.serve(true, true);
    let (request, cluster) =
        (json!({ "cluster": "demo", "service": "web" }), json!({ "cluster": "demo" }));
    let error = account.refusal("DeleteService", request.clone());
    assert!(error.ends_with("The service cannot be stopped while it is scaled above 0."));
    assert!(
        account.refusal("DeleteCluster", cluster.clone()).starts_with("ClusterContainsServices")
    );
    account.update(json!({ "desiredCount": 0 }));
    account.wait(120);
    account.ask("DeleteService", request);
    account.wait(120);
    assert_eq!(account.service()["status"], "INACTIVE");
    assert_eq!(account.ask("ListServices", cluster.clone())["serviceArns"], json!([]));
    // its name is free again
    account.serve(true, true);
    assert_eq!(account.service()["status"], "ACTIVE");
}

#[test]
fn what_is_not_modelled_is_refused_by_name() {
    let mut account = Account::new();
    for (member, value) in [
        ("schedulingStrategy", json!("DAEMON")),
        ("deploymentConfiguration", json!({ "strategy": "BLUE_GREEN" })),
    ] {
        let mut request =
            json!({ "cluster": "demo", "serviceName": "web", "taskDefinition": "web" });
        request[member] = value;
        let error = account.refusal("CreateService", request);
        assert!(error.starts_with("UnsupportedFeatureException: The simulated ECS"), "{error}");
    }
    assert!(account.refusal("RunTask", json!({})).contains("RunTask"));
}

#[test]
fn a_pair_of_services_has_its_tasks_in_two_target_groups() {
    let scenario = Scenario::new(3).with_controller(Controller::Ecs);
    let mut account = Account::of(scenario);
    let green = account.world.state().groups[1].arn.to_string();
    let service =
        account.ask("DescribeServices", json!({ "cluster": "prod", "services": ["web"] }));
    let network = service["services"][0]["networkConfiguration"].clone();
    let request = |desired: u32| {
        json!({
            "cluster": "prod", "serviceName": "web-b", "taskDefinition": "web:2",
            "desiredCount": desired, "networkConfiguration": network,
            "loadBalancers": [
                { "targetGroupArn": green, "containerName": "app", "containerPort": 8080 }
            ],
        })
    };
    account.ask("CreateService", request(0));
    let pair = json!({ "cluster": "prod", "services": ["web", "web-b"] });
    let idle = account.ask("DescribeServices", pair)["services"][1].take();
    assert_eq!(states(&idle), [("PRIMARY", "COMPLETED")]);
    let up = json!({ "cluster": "prod", "service": "web-b", "desiredCount": 3 });
    account.ask("UpdateService", up);
    account.wait(180);
    assert_eq!(account.world.state().healthy_targets(0), 4);
    assert_eq!(account.world.state().healthy_targets(1), 3);
    let set = &account.world.state().services[1].sets[0];
    assert_eq!((set.port, set.healthy()), (8080, 3));
    let wrong = json!({
        "cluster": "prod", "serviceName": "web-c", "taskDefinition": "web:2",
        "networkConfiguration": network,
        "loadBalancers": [{ "targetGroupArn": green, "containerName": "x", "containerPort": 1 }],
    });
    let error = account.refusal("CreateService", wrong);
    assert!(error.ends_with("The container x does not exist in the task definition."), "{error}");
}

#[test]
fn a_service_has_the_members_of_aws() {
    let mut account = Account::new();
    account.serve(true, true);
    let service = account.service();
    for member in [
        "clusterArn",
        "createdAt",
        "deploymentConfiguration",
        "deploymentController",
        "deployments",
        "desiredCount",
        "enableECSManagedTags",
        "enableExecuteCommand",
        "events",
        "loadBalancers",
        "pendingCount",
        "placementConstraints",
        "placementStrategy",
        "propagateTags",
        "runningCount",
        "schedulingStrategy",
        "serviceArn",
        "serviceName",
        "serviceRegistries",
        "status",
        "taskDefinition",
    ] {
        assert!(members(&service).contains(&member), "{member}");
    }
    assert!(OPERATIONS.is_sorted());
}
