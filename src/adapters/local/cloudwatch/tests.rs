//! Alarms and metrics as a client of the protocol sees them.

use serde_json::Value;
use serde_json::json;

use super::super::super::sim::Action;
use super::super::super::sim::Actor;
use super::super::super::sim::AlarmSpec;
use super::super::super::sim::ApiError;
use super::super::super::sim::Behaviour;
use super::super::super::sim::Colour;
use super::super::super::sim::Scenario;
use super::super::super::sim::World;
use super::super::super::sim::revision;
use super::super::node::Node;
use super::super::params::Params;
use super::OPERATIONS;
use super::call;
use super::node;
use crate::model::AlarmName;
use crate::model::Elapsed;

/// A client, and the world that it talks to.
struct Client(World);

fn json_of(node: &Node) -> Value {
    match node {
        Node::Bool(value) => json!(value),
        Node::Int(value) => json!(value),
        Node::Float(value) => json!(value),
        Node::Text(value) => json!(value),
        Node::Time(value) => json!(value.as_millis() / 1000),
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

    fn wait(&mut self, seconds: u64) {
        let to = self.0.now().as_millis() + seconds * 1000;
        self.0.advance(Elapsed::from_millis(to));
    }

    fn seconds(&self) -> u64 {
        self.0.aws_wall().as_millis() / 1000
    }

    fn state(&mut self, name: &str) -> Value {
        let types = ["MetricAlarm", "CompositeAlarm"];
        let asked = json!({ "AlarmNames": [name], "AlarmTypes": types });
        let shown = self.ask("DescribeAlarms", &asked);
        let all = ["MetricAlarms", "CompositeAlarms"];
        let found = all.iter().find_map(|list| shown[*list].get(0)).unwrap();
        found["StateValue"].clone()
    }

    fn watch(&mut self, name: &str, more: &Value) {
        let mut alarm = json!({
            "AlarmName": name, "Namespace": "App", "MetricName": "Lag", "Statistic": "Maximum",
            "Period": "60", "EvaluationPeriods": 2, "DatapointsToAlarm": 1, "Threshold": "5",
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        });
        alarm.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask("PutMetricAlarm", &alarm);
    }

    fn measure(&mut self, value: f64) {
        let data = json!([{ "MetricName": "Lag", "Value": value }]);
        self.ask("PutMetricData", &json!({ "Namespace": "App", "MetricData": data }));
    }
}

fn metric(name: &str) -> Value {
    json!({ "Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": [
        { "Name": "LoadBalancer", "Value": "app/web/50dc6c495c0c9188" },
        { "Name": "TargetGroup", "Value": "targetgroup/blue/73e2d6bc24d8a067" },
    ] })
}

fn query(id: &str, name: &str, statistic: &str, returned: bool) -> Value {
    let of = json!({ "Metric": metric(name), "Period": 60, "Stat": statistic });
    json!({ "Id": id, "MetricStat": of, "ReturnData": returned })
}

#[test]
fn an_alarm_on_what_callers_measure_fires_and_recovers() {
    let mut client = Client::new(Scenario::empty(1));
    client.watch("lag", &json!({}));
    assert_eq!(client.state("lag"), "INSUFFICIENT_DATA");
    for (value, state) in [(4.9, "OK"), (5.0, "ALARM"), (1.0, "ALARM"), (1.0, "OK")] {
        client.measure(value);
        client.wait(60);
        assert_eq!(client.state("lag"), state, "{value}");
    }
    client.wait(300);
    assert_eq!(client.state("lag"), "INSUFFICIENT_DATA");
    let shown = client.ask("DescribeAlarmHistory", &json!({ "AlarmName": "lag", "MaxRecords": 1 }));
    let newest = &shown["AlarmHistoryItems"][0];
    assert_eq!(newest["HistorySummary"], "Alarm updated from OK to INSUFFICIENT_DATA");
    let data: Value = serde_json::from_str(newest["HistoryData"].as_str().unwrap()).unwrap();
    assert_eq!(data["oldState"]["stateValue"], "OK");
    assert_eq!(shown["NextToken"], "1");
}

#[test]
fn a_state_set_by_hand_is_undone_by_the_next_evaluation() {
    let mut client = Client::new(Scenario::empty(1));
    client.watch("missing", &json!({}));
    client.watch("ignore", &json!({ "TreatMissingData": "ignore" }));
    client.watch("good", &json!({ "TreatMissingData": "notBreaching" }));
    for name in ["missing", "ignore", "good"] {
        let set = json!({ "AlarmName": name, "StateValue": "ALARM", "StateReason": "a drill" });
        client.ask("SetAlarmState", &set);
        assert_eq!(client.state(name), "ALARM");
    }
    client.wait(60);
    assert_eq!(client.state("missing"), "INSUFFICIENT_DATA");
    assert_eq!(client.state("ignore"), "ALARM");
    assert_eq!(client.state("good"), "OK");
    let absent = json!({ "AlarmName": "x", "StateValue": "OK", "StateReason": "" });
    assert_eq!(client.try_to("SetAlarmState", &absent).unwrap_err().code, "ResourceNotFound");
}

#[test]
fn a_composite_alarm_follows_its_children_and_keeps_what_is_set_until_one_changes() {
    let mut client = Client::new(Scenario::empty(1));
    client.watch("a", &json!({ "TreatMissingData": "ignore" }));
    client.watch("b", &json!({ "TreatMissingData": "ignore" }));
    let put = |name: &str, rule: &str| json!({ "AlarmName": name, "AlarmRule": rule });
    client.ask("PutCompositeAlarm", &put("both", "ALARM(a) AND NOT OK(\"b\")"));
    client.ask("PutCompositeAlarm", &put("top", "ALARM(both) OR FALSE"));
    let wrong = client.try_to("PutCompositeAlarm", &put("c", "ALARM(nobody)")).unwrap_err();
    assert_eq!(wrong.code, "ValidationError");
    assert_eq!(client.state("both"), "INSUFFICIENT_DATA");
    client.wait(60);
    assert_eq!((client.state("both"), client.state("top")), (json!("OK"), json!("OK")));
    let mut set = |name: &str, state: &str, then: &str| {
        let set = json!({ "AlarmName": name, "StateValue": state, "StateReason": "a drill" });
        client.ask("SetAlarmState", &set);
        assert_eq!((client.state("both"), client.state("top")), (json!(then), json!(then)));
        client.wait(120);
        assert_eq!((client.state("both"), client.state("top")), (json!(then), json!(then)));
    };
    set("a", "ALARM", "ALARM");
    set("b", "OK", "OK");
    set("both", "ALARM", "ALARM");
    set("b", "INSUFFICIENT_DATA", "ALARM");
    set("a", "OK", "OK");
}

#[test]
fn alarms_are_found_by_name_type_and_state_and_strangers_are_silently_absent() {
    let name = |name: &str| AlarmName::new(name).unwrap();
    let errors = AlarmSpec::errors(name("errors"), Colour::Blue, 10);
    let mut client = Client::new(Scenario::new(1).with_alarm(errors));
    for alarm in ["x-1", "x-2"] {
        client.watch(alarm, &json!({ "Tags": [{ "Key": "team", "Value": "web" }] }));
    }
    let rule = json!({ "AlarmName": "any", "AlarmRule": "ALARM(errors)" });
    client.ask("PutCompositeAlarm", &rule);
    let mut names = |params: Value| -> Vec<String> {
        let shown = client.ask("DescribeAlarms", &params);
        let lists = ["MetricAlarms", "CompositeAlarms"];
        let all = lists.iter().flat_map(|list| shown[*list].as_array().unwrap().clone());
        all.map(|alarm| alarm["AlarmName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(json!({})), ["errors", "x-1", "x-2"]);
    assert_eq!(names(json!({ "AlarmNames": ["errors", "any", "nobody"] })), ["errors"]);
    assert_eq!(names(json!({ "AlarmTypes": ["CompositeAlarm"] })), ["any"]);
    assert_eq!(names(json!({ "AlarmNamePrefix": "x-" })), ["x-1", "x-2"]);
    assert_eq!(names(json!({ "StateValue": "OK" })), ["errors"]);
    assert_eq!(names(json!({ "ChildrenOfAlarmName": "any" })), ["errors"]);
    assert_eq!(names(json!({ "MaxRecords": 2, "NextToken": "2" })), ["x-2"]);
    let arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:x-1";
    let tags = client.ask("ListTagsForResource", &json!({ "ResourceARN": arn }));
    assert_eq!(tags["Tags"][0]["Value"], "web");
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    assert!(client.try_to("DescribeAlarms", &json!({ "AlarmNames": many })).is_err());
    let shown = client.ask("DescribeAlarms", &json!({ "AlarmNames": ["errors"] }));
    assert_eq!(shown["MetricAlarms"][0]["Metrics"][0]["Id"], "permille");
    client.ask("DisableAlarmActions", &json!({ "AlarmNames": ["x-1"] }));
    let shown = client.ask("DescribeAlarms", &json!({ "AlarmNames": ["x-1"] }));
    assert_eq!(shown["MetricAlarms"][0]["ActionsEnabled"], false);
    client.ask("DeleteAlarms", &json!({ "AlarmNames": ["x-1"] }));
    let gone = client.try_to("DeleteAlarms", &json!({ "AlarmNames": ["x-1"] }));
    assert_eq!(gone.unwrap_err().code, "ResourceNotFound");
}

#[test]
fn the_load_balancers_metrics_are_published_late_and_absent_where_there_is_nothing() {
    let mut client = Client::new(Scenario::new(1));
    client.wait(300);
    let behaviour = Behaviour::erring(250).with_latency_ms(400);
    client.0.apply(&Action::ChangeBehaviour { revision: revision(1), behaviour });
    client.wait(300);
    let end = client.seconds();
    let ask = json!({
        "StartTime": end - 600, "EndTime": end, "ScanBy": "TimestampAscending",
        "MetricDataQueries": [
            query("requests", "RequestCount", "Sum", true),
            query("errors", "HTTPCode_Target_5XX_Count", "Sum", true),
            query("slow", "TargetResponseTime", "p99", true),
            query("hosts", "HealthyHostCount", "Minimum", true),
            query("ill", "UnHealthyHostCount", "Maximum", true),
            query("refused", "TargetConnectionErrorCount", "Sum", true),
            { "Id": "rate", "Expression": "100 * FILL(errors, 0) / requests" },
        ],
    });
    let shown = client.ask("GetMetricData", &ask);
    let values = |id: &str| {
        let all = shown["MetricDataResults"].as_array().unwrap();
        all.iter().find(|result| result["Id"] == id).unwrap()["Values"].clone()
    };
    // the last two minutes are not published yet
    assert_eq!(values("requests"), json!(vec![1200.0; 8]));
    assert_eq!(values("errors"), json!([300.0, 300.0, 300.0]));
    assert_eq!(values("slow"), json!([0.05, 0.05, 0.05, 0.05, 0.05, 0.4, 0.4, 0.4]));
    assert_eq!(values("hosts"), json!(vec![4.0; 8]));
    assert_eq!(values("ill"), json!(vec![0.0; 8]));
    assert_eq!(values("refused"), json!([]));
    assert_eq!(values("rate"), json!([0.0, 0.0, 0.0, 0.0, 0.0, 25.0, 25.0, 25.0]));
    let mut statistics = metric("TargetResponseTime");
    for (name, value) in [
        ("StartTime", json!(end - 600)),
        ("EndTime", json!(end)),
        ("Period", json!(300)),
        ("Statistics", json!(["Average", "SampleCount"])),
        ("ExtendedStatistics", json!(["p50"])),
    ] {
        statistics[name] = value;
    }
    let shown = client.ask("GetMetricStatistics", &statistics);
    let first = &shown["Datapoints"][0];
    assert_eq!(first["SampleCount"], 6000.0);
    assert_eq!(first["ExtendedStatistics"]["p50"], 0.0075);
    let listed = client.ask("ListMetrics", &json!({ "MetricName": "RequestCount" }));
    assert_eq!(listed["Metrics"].as_array().unwrap().len(), 2);
}

#[test]
fn an_alarm_on_the_load_balancers_metrics_judges_what_is_published() {
    let mut client = Client::new(Scenario::new(1));
    let metrics = json!([
        { "Id": "rate", "Expression": "100 * FILL(errors, 0) / requests" },
        query("errors", "HTTPCode_Target_5XX_Count", "Sum", false),
        query("requests", "RequestCount", "Sum", false),
    ]);
    client.ask(
        "PutMetricAlarm",
        &json!({
            "AlarmName": "rate", "Metrics": metrics, "EvaluationPeriods": 1, "Threshold": 5.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }),
    );
    client.wait(300);
    assert_eq!(client.state("rate"), "OK");
    let behaviour = Behaviour::erring(250);
    client.0.apply(&Action::ChangeBehaviour { revision: revision(1), behaviour });
    client.wait(120);
    assert_eq!(client.state("rate"), "OK");
    client.wait(60);
    assert_eq!(client.state("rate"), "ALARM");
}

#[test]
fn what_cannot_be_an_alarm_or_a_query_is_refused() {
    let mut client = Client::new(Scenario::empty(1));
    let alarm = |more: Value| {
        let mut alarm = json!({
            "AlarmName": "a", "Namespace": "App", "MetricName": "Lag", "Statistic": "Sum",
            "Period": 60, "EvaluationPeriods": 2, "Threshold": 1.0,
            "ComparisonOperator": "GreaterThanThreshold",
        });
        alarm.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        alarm
    };
    for wrong in [
        json!({ "Period": 61 }),
        json!({ "EvaluationPeriods": 0 }),
        json!({ "DatapointsToAlarm": 3 }),
        json!({ "EvaluationPeriods": 1441 }),
        json!({ "Statistic": "Median" }),
        json!({ "TreatMissingData": "sometimes" }),
        json!({ "ComparisonOperator": "LessThanLowerThreshold" }),
    ] {
        assert!(client.try_to("PutMetricAlarm", &alarm(wrong.clone())).is_err(), "{wrong}");
    }
    assert!(client.try_to("PutMetricAlarm", &alarm(json!({}))).is_ok());
    let data = json!({ "Namespace": "AWS/X", "MetricData": [{ "MetricName": "y", "Value": 1 }] });
    assert_eq!(client.try_to("PutMetricData", &data).unwrap_err().code, "InvalidParameterValue");
    let many: Vec<Value> = (0..501).map(|n| query(&format!("m{n}"), "X", "Sum", true)).collect();
    let ask = json!({ "MetricDataQueries": many, "StartTime": 0, "EndTime": 60 });
    assert!(client.try_to("GetMetricData", &ask).is_err());
}

#[test]
fn more_data_points_than_a_page_holds_are_on_the_next() {
    let mut client = Client::new(Scenario::empty(1));
    let begin = client.seconds() / 60 * 60;
    let datum = |name: &str, minute: u64| json!({ "MetricName": name, "Timestamp": begin + minute * 60, "Value": 1 });
    let data = json!([datum("a", 0), datum("a", 1), datum("b", 0), datum("b", 1)]);
    client.ask("PutMetricData", &json!({ "Namespace": "N", "MetricData": data }));
    let of = |name: &str| {
        let metric = json!({ "Namespace": "N", "MetricName": name });
        json!({ "Id": name, "MetricStat": { "Metric": metric, "Period": 60, "Stat": "Sum" } })
    };
    let mut ask = json!({
        "MetricDataQueries": [of("none"), of("a"), of("b")], "MaxDatapoints": 3,
        "StartTime": begin, "EndTime": begin + 300,
    });
    let mut page = |token: Option<&Value>| {
        if let Some(token) = token {
            ask["NextToken"] = token.clone();
        }
        let shown = client.ask("GetMetricData", &ask);
        let results = shown["MetricDataResults"].as_array().unwrap().iter();
        let seen: Vec<String> = results
            .map(|of| {
                format!("{} {} {}", of["Id"], of["Values"], of["StatusCode"]).replace('"', "")
            })
            .collect();
        (seen, shown.get("NextToken").cloned())
    };
    let (first, token) = page(None);
    assert_eq!(first, ["none [] Complete", "a [1.0,1.0] Complete", "b [1.0] PartialData"]);
    let (second, end) = page(token.as_ref());
    assert_eq!((second, end), (vec!["b [1.0] Complete".to_owned()], None));
}
