//! An account in tests: requests and answers as JSON, over a world of its own.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::super::sim::Actor;
use super::super::super::sim::ApiError;
use super::super::super::sim::Scenario;
use super::super::super::sim::World;
use super::super::autoscaling;
use super::super::node::Node;
use super::super::params::Params;
use super::operations;
use crate::model::Elapsed;

/// An account whose requests and answers are JSON.
pub(in crate::adapters::local) struct Account {
    pub(in crate::adapters::local) world: World,
}

fn value(node: &Node) -> Value {
    match node {
        Node::Bool(truth) => json!(truth),
        Node::Int(number) => json!(number),
        Node::Float(number) => json!(number),
        Node::Text(text) => json!(text),
        Node::Time(at) => json!(at.to_string()),
        Node::List(items) => Value::Array(items.iter().map(value).collect()),
        Node::Map(members) => {
            let mut map = Map::new();
            for (name, member) in members {
                assert!(map.insert(name.clone(), value(member)).is_none(), "{name} twice");
            }
            Value::Object(map)
        }
    }
}

impl Account {
    /// An empty account with the cluster `demo` and one revision of `web`.
    pub(in crate::adapters::local) fn new() -> Self {
        let mut account = Self { world: World::new(Scenario::empty(7)) };
        account.ask("CreateCluster", json!({ "clusterName": "demo" }));
        account.register("web", "healthy");
        account
    }

    pub(in crate::adapters::local) fn of(scenario: Scenario) -> Self {
        Self { world: World::new(scenario) }
    }

    pub(in crate::adapters::local) fn try_ask(
        &mut self,
        operation: &str,
        request: &Value,
    ) -> Result<Value, ApiError> {
        let params = Params::new(request);
        let scaling = autoscaling::OPERATIONS.contains(&operation);
        let call = if scaling {
            autoscaling::call(operation, params)?
        } else {
            operations::call(operation, params)?
        };
        let answer = self.world.call(&Actor::other("client"), &call)?;
        Ok(value(&if scaling {
            autoscaling::node(operation, params, &answer)
        } else {
            operations::node(operation, params, &answer)
        }))
    }

    pub(in crate::adapters::local) fn ask(
        &mut self,
        operation: &str,
        request: impl Into<Value>,
    ) -> Value {
        self.try_ask(operation, &request.into()).unwrap()
    }

    pub(in crate::adapters::local) fn refusal(
        &mut self,
        operation: &str,
        request: impl Into<Value>,
    ) -> String {
        let error = self.try_ask(operation, &request.into()).unwrap_err();
        format!("{}: {}", error.code, error.message)
    }

    /// Registers a revision that behaves so; answers its ARN.
    pub(in crate::adapters::local) fn register(&mut self, family: &str, behaviour: &str) -> String {
        let container = json!({
            "name": "app", "image": "web:1", "essential": true,
            "portMappings": [{ "containerPort": 80 }],
            "dockerLabels": { "cutover.behaviour": behaviour },
        });
        let request = json!({ "family": family, "containerDefinitions": [container] });
        let answer = self.ask("RegisterTaskDefinition", request);
        answer["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned()
    }

    /// Creates a service of the `ECS` controller with two tasks of `web:1` and this circuit breaker.
    pub(in crate::adapters::local) fn serve(&mut self, enable: bool, rollback: bool) {
        let breaker = json!({ "enable": enable, "rollback": rollback });
        let request = json!({
            "cluster": "demo", "serviceName": "web", "desiredCount": 2, "taskDefinition": "web",
            "deploymentConfiguration": { "deploymentCircuitBreaker": breaker },
        });
        self.ask("CreateService", request);
        self.wait(180);
    }

    pub(in crate::adapters::local) fn update(&mut self, mut request: Value) -> Value {
        request["cluster"] = json!("demo");
        request["service"] = json!("web");
        self.ask("UpdateService", request)["service"].take()
    }

    pub(in crate::adapters::local) fn service(&mut self) -> Value {
        let request = json!({ "cluster": "demo", "services": ["web"], "include": ["TAGS"] });
        self.ask("DescribeServices", request)["services"][0].take()
    }

    pub(in crate::adapters::local) fn wait(&mut self, seconds: u64) {
        let to = Elapsed::from_millis(self.world.now().as_millis() + seconds * 1000);
        self.world.advance(to);
    }

    /// The service deployments' statuses, newest first.
    pub(in crate::adapters::local) fn statuses(&mut self) -> Vec<String> {
        let request = json!({ "cluster": "demo", "service": "web" });
        let answer = self.ask("ListServiceDeployments", request);
        let all = answer["serviceDeployments"].as_array().unwrap().iter();
        all.map(|it| it["status"].as_str().unwrap().to_owned()).collect()
    }
}
