//! The names of metrics.

use std::collections::BTreeMap;

/// The name of a metric: it is another one with other dimensions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_structs, reason = "CloudWatch names a metric by these three")]
pub struct MetricId {
    /// `Namespace`.
    pub namespace: String,
    /// `MetricName`.
    pub name: String,
    /// `Dimensions`.
    pub dimensions: BTreeMap<String, String>,
}

impl MetricId {
    /// A metric of an Application Load Balancer.
    pub(super) fn of_balancer(name: &str, balancer: &str, group: Option<&str>) -> Self {
        let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let group = group.map(|group| dimension("TargetGroup", group));
        Self {
            namespace: "AWS/ApplicationELB".to_owned(),
            name: name.to_owned(),
            dimensions: group.into_iter().chain([dimension("LoadBalancer", balancer)]).collect(),
        }
    }
}
