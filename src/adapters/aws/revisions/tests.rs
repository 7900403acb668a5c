//! The registrar's calls, as they leave the SDK.

use std::sync::Mutex;

use serde_json::Value;
use serde_json::json;

use super::super::fixtures::Canned;
use super::super::fixtures::definition;
use super::super::fixtures::service_id;
use super::registrar::Registrar;
use crate::model::NewRevision;
use crate::model::TaskDefinition;
use crate::model::Topology;
use crate::ports::ErrorClass;

fn serving() -> Value {
    let deployment = json!({
        "id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": definition(1), "desiredCount": 2,
        "runningCount": 2, "pendingCount": 0, "failedTasks": 0, "rolloutState": "COMPLETED",
    });
    json!({ "services": [{
        "serviceName": "web", "status": "ACTIVE", "desiredCount": 2, "runningCount": 2,
        "deploymentController": {"type": "ECS"}, "deployments": [deployment],
    }] })
}

#[tokio::test(start_paused = true)]
async fn a_definition_is_registered_as_it_stands_and_only_once() {
    let held: Mutex<Option<Value>> = Mutex::new(None);
    let canned = Canned::new(move |operation, body| {
        let mut held = held.lock().unwrap();
        Ok(match operation {
            "ListTaskDefinitions" => {
                let arns: Vec<String> = held.iter().map(|_| definition(8)).collect();
                json!({ "taskDefinitionArns": arns })
            }
            "RegisterTaskDefinition" => {
                *held = Some(body.clone());
                // it took effect, and the answer is lost
                return Err(("ServerException", "oops"));
            }
            _ => {
                let mut described = held.clone().unwrap();
                let tags = described["tags"].take();
                described["taskDefinitionArn"] = json!(definition(8));
                described["status"] = json!("ACTIVE");
                described["aFieldThatEcsFillsIn"] = json!("x");
                json!({ "taskDefinition": described, "tags": tags })
            }
        })
    });
    let text = r#"{"taskDefinition": {"family": "web", "revision": 3, "aFieldOfTomorrow": [1],
        "containerDefinitions": [{"name": "app", "image": "web:2"}]}}"#;
    let asked = NewRevision::Definition(TaskDefinition::from_json(text).unwrap());
    let registrar = Registrar::new(canned.ecs());
    let topology = Topology::default();
    for _ in 0..2 {
        let revision = registrar.register(&service_id(), &topology, &asked).await.unwrap();
        assert_eq!(revision.to_string(), "web:8");
    }
    let sent = canned.take();
    let mut registered = sent.iter().filter(|(operation, _)| operation == "RegisterTaskDefinition");
    let (_, body) = registered.next().unwrap();
    assert_eq!(body["aFieldOfTomorrow"], json!([1]));
    assert_eq!(body["tags"][0]["key"], "cutover:fingerprint");
    assert!(body.get("revision").is_none());
    assert!(registered.next().is_none(), "registered twice");
}

#[tokio::test(start_paused = true)]
async fn the_serving_revision_is_registered_again_with_another_image() {
    let canned = Canned::new(|operation, body| {
        Ok(match operation {
            "DescribeServices" => serving(),
            "ListTaskDefinitions" => json!({ "taskDefinitionArns": [] }),
            "RegisterTaskDefinition" => {
                assert_eq!(body["containerDefinitions"][0]["image"], "web@sha256:2");
                assert_eq!(body["containerDefinitions"][0]["secretField"], 7);
                json!({ "taskDefinition": {"taskDefinitionArn": definition(2)} })
            }
            _ => json!({ "taskDefinition": {
                "taskDefinitionArn": definition(1), "family": "web", "status": "ACTIVE",
                "containerDefinitions": [{"name": "app", "image": "web:1", "secretField": 7}],
            } }),
        })
    });
    let registrar = Registrar::new(canned.ecs());
    let images = [("app".to_owned(), "web@sha256:2".to_owned())].into();
    let asked = NewRevision::Images(images);
    let revision = registrar.register(&service_id(), &Topology::default(), &asked).await.unwrap();
    assert_eq!(revision.to_string(), "web:2");
}

#[tokio::test(start_paused = true)]
async fn a_revision_by_name_must_be_there_and_active() {
    let canned = Canned::new(|_, body| {
        if body["taskDefinition"] == "web:9" {
            return Err(("ClientException", "Unable to describe task definition."));
        }
        let status = if body["taskDefinition"] == "web:7" { "ACTIVE" } else { "INACTIVE" };
        let definition =
            json!({ "taskDefinitionArn": definition(7), "family": "web", "status": status });
        Ok(json!({ "taskDefinition": definition }))
    });
    let registrar = Registrar::new(canned.ecs());
    let ask = async |name: &str| {
        let asked = NewRevision::Registered(name.to_owned());
        registrar.register(&service_id(), &Topology::default(), &asked).await
    };
    assert_eq!(ask("web:7").await.unwrap().task_definition().as_str(), definition(7));
    assert_eq!(ask("web:6").await.unwrap_err().class, ErrorClass::Gone);
    assert_eq!(ask("web:9").await.unwrap_err().class, ErrorClass::Gone);
    assert_eq!(ask("web").await.unwrap_err().class, ErrorClass::Invalid);
}
