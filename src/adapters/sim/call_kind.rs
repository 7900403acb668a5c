//! The operations of AWS that are simulated, by name.

macro_rules! kinds {
    ($($name:ident, $text:literal, $write:literal;)*) => {
        /// An operation of AWS.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is the operation of the same name")]
        #[non_exhaustive]
        pub enum CallKind { $($name,)* }

        impl CallKind {
            /// Every operation.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name with the service, `ecs:UpdateTaskSet`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Whether it changes anything.
            pub const fn is_write(self) -> bool {
                match self { $(Self::$name => $write,)* }
            }
        }
    };
}

kinds! {
    DescribeServices, "ecs:DescribeServices", false;
    DescribeTaskSets, "ecs:DescribeTaskSets", false;
    DescribeTasks, "ecs:DescribeTasks", false;
    CreateTaskSet, "ecs:CreateTaskSet", true;
    UpdateTaskSet, "ecs:UpdateTaskSet", true;
    UpdateServicePrimaryTaskSet, "ecs:UpdateServicePrimaryTaskSet", true;
    DeleteTaskSet, "ecs:DeleteTaskSet", true;
    UpdateService, "ecs:UpdateService", true;
    DeleteService, "ecs:DeleteService", true;
    RegisterTaskDefinition, "ecs:RegisterTaskDefinition", true;
    CreateCluster, "ecs:CreateCluster", true;
    DescribeClusters, "ecs:DescribeClusters", false;
    ListClusters, "ecs:ListClusters", false;
    DeleteCluster, "ecs:DeleteCluster", true;
    DeregisterTaskDefinition, "ecs:DeregisterTaskDefinition", true;
    DescribeTaskDefinition, "ecs:DescribeTaskDefinition", false;
    ListTaskDefinitions, "ecs:ListTaskDefinitions", false;
    ListTaskDefinitionFamilies, "ecs:ListTaskDefinitionFamilies", false;
    CreateService, "ecs:CreateService", true;
    ListServices, "ecs:ListServices", false;
    ListTasks, "ecs:ListTasks", false;
    StopTask, "ecs:StopTask", true;
    ListServiceDeployments, "ecs:ListServiceDeployments", false;
    DescribeServiceDeployments, "ecs:DescribeServiceDeployments", false;
    DescribeServiceRevisions, "ecs:DescribeServiceRevisions", false;
    StopServiceDeployment, "ecs:StopServiceDeployment", true;
    TagResource, "ecs:TagResource", true;
    UntagResource, "ecs:UntagResource", true;
    ListTagsForResource, "ecs:ListTagsForResource", false;
    RegisterScalableTarget, "application-autoscaling:RegisterScalableTarget", true;
    DescribeScalableTargets, "application-autoscaling:DescribeScalableTargets", false;
    DeregisterScalableTarget, "application-autoscaling:DeregisterScalableTarget", true;
    DescribeTargetHealth, "elasticloadbalancing:DescribeTargetHealth", false;
    DescribeRules, "elasticloadbalancing:DescribeRules", false;
    ModifyRule, "elasticloadbalancing:ModifyRule", true;
    DeleteRule, "elasticloadbalancing:DeleteRule", true;
    CreateLoadBalancer, "elasticloadbalancing:CreateLoadBalancer", true;
    DescribeLoadBalancers, "elasticloadbalancing:DescribeLoadBalancers", false;
    DeleteLoadBalancer, "elasticloadbalancing:DeleteLoadBalancer", true;
    DescribeLoadBalancerAttributes, "elasticloadbalancing:DescribeLoadBalancerAttributes", false;
    ModifyLoadBalancerAttributes, "elasticloadbalancing:ModifyLoadBalancerAttributes", true;
    CreateTargetGroup, "elasticloadbalancing:CreateTargetGroup", true;
    DescribeTargetGroups, "elasticloadbalancing:DescribeTargetGroups", false;
    ModifyTargetGroup, "elasticloadbalancing:ModifyTargetGroup", true;
    DeleteTargetGroup, "elasticloadbalancing:DeleteTargetGroup", true;
    DescribeTargetGroupAttributes, "elasticloadbalancing:DescribeTargetGroupAttributes", false;
    ModifyTargetGroupAttributes, "elasticloadbalancing:ModifyTargetGroupAttributes", true;
    CreateListener, "elasticloadbalancing:CreateListener", true;
    DescribeListeners, "elasticloadbalancing:DescribeListeners", false;
    ModifyListener, "elasticloadbalancing:ModifyListener", true;
    DeleteListener, "elasticloadbalancing:DeleteListener", true;
    CreateRule, "elasticloadbalancing:CreateRule", true;
    SetRulePriorities, "elasticloadbalancing:SetRulePriorities", true;
    RegisterTargets, "elasticloadbalancing:RegisterTargets", true;
    DeregisterTargets, "elasticloadbalancing:DeregisterTargets", true;
    AddTags, "elasticloadbalancing:AddTags", true;
    RemoveTags, "elasticloadbalancing:RemoveTags", true;
    DescribeTags, "elasticloadbalancing:DescribeTags", false;
    DescribeAlarms, "cloudwatch:DescribeAlarms", false;
    DescribeAlarmHistory, "cloudwatch:DescribeAlarmHistory", false;
    GetMetricData, "cloudwatch:GetMetricData", false;
    SetAlarmState, "cloudwatch:SetAlarmState", true;
    PutAlarm, "cloudwatch:PutMetricAlarm", true;
    DeleteAlarms, "cloudwatch:DeleteAlarms", true;
    PutCompositeAlarm, "cloudwatch:PutCompositeAlarm", true;
    EnableAlarmActions, "cloudwatch:EnableAlarmActions", true;
    DisableAlarmActions, "cloudwatch:DisableAlarmActions", true;
    PutMetricData, "cloudwatch:PutMetricData", true;
    GetMetricStatistics, "cloudwatch:GetMetricStatistics", false;
    ListMetrics, "cloudwatch:ListMetrics", false;
    TagAlarm, "cloudwatch:TagResource", true;
    UntagAlarm, "cloudwatch:UntagResource", true;
    ListTagsForAlarm, "cloudwatch:ListTagsForResource", false;
}
