//! The fleet's calls, as they leave the SDK.

use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;

use super::super::fixtures::Canned;
use super::super::fixtures::definition;
use super::super::fixtures::service_id;
use super::super::fixtures::subject;
use super::aws_fleet::AwsFleet;
use crate::model::CallToken;
use crate::model::DelegatedState;
use crate::model::Primary;
use crate::model::Role;
use crate::model::Subject;
use crate::model::Topology;
use crate::ports::ErrorClass;
use crate::ports::Fleet;
use crate::ports::WriteError;

const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/blue/1";
const GREEN: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/green/2";

fn set(id: &str, status: &str, revision: u32, owner: Option<&str>, group: &str) -> Value {
    json!({
        "id": id, "status": status, "taskDefinition": definition(revision), "externalId": owner,
        "computedDesiredCount": 2, "runningCount": 2, "pendingCount": 0, "launchType": "FARGATE",
        "loadBalancers": [{"targetGroupArn": group, "containerName": "app", "containerPort": 80}],
    })
}

fn external(sets: &[Value]) -> Value {
    json!({ "services": [{
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2,
        "deploymentController": {"type": "EXTERNAL"}, "taskSets": sets,
    }], "failures": [] })
}

fn deployment(id: &str, status: &str, revision: u32, state: &str, tasks: u32) -> Value {
    json!({
        "id": id, "status": status, "taskDefinition": definition(revision), "desiredCount": tasks,
        "runningCount": tasks, "pendingCount": 0, "failedTasks": 0, "rolloutState": state,
    })
}

fn rolled(name: &str, tasks: u32, deployments: &[Value]) -> Value {
    json!({
        "serviceName": name, "status": "ACTIVE", "desiredCount": tasks, "runningCount": tasks,
        "deploymentController": {"type": "ECS"}, "deployments": deployments,
        "taskDefinition": deployments[0]["taskDefinition"],
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": false, "rollback": false},
            "minimumHealthyPercent": 100, "maximumPercent": 200, "strategy": "ROLLING",
        },
    })
}

fn single(deployments: &[Value]) -> Value {
    json!({ "services": [rolled("web", 2, deployments)], "failures": [] })
}

fn tasks(arns: &Value, starter: &str, revision: u32) -> Value {
    let task = |(index, arn): (usize, &Value)| {
        json!({
            "taskArn": arn, "startedBy": starter, "taskDefinitionArn": definition(revision),
            "lastStatus": "RUNNING", "healthStatus": "UNKNOWN",
            "attachments": [{"details": [{"name": "privateIPv4Address", "value": format!("10.0.0.{index}")}]}],
        })
    };
    let tasks: Vec<Value> = arns.as_array().unwrap().iter().enumerate().map(task).collect();
    json!({ "tasks": tasks, "failures": [] })
}

fn two(body: &Value) -> Value {
    let arns: &[&str] = if body["desiredStatus"] == "STOPPED" { &[] } else { &["a", "b"] };
    json!({ "taskArns": arns })
}

fn with_two_groups() -> Subject {
    let mut subject = subject(2);
    subject.baseline.two_roles = true;
    subject.baseline.stable_group = Some(BLUE.parse().unwrap());
    subject.baseline.candidate_group = Some(GREEN.parse().unwrap());
    subject
}

fn fleet(canned: &Canned) -> AwsFleet {
    AwsFleet::new(canned.ecs())
}

#[tokio::test(start_paused = true)]
async fn a_task_set_is_created_once_with_everything_that_it_takes_over() {
    let made = Mutex::new(false);
    let canned = Canned::new(move |operation, _| {
        let mut sets = vec![set("ecs-svc/1", "PRIMARY", 1, None, BLUE)];
        let mut made = made.lock().unwrap();
        match operation {
            "CreateTaskSet" => *made = true,
            "DescribeTaskSets" => {
                sets[0]["tags"] = json!([{"key": "team", "value": "web"}]);
                return Ok(json!({ "taskSets": sets, "failures": [] }));
            }
            _ => {}
        }
        if *made {
            sets.push(set("ecs-svc/2", "ACTIVE", 2, Some("d-1"), GREEN));
        }
        Ok(external(&sets))
    });
    let (fleet, subject) = (fleet(&canned), with_two_groups());
    let token = CallToken::derived(&subject.deployment, "launch");
    fleet.launch(&subject, 1, &token).await.unwrap();
    let sent = canned.take();
    let (operation, body) = sent.last().unwrap();
    assert_eq!(operation, "CreateTaskSet");
    let wanted = json!({
        "cluster": "prod", "service": "web", "externalId": "d-1", "launchType": "FARGATE",
        "taskDefinition": definition(2), "clientToken": token.as_str(),
        "scale": {"value": 50.0, "unit": "PERCENT"},
        "loadBalancers": [{"targetGroupArn": GREEN, "containerName": "app", "containerPort": 80}],
        "tags": [{"key": "team", "value": "web"}, {"key": "cutover:deployment", "value": "d-1"}],
    });
    assert_eq!(*body, wanted);
    fleet.launch(&subject, 1, &token).await.unwrap();
    assert_eq!(canned.calls(), ["DescribeServices"]);
}

#[tokio::test(start_paused = true)]
async fn health_is_counted_per_target_and_a_quiet_look_lists_no_tasks() {
    let canned = Canned::new(|operation, body| {
        Ok(match operation {
            "ListTasks" => two(body),
            "DescribeTasks" => tasks(&body["tasks"], "ecs-svc/1", 1),
            "targets" => json!(["10.0.0.0", "10.0.0.1", "10.9.9.9"]),
            _ => external(&[set("ecs-svc/1", "PRIMARY", 1, None, BLUE)]),
        })
    });
    let (fleet, subject) = (fleet(&canned), with_two_groups());
    let seen = fleet.observe(&subject, None).await.unwrap();
    let stable = seen.stable.unwrap();
    assert_eq!((stable.running, stable.healthy, stable.target), (2, 2, 2));
    let listing = ["ListTasks", "DescribeTasks"];
    assert_eq!(canned.calls()[2..], listing);
    fleet.observe(&subject, None).await.unwrap();
    assert_eq!(canned.calls(), ["DescribeServices", "DescribeTargetHealth"]);
}

#[tokio::test(start_paused = true)]
async fn a_task_set_that_is_gone_is_retired_and_the_primary_is_never_forced() {
    let canned = Canned::new(|operation, _| match operation {
        "DeleteTaskSet" => Err(("TaskSetNotFoundException", "no such set")),
        _ => Ok(external(&[
            set("ecs-svc/1", "PRIMARY", 1, None, BLUE),
            set("ecs-svc/2", "ACTIVE", 2, Some("d-1"), GREEN),
        ])),
    });
    let (fleet, subject) = (fleet(&canned), with_two_groups());
    fleet.retire(&subject, Role::Stable).await.unwrap();
    fleet.retire(&subject, Role::Candidate).await.unwrap();
    let sent = canned.take();
    let deleted: Vec<_> = sent
        .iter()
        .filter(|(operation, _)| operation == "DeleteTaskSet")
        .map(|(_, body)| (body["taskSet"].as_str().unwrap(), body["force"].as_bool().unwrap()))
        .collect();
    assert_eq!(deleted, [("ecs-svc/1", false), ("ecs-svc/2", true)]);
}

#[tokio::test(start_paused = true)]
async fn many_tasks_are_read_page_by_page() {
    let canned = Canned::new(|operation, body| {
        Ok(match operation {
            "ListTasks" if body["desiredStatus"] == "STOPPED" => json!({ "taskArns": [] }),
            "ListTasks" => {
                let (from, next) =
                    if body["nextToken"] == "2" { (100, None) } else { (0, Some("2")) };
                let arns: Vec<String> =
                    (from..150.min(from + 100)).map(|n| n.to_string()).collect();
                json!({ "taskArns": arns, "nextToken": next })
            }
            "DescribeTasks" => {
                assert!(body["tasks"].as_array().unwrap().len() <= 100);
                tasks(&body["tasks"], "ecs-svc/1", 1)
            }
            _ => single(&[deployment("ecs-svc/1", "PRIMARY", 1, "COMPLETED", 150)]),
        })
    });
    let seen = fleet(&canned).observe(&subject(2), None).await.unwrap();
    assert_eq!(seen.stable.unwrap().healthy, 150);
}

#[tokio::test(start_paused = true)]
async fn a_rolling_update_is_handed_over_without_force_and_its_new_deployment_is_answered() {
    let canned = Canned::new(|operation, _| {
        let old = deployment("ecs-svc/1", "ACTIVE", 1, "COMPLETED", 2);
        let new = deployment("ecs-svc/2", "PRIMARY", 2, "IN_PROGRESS", 0);
        Ok(match operation {
            "UpdateService" => json!({ "service": rolled("web", 2, &[new, old]) }),
            _ => single(&[deployment("ecs-svc/1", "PRIMARY", 1, "COMPLETED", 2)]),
        })
    });
    let (fleet, subject) = (fleet(&canned), subject(2));
    let id = fleet.delegate(&subject, &subject.candidate, 50, 150).await.unwrap();
    assert_eq!(id.as_str(), "ecs-svc/2");
    let (_, body) = canned.take().pop().unwrap();
    let wanted = json!({
        "cluster": "prod", "service": "web", "taskDefinition": definition(2),
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": true, "rollback": true},
            "minimumHealthyPercent": 50, "maximumPercent": 150, "strategy": "ROLLING",
        },
    });
    assert_eq!(body, wanted);
}

#[tokio::test(start_paused = true)]
async fn someone_else_s_deployment_is_not_rolled_over() {
    let canned =
        Canned::new(|_, _| Ok(single(&[deployment("ecs-svc/9", "PRIMARY", 9, "IN_PROGRESS", 2)])));
    let (fleet, subject) = (fleet(&canned), subject(2));
    let back = subject.baseline.stable_revision.clone().unwrap();
    let error = fleet.delegate(&subject, &back, 100, 200).await.unwrap_err();
    let WriteError::Rejected(error) = error else { panic!("{error}") };
    assert_eq!(error.class, ErrorClass::Conflict);
    assert!(error.message.contains("ecs-svc/9"), "{error}");
    assert_eq!(canned.calls(), ["DescribeServices"]);
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_single_service_costs_one_call_a_look() {
    let canned = Canned::new(|operation, body| {
        Ok(match operation {
            "ListTasks" => two(body),
            "DescribeTasks" => tasks(&body["tasks"], "ecs-svc/2", 2),
            _ => single(&[deployment("ecs-svc/2", "PRIMARY", 2, "COMPLETED", 2)]),
        })
    });
    let (fleet, subject) = (fleet(&canned), subject(2));
    let id = "ecs-svc/2".parse().unwrap();
    let first = fleet.observe(&subject, Some(&id)).await.unwrap();
    assert_eq!(first.delegated.as_ref().unwrap().state, DelegatedState::Completed);
    assert_eq!(first.primary, Primary::Role(Role::Candidate));
    canned.take();
    assert_eq!(fleet.observe(&subject, Some(&id)).await.unwrap(), first);
    assert_eq!(canned.calls(), ["DescribeServices"]);
}

#[tokio::test(start_paused = true)]
async fn a_way_back_is_looked_up_in_ecs_s_own_records_and_told_with_the_tasks_reasons() {
    let record = "arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/web/x";
    let target = "arn:aws:ecs:eu-west-1:123456789012:service-revision/prod/web/2";
    let canned = Canned::new(move |operation, body| {
        Ok(match operation {
            "ListTasks" if body["desiredStatus"] == "STOPPED" => json!({ "taskArns": ["dead"] }),
            "ListTasks" => two(body),
            "DescribeTasks" if body["tasks"] == json!(["dead"]) => json!({ "tasks": [{
                "taskArn": "dead", "startedBy": "ecs-svc/2", "lastStatus": "STOPPED",
                "taskDefinitionArn": definition(2), "stopCode": "TaskFailedToStart",
                "stoppedReason": "CannotPullContainerError: no such image",
            }] }),
            "DescribeTasks" => tasks(&body["tasks"], "ecs-svc/11", 1),
            "ListServiceDeployments" => json!({ "serviceDeployments": [{
                "serviceDeploymentArn": record, "targetServiceRevisionArn": target,
                "status": "ROLLBACK_SUCCESSFUL", "createdAt": 1_557_128_360.0,
            }] }),
            "DescribeServiceDeployments" => json!({ "serviceDeployments": [{
                "serviceDeploymentArn": record, "status": "ROLLBACK_SUCCESSFUL",
                "rollback": {"reason": "Service deployment rolled back because the circuit breaker threshold was exceeded."},
            }] }),
            "DescribeServiceRevisions" => json!({ "serviceRevisions": [{
                "serviceRevisionArn": target, "taskDefinition": definition(2),
            }] }),
            _ => single(&[deployment("ecs-svc/11", "PRIMARY", 1, "COMPLETED", 2)]),
        })
    });
    let id = "ecs-svc/2".parse().unwrap();
    let seen = fleet(&canned).observe(&subject(2), Some(&id)).await.unwrap();
    let DelegatedState::RolledBack { reason } = seen.delegated.unwrap().state else { panic!() };
    assert!(reason.contains("circuit breaker threshold"), "{reason}");
    assert!(reason.contains("1 × TaskFailedToStart: CannotPullContainerError"), "{reason}");
    assert!(seen.foreign.is_empty());
    assert!(seen.candidate.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_pair_is_read_in_one_call_and_its_candidate_is_updated_in_one() {
    let canned = Canned::new(|operation, body| {
        let of = |name: &str, tasks, id: &str, revision, group: &str| {
            let deployment = deployment(id, "PRIMARY", revision, "COMPLETED", tasks);
            let mut service = rolled(name, tasks, &[deployment]);
            service["loadBalancers"] = json!([{ "targetGroupArn": group }]);
            service
        };
        Ok(match operation {
            "ListTasks" => two(body),
            "DescribeTasks" => tasks(&body["tasks"], "ecs-svc/1", 1),
            "targets" => json!(["10.0.0.0", "10.0.0.1"]),
            "UpdateService" => json!({ "service": of("other", 1, "ecs-svc/8", 2, GREEN) }),
            _ => json!({ "services": [
                of("web", 2, "ecs-svc/1", 1, BLUE),
                of("other", 0, "ecs-svc/7", 7, GREEN),
            ] }),
        })
    });
    let fleet = fleet(&canned);
    let topology = Topology { pair: Some("other".to_owned()), ..Topology::default() };
    let baseline = fleet.baseline(&service_id(), &topology).await.unwrap();
    assert_eq!(canned.calls(), ["DescribeServices"]);
    let subject = Subject { baseline, ..subject(2) };
    let seen = fleet.observe(&subject, None).await.unwrap();
    assert_eq!((seen.stable.unwrap().healthy, seen.candidate), (2, None));
    canned.take();
    let token = CallToken::derived(&subject.deployment, "launch");
    fleet.launch(&subject, 1, &token).await.unwrap();
    let (_, body) = canned.take().pop().unwrap();
    let wanted = json!({
        "cluster": "prod", "service": "other", "taskDefinition": definition(2), "desiredCount": 1,
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": false, "rollback": false},
            "minimumHealthyPercent": 100, "maximumPercent": 200, "strategy": "ROLLING",
        },
    });
    assert_eq!(body, wanted);
    fleet.promote(&subject).await.unwrap();
    assert!(canned.calls().is_empty());
    let seen = fleet.observe(&subject, None).await.unwrap();
    assert_eq!(seen.primary, Primary::Role(Role::Candidate));
}
