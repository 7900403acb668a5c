//! A load balancer built from outside, as a client of the protocol sees it.

use serde_json::Value;
use serde_json::json;

use super::super::super::sim::Action;
use super::super::super::sim::Actor;
use super::super::super::sim::Answer;
use super::super::super::sim::ApiError;
use super::super::super::sim::Call;
use super::super::super::sim::CloudWatchAnswer;
use super::super::super::sim::CloudWatchCall;
use super::super::super::sim::Scenario;
use super::super::super::sim::Traffic;
use super::super::super::sim::World;
use super::super::node::Node;
use super::super::params::Params;
use super::OPERATIONS;
use super::call;
use super::node;
use crate::model::Elapsed;
use crate::model::Metric;

/// A client, and the world that it talks to.
struct Client(World);

/// An answer as JSON; a time is its milliseconds.
fn json_of(node: &Node) -> Value {
    match node {
        Node::Bool(value) => json!(value),
        Node::Int(value) => json!(value),
        Node::Float(value) => json!(value),
        Node::Text(value) => json!(value),
        Node::Time(value) => json!(value.as_millis()),
        Node::List(items) => items.iter().map(json_of).collect(),
        Node::Map(members) => {
            Value::Object(members.iter().map(|(name, of)| (name.clone(), json_of(of))).collect())
        }
    }
}

impl Client {
    fn new(scenario: Scenario) -> Self {
        Self(World::new(scenario))
    }

    fn try_to(&mut self, operation: &str, params: &Value) -> Result<Value, ApiError> {
        assert!(OPERATIONS.contains(&operation));
        let params = Params::new(params);
        let answer = self.0.call(&Actor::other("aws"), &call(operation, params)?)?;
        Ok(json_of(&node(operation, params, &answer)))
    }

    fn ask(&mut self, operation: &str, params: &Value) -> Value {
        self.try_to(operation, params).unwrap()
    }

    fn refusal(&mut self, operation: &str, params: &Value) -> &'static str {
        self.try_to(operation, params).unwrap_err().code
    }

    fn wait(&mut self, seconds: u64) {
        let to = self.0.now().as_millis() + seconds * 1000;
        self.0.advance(Elapsed::from_millis(to));
    }

    fn group(&mut self, name: &str) -> String {
        let params = json!({
            "Name": name, "Protocol": "HTTP", "Port": "80", "VpcId": "vpc-1", "TargetType": "ip",
        });
        text(&self.ask("CreateTargetGroup", &params)["TargetGroups"][0]["TargetGroupArn"])
    }

    fn listener(&mut self, balancer: &str, port: u32, group: &str) -> String {
        let params = json!({
            "LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": port.to_string(),
            "DefaultActions": [{ "Type": "forward", "TargetGroupArn": group }],
        });
        text(&self.ask("CreateListener", &params)["Listeners"][0]["ListenerArn"])
    }

    fn health(&mut self, group: &str) -> Vec<(String, Value)> {
        let shown = self.ask("DescribeTargetHealth", &json!({ "TargetGroupArn": group }));
        let all = shown["TargetHealthDescriptions"].as_array().unwrap();
        all.iter()
            .map(|one| (text(&one["TargetHealth"]["State"]), one["TargetHealth"]["Reason"].clone()))
            .collect()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn balancer(client: &mut Client) -> String {
    let params = json!({ "Name": "edge", "Subnets": ["subnet-1", "subnet-2"] });
    text(&client.ask("CreateLoadBalancer", &params)["LoadBalancers"][0]["LoadBalancerArn"])
}

fn split(groups: &[(&str, u32)]) -> Value {
    let groups: Vec<Value> = groups
        .iter()
        .map(|(arn, weight)| json!({ "TargetGroupArn": arn, "Weight": weight.to_string() }))
        .collect();
    json!([{ "Type": "forward", "Order": "1", "ForwardConfig": { "TargetGroups": groups } }])
}

fn path(pattern: &str) -> Value {
    json!([{ "Field": "path-pattern", "Values": [pattern] }])
}

#[test]
fn a_load_balancer_is_built_read_back_and_taken_down() {
    let mut client = Client::new(Scenario::empty(1));
    let lb = balancer(&mut client);
    let (a, b) = (client.group("a"), client.group("b"));
    assert_eq!(client.group("a"), a);
    let other = json!({ "Name": "a", "Protocol": "HTTP", "Port": 81 });
    assert_eq!(client.refusal("CreateTargetGroup", &other), "DuplicateTargetGroupName");
    let attached = |client: &mut Client, arn: &str| {
        let shown = client.ask("DescribeTargetGroups", &json!({ "TargetGroupArns": [arn] }));
        shown["TargetGroups"][0]["LoadBalancerArns"].clone()
    };
    assert_eq!(attached(&mut client, &a), json!([]));
    let listener = client.listener(&lb, 80, &a);
    assert_eq!(attached(&mut client, &a), json!([lb]));
    let rule = json!({
        "ListenerArn": listener, "Priority": "5", "Conditions": path("/x"),
        "Actions": split(&[(&a, 1), (&b, 0)]), "Tags": [{ "Key": "owner", "Value": "me" }],
    });
    let made = client.ask("CreateRule", &rule)["Rules"][0].clone();
    assert_eq!(client.refusal("CreateRule", &rule), "PriorityInUse");
    let rules = client.ask("DescribeRules", &json!({ "ListenerArn": listener }));
    assert_eq!(rules["Rules"][0], made);
    assert_eq!(
        (&rules["Rules"][1]["Priority"], &rules["Rules"][1]["IsDefault"]),
        (&json!("default"), &json!(true))
    );
    let tags = client.ask("DescribeTags", &json!({ "ResourceArns": [made["RuleArn"]] }));
    assert_eq!(tags["TagDescriptions"][0]["Tags"], json!([{ "Key": "owner", "Value": "me" }]));
    assert_eq!(
        client.refusal("DeleteTargetGroup", &json!({ "TargetGroupArn": b })),
        "ResourceInUse"
    );
    client.ask("DeleteRule", &json!({ "RuleArn": made["RuleArn"] }));
    client.ask("DeleteTargetGroup", &json!({ "TargetGroupArn": b }));
    client.ask("DeleteLoadBalancer", &json!({ "LoadBalancerArn": lb }));
    client.ask("DeleteTargetGroup", &json!({ "TargetGroupArn": a }));
    let all = client.ask("DescribeTargetGroups", &json!({}));
    assert_eq!(all["TargetGroups"], json!([]));
    let gone = json!({ "LoadBalancerArns": [lb] });
    assert_eq!(client.refusal("DescribeLoadBalancers", &gone), "LoadBalancerNotFound");
}

#[test]
fn a_rewrite_replaces_the_whole_list_of_actions_and_nothing_else() {
    let mut client = Client::new(Scenario::empty(1));
    let (lb, a, b) = (balancer(&mut client), client.group("a"), client.group("b"));
    let listener = client.listener(&lb, 443, &a).replace("HTTP", "HTTPS");
    let mut actions = split(&[(&a, 1), (&b, 0)]);
    actions[0]["Order"] = json!("2");
    let config = json!({ "Issuer": "https://id", "ClientId": "c", "ClientSecret": "hush" });
    let oidc =
        json!({ "Type": "authenticate-oidc", "Order": "1", "AuthenticateOidcConfig": config });
    actions.as_array_mut().unwrap().insert(0, oidc);
    let rule = json!({
        "ListenerArn": listener, "Priority": 5, "Conditions": path("/x"), "Actions": actions,
    });
    let made = client.ask("CreateRule", &rule)["Rules"][0].clone();
    assert!(!made.to_string().contains("hush"));
    let mut rewritten = made["Actions"].clone();
    rewritten[1]["ForwardConfig"]["TargetGroups"][1]["Weight"] = json!(100);
    let again = json!({ "RuleArn": made["RuleArn"], "Actions": rewritten });
    assert_eq!(client.refusal("ModifyRule", &again), "InvalidLoadBalancerAction");
    let mut again = again;
    again["Actions"][0]["AuthenticateOidcConfig"]["UseExistingClientSecret"] = json!("true");
    let modified = client.ask("ModifyRule", &again)["Rules"][0].clone();
    assert_eq!(modified["Actions"], rewritten);
    assert_eq!(modified["Conditions"], made["Conditions"]);
    let stranger = a.replace("/a/", "/z/");
    let lost = json!({ "RuleArn": made["RuleArn"], "Actions": split(&[(&stranger, 1)]) });
    assert_eq!(client.refusal("ModifyRule", &lost), "TargetGroupNotFound");
    let heavy = json!({ "RuleArn": made["RuleArn"], "Actions": split(&[(&a, 1000)]) });
    assert_eq!(client.refusal("ModifyRule", &heavy), "ValidationError");
    let absent = json!({ "RuleArn": format!("{listener}x"), "Actions": split(&[(&a, 1)]) });
    assert_eq!(client.refusal("ModifyRule", &absent), "RuleNotFound");
}

#[test]
fn a_default_rule_is_changed_through_its_listener_only() {
    let mut client = Client::new(Scenario::empty(1));
    let (lb, a, b) = (balancer(&mut client), client.group("a"), client.group("b"));
    let listener = client.listener(&lb, 80, &a);
    let shown = client.ask("DescribeRules", &json!({ "ListenerArn": listener }));
    let default = &shown["Rules"][0];
    let config = &default["Actions"][0]["ForwardConfig"];
    assert_eq!(default["Actions"][0]["TargetGroupArn"], json!(a));
    assert_eq!(config["TargetGroups"], json!([{ "TargetGroupArn": a, "Weight": 1 }]));
    let write = json!({ "RuleArn": default["RuleArn"], "Actions": split(&[(&b, 1)]) });
    assert_eq!(client.refusal("ModifyRule", &write), "OperationNotPermitted");
    let write = json!({ "ListenerArn": listener, "DefaultActions": split(&[(&a, 9), (&b, 1)]) });
    let shown = client.ask("ModifyListener", &write)["Listeners"][0].clone();
    let groups = shown["DefaultActions"][0]["ForwardConfig"]["TargetGroups"].clone();
    assert_eq!(groups[1], json!({ "TargetGroupArn": b, "Weight": 1 }));
    assert_eq!(shown["Port"], 80);
}

#[test]
fn priorities_are_set_together() {
    let mut client = Client::new(Scenario::empty(1));
    let (lb, a) = (balancer(&mut client), client.group("a"));
    let listener = client.listener(&lb, 80, &a);
    let rules: Vec<String> = [1, 2]
        .map(|priority| {
            let rule = json!({ "ListenerArn": listener, "Priority": priority,
                "Conditions": path("/x"), "Actions": split(&[(&a, 1)]) });
            text(&client.ask("CreateRule", &rule)["Rules"][0]["RuleArn"])
        })
        .into();
    let set = |rules: &[(&String, u32)]| {
        let list: Vec<Value> = rules
            .iter()
            .map(|(rule, priority)| json!({ "RuleArn": rule, "Priority": priority }))
            .collect();
        json!({ "RulePriorities": list })
    };
    let clash = set(&[(&rules[0], 2)]);
    assert_eq!(client.refusal("SetRulePriorities", &clash), "PriorityInUse");
    client.ask("SetRulePriorities", &set(&[(&rules[0], 2), (&rules[1], 1)]));
    let shown = client.ask("DescribeRules", &json!({ "RuleArns": rules }));
    assert_eq!(shown["Rules"][0]["RuleArn"], json!(rules[1]));
}

#[test]
fn targets_by_hand_are_unused_then_checked_and_drain() {
    let mut client = Client::new(Scenario::new(1));
    let named = |name: &str| json!({ "Names": [name] });
    let green = client.ask("DescribeTargetGroups", &named("green"))["TargetGroups"][0].clone();
    let green = text(&green["TargetGroupArn"]);
    let task = client.0.state().home().sets[0].tasks[0].address().to_string();
    let lonely = client.group("lonely");
    let targets = json!([{ "Id": task }, { "Id": "10.9.9.9", "Port": "8080" }]);
    for group in [&green, &lonely] {
        let register = json!({ "TargetGroupArn": group, "Targets": targets });
        client.ask("RegisterTargets", &register);
    }
    let state = |state: &str, reason: Value| (state.to_owned(), reason);
    let fresh = state("initial", json!("Elb.RegistrationInProgress"));
    assert_eq!(client.health(&green)[0], fresh);
    client.wait(60);
    let timeout = state("unhealthy", json!("Target.Timeout"));
    assert_eq!(client.health(&green), [state("healthy", Value::Null), timeout]);
    let unused = state("unused", json!("Target.NotInUse"));
    assert_eq!(client.health(&lonely), [unused.clone(), unused]);
    client
        .ask("DeregisterTargets", &json!({ "TargetGroupArn": green, "Targets": [{ "Id": task }] }));
    let draining = state("draining", json!("Target.DeregistrationInProgress"));
    assert_eq!(client.health(&green)[0], draining);
    client.wait(31);
    assert_eq!(client.health(&green).len(), 1);
    let asked = json!({ "TargetGroupArn": green, "Targets": [{ "Id": "10.1.1.1" }] });
    let shown = client.ask("DescribeTargetHealth", &asked);
    let reason = &shown["TargetHealthDescriptions"][0]["TargetHealth"]["Reason"];
    assert_eq!(reason, "Target.NotRegistered");
}

#[test]
fn the_scenarios_own_load_balancer_is_seen_and_its_rules_are_driven_from_outside() {
    let mut client = Client::new(Scenario::new(1).with_test_rule());
    let lb = text(
        &client.ask("DescribeLoadBalancers", &json!({}))["LoadBalancers"][0]["LoadBalancerArn"],
    );
    let listeners = client.ask("DescribeListeners", &json!({ "LoadBalancerArn": lb }));
    let listener = listeners["Listeners"][0]["ListenerArn"].clone();
    let rules = client.ask("DescribeRules", &json!({ "ListenerArn": listener }));
    assert_eq!(rules["Rules"].as_array().unwrap().len(), 3);
    let rule = rules["Rules"][1].clone();
    let mut actions = rule["Actions"].clone();
    actions[0]["ForwardConfig"]["TargetGroups"][1]["Weight"] = json!(1);
    client.ask("ModifyRule", &json!({ "RuleArn": rule["RuleArn"], "Actions": actions }));
    let production = client.0.state().production_rules().next().unwrap();
    assert_eq!((production.control_permille(1), production.data_permille(1)), (500, 0));
    client.wait(30);
    assert_eq!(client.0.state().production_rules().next().unwrap().data_permille(1), 500);
    client.0.apply(&Action::EditWeights { rule: 0, blue: 1, green: 3 });
    let shown = client.ask("DescribeRules", &json!({ "RuleArns": [rule["RuleArn"]] }));
    let groups = &shown["Rules"][0]["Actions"][0]["ForwardConfig"]["TargetGroups"];
    assert_eq!(groups[1]["Weight"], 3);
}

#[test]
fn lists_come_page_by_page() {
    let mut client = Client::new(Scenario::empty(1));
    for name in ["a", "b", "c"] {
        client.group(name);
    }
    let first = client.ask("DescribeTargetGroups", &json!({ "PageSize": "2" }));
    assert_eq!(first["TargetGroups"].as_array().unwrap().len(), 2);
    let next = json!({ "PageSize": "2", "Marker": first["NextMarker"] });
    let second = client.ask("DescribeTargetGroups", &next);
    assert_eq!(second["TargetGroups"][0]["TargetGroupName"], "c");
    assert_eq!(second.get("NextMarker"), None);
    let wrong = json!({ "PageSize": "401" });
    assert_eq!(client.refusal("DescribeTargetGroups", &wrong), "ValidationError");
}

#[test]
fn attributes_have_the_values_of_aws_and_are_changed_one_by_one() {
    let mut client = Client::new(Scenario::empty(1));
    let (lb, a) = (balancer(&mut client), client.group("a"));
    let delay = |client: &mut Client| {
        let shown = client.ask("DescribeTargetGroupAttributes", &json!({ "TargetGroupArn": a }));
        let all = shown["Attributes"].as_array().unwrap().clone();
        all.iter().find(|of| of["Key"] == "deregistration_delay.timeout_seconds").unwrap()["Value"]
            .clone()
    };
    assert_eq!(delay(&mut client), "300");
    let attribute = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "5" }]);
    client.ask(
        "ModifyTargetGroupAttributes",
        &json!({ "TargetGroupArn": a, "Attributes": attribute }),
    );
    assert_eq!(delay(&mut client), "5");
    let guard = json!([{ "Key": "deletion_protection.enabled", "Value": "true" }]);
    client.ask(
        "ModifyLoadBalancerAttributes",
        &json!({ "LoadBalancerArn": lb, "Attributes": guard }),
    );
    let delete = json!({ "LoadBalancerArn": lb });
    assert_eq!(client.refusal("DeleteLoadBalancer", &delete), "OperationNotPermitted");
}

#[test]
fn requests_go_to_production_rules_made_from_outside_and_count_for_their_groups() {
    let mut scenario = Scenario::empty(1);
    scenario.traffic = Traffic::per_second(20);
    let mut client = Client::new(scenario);
    let (lb, a, b) = (balancer(&mut client), client.group("a"), client.group("b"));
    client.listener(&lb, 8080, &b);
    client.wait(30);
    assert_eq!(client.0.unserved(), 0);
    let listener = client.listener(&lb, 80, &a);
    let header = json!([{ "Field": "http-header", "HttpHeaderConfig": { "HttpHeaderName": "x" } }]);
    for (priority, conditions) in [(1, header), (2, path("/x"))] {
        let rule = json!({ "ListenerArn": listener, "Priority": priority,
            "Conditions": conditions, "Actions": split(&[(&b, 1)]) });
        client.ask("CreateRule", &rule);
    }
    assert_eq!(client.0.state().production_rules().count(), 2);
    // nothing answers at the one target of the one group, and the other has none
    let register = json!({ "TargetGroupArn": a, "Targets": [{ "Id": "10.9.9.9" }] });
    client.ask("RegisterTargets", &register);
    client.wait(30);
    assert_eq!(client.0.unserved(), 600);
    client.wait(240);
    let mut read = |name: &str, group: Option<&String>| {
        let dimension = |arn: &str, kind: &str| {
            let at = arn.find(kind).unwrap();
            arn[at..].trim_start_matches("loadbalancer/").to_owned()
        };
        let mut dimensions = std::collections::BTreeMap::new();
        dimensions.insert("LoadBalancer".to_owned(), dimension(&lb, "loadbalancer/"));
        if let Some(group) = group {
            dimensions.insert("TargetGroup".to_owned(), dimension(group, "targetgroup/"));
        }
        let metric = Metric {
            namespace: "AWS/ApplicationELB".to_owned(),
            name: name.to_owned(),
            dimensions,
        };
        let call = CloudWatchCall::GetMetricStatistics {
            metric,
            statistics: vec!["Sum".to_owned()],
            period: 60,
            since: World::BEGINS,
            until: World::BEGINS.after(std::time::Duration::from_mins(3)),
        };
        let call = Call::CloudWatch(call);
        match client.0.call(&Actor::other("aws"), &call).unwrap() {
            Answer::CloudWatch(CloudWatchAnswer::Statistics(points)) => {
                points.iter().map(|(_, of)| of["Sum"].0).collect::<Vec<f64>>()
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(read("TargetConnectionErrorCount", Some(&a)), [300.0, 600.0, 600.0]);
    assert_eq!(read("HTTPCode_ELB_5XX_Count", None), [600.0, 1200.0, 1200.0]);
    assert_eq!(read("UnHealthyHostCount", Some(&a)), [0.0, 1.0, 1.0]);
    assert_eq!(read("RequestCount", Some(&a)), Vec::<f64>::new());
}
