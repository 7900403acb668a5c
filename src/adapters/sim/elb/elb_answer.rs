//! What Elastic Load Balancing answers.

use std::collections::BTreeMap;

use serde_json::Value;

/// What Elastic Load Balancing answers to an [`ElbCall`](super::ElbCall). Descriptions are in AWS's
/// words; a `CreatedTime` is milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ElbAnswer {
    /// `LoadBalancers`.
    LoadBalancers(Vec<Value>),
    /// `TargetGroups`.
    TargetGroups(Vec<Value>),
    /// `Listeners`.
    Listeners(Vec<Value>),
    /// `Rules`.
    Rules(Vec<Value>),
    /// `TargetHealthDescriptions`.
    TargetHealth(Vec<Value>),
    /// `Attributes` of a load balancer or a target group.
    Attributes(BTreeMap<String, String>),
    /// `TagDescriptions`: ARNs with their tags.
    Tags(Vec<(String, BTreeMap<String, String>)>),
    /// Done; nothing more to say.
    Done,
}

impl ElbAnswer {
    /// Takes its last item away.
    pub(crate) fn drop_last(&mut self) {
        match self {
            Self::LoadBalancers(items)
            | Self::TargetGroups(items)
            | Self::Listeners(items)
            | Self::Rules(items)
            | Self::TargetHealth(items) => drop(items.pop()),
            Self::Tags(items) => drop(items.pop()),
            Self::Attributes(_) | Self::Done => {}
        }
    }
}
