//! Task definitions.

use cutover::model::NewRevision;
use cutover::model::TaskDefinition;
use cutover::model::Topology;
use cutover::ports::ErrorClass;

use super::account::Account;

fn definition(family: &str, image: &str) -> NewRevision {
    let document = serde_json::json!({
        "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512",
        "containerDefinitions": [{
            "name": "app", "image": image, "essential": true,
            "portMappings": [{ "containerPort": 80, "protocol": "tcp" }],
            "environment": [{ "name": "A", "value": "1" }],
        }],
    });
    NewRevision::Definition(TaskDefinition::from_json(&document.to_string()).unwrap())
}

#[tokio::test]
#[ignore = "needs moto at CUTOVER_MOTO_URL"]
async fn a_revision_is_registered_once() {
    let account = Account::new();
    let (service, topology) = (account.service(), Topology::default());
    let register = async |image| {
        let revision = definition(&account.name, image);
        account.aws.register(&service, &topology, &revision).await.unwrap()
    };
    let first = register("web:1").await;
    assert_eq!(register("web:1").await, first);
    let second = register("web:2").await;
    assert_eq!(second.task_definition().revision_number(), 2);
    assert_eq!(register("web:2").await, second);
    let named = NewRevision::Registered(format!("{}:1", account.name));
    assert_eq!(account.aws.register(&service, &topology, &named).await.unwrap(), first);
    let absent = NewRevision::Registered(format!("{}:9", account.name));
    let error = account.aws.register(&service, &topology, &absent).await.unwrap_err();
    assert!(matches!(error.class, ErrorClass::Gone | ErrorClass::Invalid), "{error:?}");
}
