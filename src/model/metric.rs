//! `CloudWatch` metrics as data.
#![expect(clippy::exhaustive_structs, reason = "specs, gates and ports build these")]

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use super::time::as_millis;

/// The name of a metric: with other dimensions it is another metric.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// `Namespace`.
    pub namespace: String,
    /// `MetricName`.
    pub name: String,
    /// `Dimensions`.
    #[serde(default)]
    pub dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// A metric of an Application Load Balancer, as a whole or of one target group; both by the value of
    /// their dimension.
    pub fn of_balancer(name: &str, balancer: &str, group: Option<&str>) -> Self {
        let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let group = group.map(|group| dimension("TargetGroup", group));
        Self {
            namespace: "AWS/ApplicationELB".to_owned(),
            name: name.to_owned(),
            dimensions: group.into_iter().chain([dimension("LoadBalancer", balancer)]).collect(),
        }
    }
}

/// Where the data of a query come from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::exhaustive_enums, reason = "CloudWatch has two")]
pub enum MetricSource {
    /// A statistic of a metric (`MetricStat`).
    Statistic {
        /// The metric.
        metric: Metric,
        /// `Stat`: `Sum`, `Average`, `p99` …
        statistic: String,
    },
    /// Metric math over other queries, by their ids (`Expression`).
    Expression {
        /// The formula.
        formula: String,
    },
}

/// One query (`MetricDataQuery`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    /// By what formulas and the answer name it: lower case first, then letters, digits and `_`.
    pub id: String,
    /// Where its data come from.
    pub source: MetricSource,
    /// The length of a period: whole minutes.
    #[serde(with = "as_millis")]
    pub period: Duration,
    /// Whether its data are answered, or only used by formulas.
    pub returned: bool,
}
