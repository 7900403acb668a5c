//! The API operations that the adapters call.

/// AWS counts calls by family: each has a token bucket for an account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    ServiceRead,
    ServiceWrite,
    TaskRead,
    TaskDefinitionRead,
    TaskDefinitionWrite,
    BalancerRead,
    BalancerWrite,
    Alarms,
    Metrics,
    Scaling,
}

impl Family {
    /// What this process takes of it at most: calls at once, and calls in ten seconds. AWS's figures
    /// are for all of an account's tools together, so it is half of them; where AWS publishes none, a
    /// cautious guess.
    pub(crate) const fn share(self) -> (u32, u32) {
        match self {
            Self::ServiceRead | Self::TaskRead => (50, 100),
            Self::ServiceWrite => (25, 25),
            Self::TaskDefinitionRead => (25, 100),
            Self::TaskDefinitionWrite => (10, 5),
            Self::Scaling => (10, 50),
            Self::BalancerRead => (20, 50),
            Self::BalancerWrite => (10, 25),
            Self::Alarms => (9, 45),
            Self::Metrics => (25, 250),
        }
    }
}

macro_rules! operations {
    ($($name:ident, $text:literal, $family:ident;)*) => {
        /// An API operation that the adapters call.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $(#[doc = concat!("`", $text, "`.")] $name,)*
        }

        impl Operation {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name as IAM spells it, `ecs:DescribeServices`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            pub(crate) const fn family(self) -> Family {
                match self {
                    $(Self::$name => Family::$family,)*
                }
            }
        }
    };
}

operations! {
    DescribeServices, "ecs:DescribeServices", ServiceRead;
    DescribeTaskSets, "ecs:DescribeTaskSets", ServiceRead;
    ListServiceDeployments, "ecs:ListServiceDeployments", ServiceRead;
    DescribeServiceDeployments, "ecs:DescribeServiceDeployments", ServiceRead;
    DescribeServiceRevisions, "ecs:DescribeServiceRevisions", ServiceRead;
    ListTasks, "ecs:ListTasks", TaskRead;
    DescribeTasks, "ecs:DescribeTasks", TaskRead;
    DescribeContainerInstances, "ecs:DescribeContainerInstances", TaskRead;
    DescribeTaskDefinition, "ecs:DescribeTaskDefinition", TaskDefinitionRead;
    ListTaskDefinitions, "ecs:ListTaskDefinitions", TaskDefinitionRead;
    RegisterTaskDefinition, "ecs:RegisterTaskDefinition", TaskDefinitionWrite;
    CreateTaskSet, "ecs:CreateTaskSet", ServiceWrite;
    UpdateTaskSet, "ecs:UpdateTaskSet", ServiceWrite;
    UpdateServicePrimaryTaskSet, "ecs:UpdateServicePrimaryTaskSet", ServiceWrite;
    DeleteTaskSet, "ecs:DeleteTaskSet", ServiceWrite;
    UpdateService, "ecs:UpdateService", ServiceWrite;
    DescribeListeners, "elasticloadbalancing:DescribeListeners", BalancerRead;
    DescribeRules, "elasticloadbalancing:DescribeRules", BalancerRead;
    DescribeTargetGroups, "elasticloadbalancing:DescribeTargetGroups", BalancerRead;
    DescribeTargetGroupAttributes, "elasticloadbalancing:DescribeTargetGroupAttributes", BalancerRead;
    DescribeTargetHealth, "elasticloadbalancing:DescribeTargetHealth", BalancerRead;
    DescribeTags, "elasticloadbalancing:DescribeTags", BalancerRead;
    ModifyRule, "elasticloadbalancing:ModifyRule", BalancerWrite;
    ModifyListener, "elasticloadbalancing:ModifyListener", BalancerWrite;
    AddTags, "elasticloadbalancing:AddTags", BalancerWrite;
    DescribeAlarms, "cloudwatch:DescribeAlarms", Alarms;
    DescribeAlarmHistory, "cloudwatch:DescribeAlarmHistory", Alarms;
    GetMetricData, "cloudwatch:GetMetricData", Metrics;
    DescribeScalableTargets, "application-autoscaling:DescribeScalableTargets", Scaling;
    RegisterScalableTarget, "application-autoscaling:RegisterScalableTarget", Scaling;
}
