//! The least that IAM must allow.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;
use serde_json::json;

use super::super::router::rules::is_listener;
use super::super::sdk::Operation;
use super::super::service::Realisation;
use super::access::Need;
use super::access::Reach;
use super::access::access;
use crate::model::AlarmName;
use crate::model::ListenerRuleArn;
use crate::model::ScalingPolicy;

/// What a policy is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "whoever has no account at hand builds it")]
pub struct PolicyScope {
    /// `aws`, `aws-cn`, `aws-us-gov` …
    pub partition: String,
    /// The Region.
    pub region: String,
    /// The account's twelve digits.
    pub account: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name, and its pair's.
    pub services: Vec<String>,
    /// How the service keeps its roles.
    pub realisation: Realisation,
    /// Whether it is behind a load balancer.
    pub balanced: bool,
    /// Whether its tasks run on instances whose addresses they share.
    pub on_instances: bool,
    /// The rules, and listeners whose default actions are meant, with the test rule.
    pub rules: Vec<ListenerRuleArn>,
    /// The alarms.
    pub alarms: Vec<AlarmName>,
    /// Where a revision is to be registered: its family.
    pub family: Option<String>,
    /// The roles that such a revision gives to its tasks and to the agent.
    pub roles: BTreeSet<String>,
    /// Whether gates read metrics.
    pub metrics: bool,
    /// What is done with autoscaling; none where there is no [autoscaler](crate::ports::Autoscaler), so
    /// that nobody looks whether it is there.
    pub scaling: Option<ScalingPolicy>,
}

impl PolicyScope {
    fn needs(&self, need: Need) -> bool {
        let listeners = self.rules.iter().filter(|rule| is_listener(rule)).count();
        match need {
            Need::Always => true,
            Need::TaskSets => self.realisation == Realisation::TaskSets,
            Need::Services => self.realisation != Realisation::TaskSets,
            Need::InPlace => self.realisation == Realisation::InPlace,
            Need::Instances => self.on_instances,
            Need::Registration => self.family.is_some(),
            Need::Balanced => self.balanced,
            Need::Routed => !self.rules.is_empty(),
            Need::Rules => listeners < self.rules.len(),
            Need::Listeners => listeners > 0,
            Need::Alarms => !self.alarms.is_empty(),
            Need::Metrics => self.metrics || self.counts_requests(),
            Need::Scaling => self.scaling.is_some(),
            Need::HeldScaling => self.scaling.is_some_and(|it| it != ScalingPolicy::Leave),
        }
    }

    /// Whether the requests of a side are counted before it is removed: Application Load Balancers do.
    fn counts_requests(&self) -> bool {
        let counts = |rule: &ListenerRuleArn| rule.balancer_dimension().starts_with("app/");
        self.realisation != Realisation::InPlace && self.rules.iter().any(counts)
    }

    fn ecs(&self, path: &str) -> String {
        format!("arn:{}:ecs:{}:{}:{path}", self.partition, self.region, self.account)
    }

    fn of_services(&self, kind: &str, rest: &str) -> Vec<String> {
        let cluster = &self.cluster;
        let of = |name: &String| self.ecs(&format!("{kind}/{cluster}/{name}{rest}"));
        self.services.iter().map(of).collect()
    }

    fn routes(&self, listeners: Option<bool>) -> Vec<String> {
        let wanted = |rule: &&ListenerRuleArn| listeners.is_none_or(|is| is == is_listener(rule));
        self.rules.iter().filter(wanted).map(ToString::to_string).collect()
    }

    fn resources(&self, reach: Reach) -> Vec<String> {
        let cluster = &self.cluster;
        match reach {
            Reach::Everything | Reach::Cluster => vec!["*".to_owned()],
            Reach::Services => self.of_services("service", ""),
            Reach::TaskSets => self.of_services("task-set", "/*"),
            Reach::ServiceDeployments => {
                let services = self.of_services("service", "");
                services.into_iter().chain(self.of_services("service-deployment", "/*")).collect()
            }
            Reach::ServiceRevisions => {
                let services = self.of_services("service", "");
                services.into_iter().chain(self.of_services("service-revision", "/*")).collect()
            }
            Reach::Tasks => vec![self.ecs(&format!("task/{cluster}/*"))],
            Reach::Instances => vec![self.ecs(&format!("container-instance/{cluster}/*"))],
            Reach::Family => {
                let family = |family: &String| self.ecs(&format!("task-definition/{family}:*"));
                self.family.iter().map(family).collect()
            }
            Reach::Rules => self.routes(Some(false)),
            Reach::Listeners => self.routes(Some(true)),
            Reach::RulesAndListeners => self.routes(None),
            Reach::Alarms => {
                let (partition, region, account) = (&self.partition, &self.region, &self.account);
                let arn = |name: &AlarmName| {
                    format!("arn:{partition}:cloudwatch:{region}:{account}:alarm:{name}")
                };
                self.alarms.iter().map(arn).collect()
            }
            Reach::ScalableTargets => {
                let (partition, region, account) = (&self.partition, &self.region, &self.account);
                vec![format!(
                    "arn:{partition}:application-autoscaling:{region}:{account}:scalable-target/*"
                )]
            }
        }
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    actions: BTreeSet<&'static str>,
    resources: Vec<String>,
    condition: Option<Value>,
}

/// The least that IAM must allow for a deployment and everything that may become of it: success,
/// rollback, resume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

impl Policy {
    /// The policy for this.
    pub fn new(scope: &PolicyScope) -> Self {
        let mut by_reach: BTreeMap<Reach, BTreeSet<&'static str>> = BTreeMap::new();
        for operation in Operation::ALL {
            let (reach, need) = access(*operation);
            if scope.needs(need) {
                by_reach.entry(reach).or_default().insert(operation.name());
            }
        }
        let cluster = scope.ecs(&format!("cluster/{}", scope.cluster));
        let mut statements: Vec<Statement> = by_reach
            .into_iter()
            .map(|(reach, actions)| Statement {
                actions,
                resources: scope.resources(reach),
                condition: match reach {
                    Reach::Cluster => Some(json!({ "ArnEquals": { "ecs:cluster": cluster } })),
                    Reach::ScalableTargets => Some(json!({ "StringEquals": {
                        "application-autoscaling:service-namespace": "ecs",
                        "application-autoscaling:scalable-dimension": "ecs:service:DesiredCount",
                    } })),
                    _ => None,
                },
            })
            .collect();
        statements.extend(Self::tags(scope));
        statements.extend(Self::roles(scope));
        Self { statements }
    }

    /// What is made is given tags by the call that makes it, which IAM asks for apart.
    fn tags(scope: &PolicyScope) -> Option<Statement> {
        let task_sets = scope.needs(Need::TaskSets).then(|| scope.resources(Reach::TaskSets));
        let family = scope.needs(Need::Registration).then(|| scope.resources(Reach::Family));
        let made_by = [("CreateTaskSet", &task_sets), ("RegisterTaskDefinition", &family)];
        let made_by: Vec<&str> =
            made_by.iter().filter(|(_, made)| made.is_some()).map(|(by, _)| *by).collect();
        let resources: Vec<String> = task_sets.into_iter().chain(family).flatten().collect();
        (!resources.is_empty()).then(|| Statement {
            actions: BTreeSet::from(["ecs:TagResource"]),
            resources,
            condition: Some(json!({ "StringEquals": { "ecs:CreateAction": made_by } })),
        })
    }

    /// The roles that a new revision gives to its tasks.
    fn roles(scope: &PolicyScope) -> Option<Statement> {
        (scope.needs(Need::Registration) && !scope.roles.is_empty()).then(|| Statement {
            actions: BTreeSet::from(["iam:PassRole"]),
            resources: scope.roles.iter().cloned().collect(),
            condition: Some(json!({
                "StringEquals": { "iam:PassedToService": "ecs-tasks.amazonaws.com" }
            })),
        })
    }

    /// Every action that is allowed.
    pub fn actions(&self) -> BTreeSet<&'static str> {
        self.statements.iter().flat_map(|statement| &statement.actions).copied().collect()
    }

    pub(super) fn to_json(&self) -> Value {
        let statements = self.statements.iter().map(|statement| {
            let mut value = json!({
                "Effect": "Allow",
                "Action": statement.actions,
                "Resource": statement.resources,
            });
            if let (Some(condition), Some(members)) = (&statement.condition, value.as_object_mut())
            {
                members.insert("Condition".to_owned(), condition.clone());
            }
            value
        });
        json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() })
    }
}

impl fmt::Display for Policy {
    /// The policy as a JSON document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.to_json())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012";

    fn scope(realisation: Realisation) -> PolicyScope {
        PolicyScope {
            partition: "aws".to_owned(),
            region: "eu-west-1".to_owned(),
            account: "123456789012".to_owned(),
            cluster: "prod".to_owned(),
            services: vec!["web".to_owned()],
            realisation,
            balanced: true,
            on_instances: false,
            rules: vec![format!("{ELB}:listener-rule/app/web/1/2/3").parse().unwrap()],
            alarms: vec![AlarmName::new("5xx").unwrap()],
            metrics: false,
            family: Some("web".to_owned()),
            roles: BTreeSet::from(["arn:aws:iam::123456789012:role/task".to_owned()]),
            scaling: None,
        }
    }

    fn statement<'a>(policy: &'a Value, action: &str) -> &'a Value {
        let has = |one: &&Value| one["Action"].as_array().unwrap().iter().any(|it| it == action);
        policy["Statement"].as_array().unwrap().iter().find(has).unwrap()
    }

    #[test]
    fn every_action_reaches_no_further_than_it_must() {
        let policy = Policy::new(&scope(Realisation::TaskSets)).to_json();
        let reach = |action| statement(&policy, action)["Resource"].to_string();
        let ecs = "arn:aws:ecs:eu-west-1:123456789012";
        assert_eq!(reach("ecs:CreateTaskSet"), format!(r#"["{ecs}:task-set/prod/web/*"]"#));
        assert_eq!(reach("ecs:DescribeServices"), format!(r#"["{ecs}:service/prod/web"]"#));
        assert_eq!(
            reach("ecs:RegisterTaskDefinition"),
            format!(r#"["{ecs}:task-definition/web:*"]"#)
        );
        assert_eq!(
            reach("elasticloadbalancing:ModifyRule"),
            format!(r#"["{ELB}:listener-rule/app/web/1/2/3"]"#)
        );
        assert_eq!(reach("cloudwatch:DescribeAlarms"), r#"["*"]"#);
        let condition = &statement(&policy, "iam:PassRole")["Condition"]["StringEquals"];
        assert_eq!(condition["iam:PassedToService"], "ecs-tasks.amazonaws.com");
        let condition = &statement(&policy, "ecs:ListTasks")["Condition"]["ArnEquals"];
        assert_eq!(condition["ecs:cluster"], format!("{ecs}:cluster/prod"));
    }

    #[test]
    fn nothing_is_allowed_that_the_deployment_does_not_need() {
        let all = Policy::new(&scope(Realisation::TaskSets)).actions();
        assert!(!all.contains("ecs:UpdateService") && !all.contains("ecs:ListServiceDeployments"));
        assert!(!all.contains("elasticloadbalancing:ModifyListener"));
        let bare = PolicyScope {
            balanced: false,
            rules: vec![],
            alarms: vec![],
            family: None,
            ..scope(Realisation::InPlace)
        };
        let bare = Policy::new(&bare).actions();
        assert!(bare.contains("ecs:UpdateService") && !bare.contains("ecs:CreateTaskSet"));
        for absent in ["elasticloadbalancing", "cloudwatch", "iam", "application", "ecs:Register"] {
            assert!(!bare.iter().any(|action| action.starts_with(absent)), "{absent}: {bare:?}");
        }
        let listener = format!("{ELB}:listener/net/web/1/2").parse().unwrap();
        let network = PolicyScope { rules: vec![listener], ..scope(Realisation::Pair) };
        let network = Policy::new(&network).actions();
        assert!(network.contains("elasticloadbalancing:ModifyListener"));
        assert!(!network.contains("elasticloadbalancing:ModifyRule"));
        // the requests of the side that goes are counted
        assert!(all.contains("cloudwatch:GetMetricData"));
        assert!(!network.contains("cloudwatch:GetMetricData"));
    }

    #[test]
    fn autoscaling_is_written_only_where_it_is_held() {
        let of = |scaling| Policy::new(&PolicyScope { scaling, ..scope(Realisation::Pair) });
        let (look, write) = (
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:RegisterScalableTarget",
        );
        let left = of(Some(ScalingPolicy::Leave)).actions();
        assert!(left.contains(look) && !left.contains(write));
        let held = of(Some(ScalingPolicy::SuspendScaleIn)).to_json();
        let register = statement(&held, write);
        let targets = "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/*";
        assert_eq!(register["Resource"], json!([targets]));
        let condition = &register["Condition"]["StringEquals"];
        assert_eq!(condition["application-autoscaling:service-namespace"], "ecs");
    }

    #[test]
    fn every_operation_is_allowed_by_some_policy() {
        let listener = format!("{ELB}:listener/app/web/1/2").parse().unwrap();
        let rules = [scope(Realisation::Pair).rules, vec![listener]].concat();
        let mut allowed = BTreeSet::new();
        for realisation in [Realisation::TaskSets, Realisation::Pair, Realisation::InPlace] {
            let all = PolicyScope {
                on_instances: true,
                metrics: true,
                scaling: Some(ScalingPolicy::Suspend),
                rules: rules.clone(),
                ..scope(realisation)
            };
            allowed.extend(Policy::new(&all).actions());
        }
        for operation in Operation::ALL {
            assert!(allowed.contains(operation.name()), "{operation:?}");
        }
    }
}
