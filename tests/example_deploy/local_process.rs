//! A local cloud in a process of its own, and what anybody sees of it.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::process::Child;
use std::process::Stdio;

use aws_sdk_cloudwatch::types::StateValue;
use aws_sdk_ecs::config::BehaviorVersion;
use aws_sdk_ecs::config::Credentials;
use aws_sdk_ecs::config::Region;
use aws_sdk_ecs::config::SharedCredentialsProvider;
use cutover::adapters::aws::http_client;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::tool::command;

/// A local cloud in a process of its own.
pub(crate) struct LocalProcess {
    child: Child,
    runtime: Runtime,
    /// Where it answers.
    pub(crate) url: String,
}

/// What anybody sees of the service once a deployment has ended.
#[derive(Debug, PartialEq)]
pub(crate) struct World {
    /// Its task sets: status and revision.
    pub(crate) sets: Vec<(String, String)>,
    /// The group that the primary task set is in, and the weights of the first production rule.
    pub(crate) serving: String,
    pub(crate) weights: Vec<(String, i32)>,
    /// How many revisions the family has.
    pub(crate) revisions: usize,
}

fn last(arn: Option<&str>) -> String {
    arn.and_then(|arn| arn.rsplit('/').next()).unwrap_or_default().to_owned()
}

/// `…:targetgroup/blue/73e2…` is `blue`.
fn group(arn: Option<&str>) -> String {
    arn.and_then(|arn| arn.split('/').nth(1)).unwrap_or_default().to_owned()
}

impl LocalProcess {
    /// A cloud of this kind whose time passes so fast.
    pub(crate) fn start(scenario: &str, speed: &str) -> Self {
        let way = ["local", "--scenario", scenario, "--speed", speed];
        let mut child = command(&way).stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { child, runtime, url: url.trim().to_owned() }
    }

    fn config(&self) -> aws_config::SdkConfig {
        let credentials = Credentials::new("test", "made-up", None, None, "test");
        aws_config::SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .http_client(http_client(Some(&self.url)).unwrap())
            .endpoint_url(&self.url)
            .build()
    }

    /// Asks or tells the cloud itself.
    pub(crate) fn control(&self, what: &str, body: &str) -> Value {
        let address = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        let (verb, path) = what.split_once(' ').unwrap();
        let length = body.len();
        write!(
            stream,
            "{verb} /_cutover/{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// How many requests for this operation have come from the example.
    pub(crate) fn count(&self, operation: &str) -> u64 {
        let calls = self.control("GET calls", "");
        let ours = |call: &&Value| call["operation"] == operation && call["actor"] != "test";
        let counts = calls["byActor"].as_array().unwrap().iter().filter(ours);
        counts.map(|call| call["count"].as_u64().unwrap()).sum()
    }

    /// Sets the alarm to `ALARM`, as `aws cloudwatch set-alarm-state` does.
    pub(crate) fn alarm(&self) {
        let client = aws_sdk_cloudwatch::Client::new(&self.config());
        let set = client.set_alarm_state().alarm_name("web-5xx").state_value(StateValue::Alarm);
        self.runtime.block_on(set.state_reason("test").send()).unwrap();
    }

    /// What anybody sees of the service `prod/web`.
    pub(crate) fn world(&self) -> World {
        self.runtime.block_on(async {
            let ecs = aws_sdk_ecs::Client::new(&self.config());
            let read = ecs.describe_services().cluster("prod").services("web").send().await;
            let read = read.unwrap();
            let sets = read.services()[0].task_sets();
            let primary = sets.iter().find(|set| set.status() == Some("PRIMARY")).unwrap();
            let serving = group(primary.load_balancers()[0].target_group_arn());
            let elb = aws_sdk_elasticloadbalancingv2::Client::new(&self.config());
            let rule = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener-rule/app/web/\
                        50dc6c495c0c9188/f2f7dc8efc522ab2/production0";
            let rules = elb.describe_rules().rule_arns(rule).send().await.unwrap();
            let forward = rules.rules()[0].actions()[0].forward_config().unwrap();
            let weights = forward.target_groups().iter();
            let weights =
                weights.map(|it| (group(it.target_group_arn()), it.weight().unwrap())).collect();
            let revisions = ecs.list_task_definitions().family_prefix("web").send().await.unwrap();
            World {
                sets: sets
                    .iter()
                    .map(|set| (set.status().unwrap().to_owned(), last(set.task_definition())))
                    .collect(),
                serving,
                weights,
                revisions: revisions.task_definition_arns().len(),
            }
        })
    }
}

impl Drop for LocalProcess {
    fn drop(&mut self) {
        // a process that has ended by itself needs no end
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
