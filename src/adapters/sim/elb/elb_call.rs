//! Calls to Elastic Load Balancing.

use std::collections::BTreeMap;

use serde_json::Map;
use serde_json::Value;

use super::super::call_kind::CallKind;

/// A target as calls name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::exhaustive_structs, reason = "AWS names a target by these two")]
pub struct TargetId {
    /// Its address or instance id.
    pub id: String,
    /// Its port; the group's where none is given.
    pub port: Option<u32>,
}

/// A call to Elastic Load Balancing. `settings` hold the parameters that are kept as they are given,
/// in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the operation and the parameters of the same name")]
#[non_exhaustive]
pub enum ElbCall {
    CreateLoadBalancer {
        name: String,
        settings: Map<String, Value>,
        tags: BTreeMap<String, String>,
    },
    DescribeLoadBalancers {
        arns: Vec<String>,
        names: Vec<String>,
    },
    DeleteLoadBalancer {
        load_balancer: String,
    },
    DescribeLoadBalancerAttributes {
        load_balancer: String,
    },
    ModifyLoadBalancerAttributes {
        load_balancer: String,
        attributes: BTreeMap<String, String>,
    },
    CreateTargetGroup {
        name: String,
        settings: Map<String, Value>,
        tags: BTreeMap<String, String>,
    },
    DescribeTargetGroups {
        load_balancer: Option<String>,
        arns: Vec<String>,
        names: Vec<String>,
    },
    ModifyTargetGroup {
        target_group: String,
        settings: Map<String, Value>,
    },
    DeleteTargetGroup {
        target_group: String,
    },
    DescribeTargetGroupAttributes {
        target_group: String,
    },
    ModifyTargetGroupAttributes {
        target_group: String,
        attributes: BTreeMap<String, String>,
    },
    CreateListener {
        load_balancer: String,
        settings: Map<String, Value>,
        actions: Vec<Value>,
        tags: BTreeMap<String, String>,
    },
    DescribeListeners {
        load_balancer: Option<String>,
        arns: Vec<String>,
    },
    ModifyListener {
        listener: String,
        settings: Map<String, Value>,
        actions: Option<Vec<Value>>,
    },
    DeleteListener {
        listener: String,
    },
    CreateRule {
        listener: String,
        priority: u32,
        conditions: Vec<Value>,
        actions: Vec<Value>,
        tags: BTreeMap<String, String>,
    },
    DescribeRules {
        listener: Option<String>,
        arns: Vec<String>,
    },
    ModifyRule {
        rule: String,
        conditions: Option<Vec<Value>>,
        actions: Option<Vec<Value>>,
    },
    DeleteRule {
        rule: String,
    },
    SetRulePriorities {
        priorities: Vec<(String, u32)>,
    },
    RegisterTargets {
        target_group: String,
        targets: Vec<TargetId>,
    },
    DeregisterTargets {
        target_group: String,
        targets: Vec<TargetId>,
    },
    DescribeTargetHealth {
        target_group: String,
        targets: Vec<TargetId>,
    },
    AddTags {
        arns: Vec<String>,
        tags: BTreeMap<String, String>,
    },
    RemoveTags {
        arns: Vec<String>,
        keys: Vec<String>,
    },
    DescribeTags {
        arns: Vec<String>,
    },
}

impl ElbCall {
    /// Which operation it is.
    pub const fn kind(&self) -> CallKind {
        match self {
            Self::CreateLoadBalancer { .. } => CallKind::CreateLoadBalancer,
            Self::DescribeLoadBalancers { .. } => CallKind::DescribeLoadBalancers,
            Self::DeleteLoadBalancer { .. } => CallKind::DeleteLoadBalancer,
            Self::DescribeLoadBalancerAttributes { .. } => CallKind::DescribeLoadBalancerAttributes,
            Self::ModifyLoadBalancerAttributes { .. } => CallKind::ModifyLoadBalancerAttributes,
            Self::CreateTargetGroup { .. } => CallKind::CreateTargetGroup,
            Self::DescribeTargetGroups { .. } => CallKind::DescribeTargetGroups,
            Self::ModifyTargetGroup { .. } => CallKind::ModifyTargetGroup,
            Self::DeleteTargetGroup { .. } => CallKind::DeleteTargetGroup,
            Self::DescribeTargetGroupAttributes { .. } => CallKind::DescribeTargetGroupAttributes,
            Self::ModifyTargetGroupAttributes { .. } => CallKind::ModifyTargetGroupAttributes,
            Self::CreateListener { .. } => CallKind::CreateListener,
            Self::DescribeListeners { .. } => CallKind::DescribeListeners,
            Self::ModifyListener { .. } => CallKind::ModifyListener,
            Self::DeleteListener { .. } => CallKind::DeleteListener,
            Self::CreateRule { .. } => CallKind::CreateRule,
            Self::DescribeRules { .. } => CallKind::DescribeRules,
            Self::ModifyRule { .. } => CallKind::ModifyRule,
            Self::DeleteRule { .. } => CallKind::DeleteRule,
            Self::SetRulePriorities { .. } => CallKind::SetRulePriorities,
            Self::RegisterTargets { .. } => CallKind::RegisterTargets,
            Self::DeregisterTargets { .. } => CallKind::DeregisterTargets,
            Self::DescribeTargetHealth { .. } => CallKind::DescribeTargetHealth,
            Self::AddTags { .. } => CallKind::AddTags,
            Self::RemoveTags { .. } => CallKind::RemoveTags,
            Self::DescribeTags { .. } => CallKind::DescribeTags,
        }
    }
}
